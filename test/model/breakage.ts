import type { Clock } from '../../src/engine/clock.ts';
import type { RequestHandler } from '../../src/engine/exchange.ts';
import type { Operations } from '../../src/engine/operations.ts';
import type { Origin } from '../../src/origin/origin.ts';
import type { Backing } from '../../src/store/backing.ts';
import type { MemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/store.ts';
import type { HeapGround } from '../store/heap-backing.ts';

/** What may be wrong with the parts of an instance, in an adapter around each of them: whatever is here is in the place of what it gets. */
export interface Breakage {
  readonly clock?: (clock: Clock) => Clock;
  readonly origin?: (origin: Origin) => Origin;
  readonly memory?: (memory: MemoryStore) => MemoryStore;
  readonly store?: (store: Store) => Store;
  readonly backing?: (backing: Backing) => Backing;
  readonly operations?: (operations: Operations) => Pick<Operations, 'purge'>;
  readonly handler?: (handler: RequestHandler, origin: Origin) => RequestHandler;
  /** When an instance is started again. */
  readonly restarted?: (ground: HeapGround) => void;
}

export const nothingBroken: Breakage = {};
