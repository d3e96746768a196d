import type { Settings } from './config/settings.ts';
import { systemClock } from './engine/clock.ts';
import type { Limits } from './engine/limits.ts';
import { lifetimeEnding } from './policy/age.ts';
import { equivalenceKey, isOfTarget, pathOf } from './policy/search-variation.ts';
import { BackedShelf, type BackedShelfOptions } from './store/backed.ts';
import { usageErrorOf } from './shelf-check.ts';
import type { Claims } from './store/claims.ts';
import type { Bus } from './store/disk/bus.ts';
import type { Sharing } from './store/disk/owner.ts';
import { DirectoryRefused } from './store/disk/refused.ts';
import type { HotList } from './store/lower.ts';
import { MemoryStore } from './store/memory.ts';
import { OpeningShelf } from './store/opening-shelf.ts';
import { defaultRedisLimits } from './store/redis/limits.ts';
import type { Store } from './store/store.ts';
import { TieredStore } from './store/tiered.ts';
import { waitingBytesBeside } from './store/waiting.ts';
import { Warm } from './store/warm.ts';

/** With whom a shelf is shared, beyond what the settings say. */
export interface Sharers {
  /** A name of this process that it has again after a restart. */
  readonly place: string;
  readonly bus: Bus;
  readonly claims: Claims;
  readonly sharing: Sharing;
}

export interface ShelvesContext {
  /** By which this instance is known to others. */
  readonly instance: string;
  /** One line for the operator. */
  readonly warn: (line: string) => void;
  /** Absent: the process is alone. */
  readonly sharers?: Sharers | undefined;
}

/** Where responses are kept: memory, and what is beneath it by the settings. */
export interface Shelves {
  readonly store: Store;
  /** Resolves when what is beneath memory can be used. Rejects with a UsageError where it never can; where nobody has called it by then, that is a warning. */
  readonly opened: () => Promise<void>;
  /** Resolves when what was being put there is there, and nothing is open any more. Never rejects: trouble is a warning. */
  readonly close: () => Promise<void>;
}

/** Begins to open what the settings name; until it is open there is memory alone. */
export function createShelves(settings: Settings, context: ShelvesContext): Shelves {
  const { store: asked, limits } = settings;
  const memory = new MemoryStore({
    maxBytes: limits.memoryBytes,
    maxObjectBytes: Math.floor(limits.memoryBytes * limits.maxObjectShare),
    maxVariants: limits.maxVariants,
    givenSerials: asked.kind !== 'memory',
  });
  if (asked.kind === 'memory') return { store: memory, opened: () => Promise.resolve(), close: async () => {} };
  const lower = new OpeningShelf(asked.kind);
  const store = new TieredStore({ memory, lower, kind: asked.kind, clock: systemClock, lifetimeEnding });
  const openedShelf =
    asked.kind === 'disk' ? openDiskShelf(asked, limits, context) : openRedisShelf(asked, limits, context);
  let warm: Warm | undefined;
  let isAwaited = false;
  const opened = openedShelf.then(({ shelf, hot }) => {
    lower.open(shelf);
    if (hot === undefined) return;
    warm = new Warm({
      memory,
      lower,
      hot,
      bring: (place) => store.bring(place),
      clock: systemClock,
      warmMs: limits.warmMs,
    });
    void warm.start();
  });
  opened.catch((error: unknown) => {
    // A program that does not listen by us goes on with memory.
    if (!isAwaited) context.warn(error instanceof Error ? error.message : String(error));
  });
  const close = async (): Promise<void> => {
    await opened.catch(() => undefined);
    await warm?.close();
    await store.settled();
    await lower
      .close()
      .catch((error: unknown) => context.warn(`store: what was stored last may be lost: ${String(error)}`));
  };
  return {
    store,
    opened: () => {
      isAwaited = true;
      return opened;
    },
    close,
  };
}

interface Opened {
  readonly shelf: BackedShelf;
  readonly hot?: HotList;
}

async function openDiskShelf(
  { directory }: Extract<Settings['store'], { kind: 'disk' }>,
  limits: Limits,
  { warn, sharers }: ShelvesContext,
): Promise<Opened> {
  const { openDisk } = await import('./store/disk/backing.ts');
  try {
    const maxBytes = limits.diskBytes;
    const instance = sharers?.place ?? 'alone';
    const { bus, sharing: sharedBy } = sharers ?? {};
    const maxWaitingBytes = waitingBytesBeside(limits.memoryBytes);
    const backing = await openDisk({ directory, maxBytes, maxWaitingBytes, instance, bus, sharedBy, warn });
    const options = { backing, kind: 'disk', maxObjectBytes: Math.floor(maxBytes * limits.maxObjectShare) } as const;
    const claims = sharers === undefined ? {} : { claims: sharers.claims };
    const shelf = backedShelf({ ...options, ...claims }, limits);
    // What comes into memory from here is not looked for again: an order about it must not be missed.
    await backing.log.joined;
    return { shelf, hot: backing };
  } catch (error) {
    if (!(error instanceof DirectoryRefused)) throw error;
    throw usageErrorOf(error);
  }
}

async function openRedisShelf(
  { url }: Extract<Settings['store'], { kind: 'redis' }>,
  limits: Limits,
  { instance, warn }: ShelvesContext,
): Promise<Opened> {
  const { openRedis } = await import('./store/redis/backing.ts');
  const { shelfLookupMs: lookupMs, memoryBytes } = limits;
  const maxWaitingBytes = Math.min(defaultRedisLimits.maxWaitingBytes, waitingBytesBeside(memoryBytes));
  const backing = await openRedis({ url, instance, say: warn, limits: { lookupMs, maxWaitingBytes } });
  const { claims } = backing;
  return {
    shelf: backedShelf({ backing, kind: 'redis', claims, maxObjectBytes: defaultRedisLimits.maxContentBytes }, limits),
  };
}

function backedShelf(
  options: Pick<BackedShelfOptions, 'backing' | 'kind' | 'maxObjectBytes' | 'claims'>,
  { maxVariants, maxInvalidatedKeys }: Limits,
): BackedShelf {
  const rules = { lifetimeEnding, pathOf, equivalenceKey, isOfTarget };
  // Orders of all who share the shelf, for the quarter of an hour that they may wait to be done.
  const maxOrderedNames = 4 * maxInvalidatedKeys;
  return new BackedShelf({ ...options, clock: systemClock, rules, maxVariants, maxOrderedNames });
}
