import { ManualClock } from '../../src/play/manual-clock.ts';
import { lifetimeEnding } from '../../src/policy/age.ts';
import type { Backing } from '../../src/store/backing.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import { TieredStore } from '../../src/store/tiered.ts';
import { backedShelf } from './backed-shelf.ts';
import { contractLimits } from './shelf-contract.ts';

/** Memory over a shelf on that backing, in a process whose clock that is. */
export class Tiers {
  readonly store: TieredStore;
  readonly close: () => Promise<void>;

  constructor(backing: Backing, clock = new ManualClock(0)) {
    const memory = new MemoryStore({ ...contractLimits, givenSerials: true });
    const lower = backedShelf(backing, { clock });
    this.store = new TieredStore({ memory, lower, kind: 'disk', clock, lifetimeEnding });
    this.close = () => lower.close();
  }
}
