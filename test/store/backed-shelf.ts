import { ManualClock } from '../../src/play/manual-clock.ts';
import { lifetimeEnding } from '../../src/policy/age.ts';
import { equivalenceKey, isOfTarget, pathOf } from '../../src/policy/search-variation.ts';
import { BackedShelf, type BackedShelfOptions } from '../../src/store/backed.ts';
import type { ShelfRules } from '../../src/store/backed-records.ts';
import type { Backing } from '../../src/store/backing.ts';
import { contractLimits } from './shelf-contract.ts';

/** What the policy says. */
export const shelfRules: ShelfRules = { equivalenceKey, isOfTarget, lifetimeEnding, pathOf };

/** A clock at which everything was received that tests make, and whose world has another time than it has counted itself. */
export function backedClock(): ManualClock {
  const clock = new ManualClock(10_000);
  clock.jump(1_795_000_000_000);
  return clock;
}

/** A shelf over a backing, with the limits of the contract. */
export function backedShelf(backing: Backing, options: Partial<BackedShelfOptions> = {}): BackedShelf {
  const { maxObjectBytes, maxVariants } = contractLimits;
  return new BackedShelf({
    backing,
    kind: 'disk',
    clock: backedClock(),
    rules: shelfRules,
    maxObjectBytes,
    maxVariants,
    maxOrderedNames: 1_000,
    ...options,
  });
}
