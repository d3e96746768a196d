import type { Clock } from '../../src/engine/clock.ts';
import type { RequestHandler } from '../../src/engine/exchange.ts';
import { Engine } from '../../src/engine/handle.ts';
import { defaultLimits } from '../../src/engine/limits.ts';
import type { Operations } from '../../src/engine/operations.ts';
import { onlyRoute } from '../../src/engine/route.ts';
import { noLog } from '../../src/observe/access-log.ts';
import { lifetimeEnding } from '../../src/policy/age.ts';
import { presets } from '../../src/policy/config.ts';
import type { BackedShelf } from '../../src/store/backed.ts';
import type { Claims } from '../../src/store/claims.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import type { Store, StoreStats } from '../../src/store/store.ts';
import { TieredStore } from '../../src/store/tiered.ts';
import { backedShelf } from '../store/backed-shelf.ts';
import { HeapBacking, type HeapGround } from '../store/heap-backing.ts';
import type { Breakage } from './breakage.ts';
import { ModelOrigin } from './model-origin.ts';
import type { Sayings } from './sayings.ts';
import type { Sequence, Trouble } from './sequence.ts';

/** Most responses of one target. */
export const maxVariants = 3;

/** What instances stand on. */
export interface Ground {
  readonly sequence: Sequence;
  readonly sayings: Sayings;
  readonly beneath: HeapGround;
  readonly claims: (isAlive: () => boolean) => Claims;
  readonly breakage: Breakage;
  readonly moved: () => void;
}

/** One process: an engine with memory of its own, over the shelf that all share. */
export class Instance {
  /** Another one after each restart. */
  readonly number: number;
  readonly origin: ModelOrigin;
  readonly handler: RequestHandler;
  readonly operations: Pick<Operations, 'purge'>;
  isAlive = true;
  /** Whether it can't tell all others what it orders, or be told. */
  isTroubled = false;
  readonly #ground: Ground;
  readonly #engine: Engine;
  readonly #memory: MemoryStore;
  #tiers: { readonly store: TieredStore; readonly lower: BackedShelf; readonly backing: HeapBacking } | undefined;

  constructor(number: number, ground: Ground) {
    this.number = number;
    this.#ground = ground;
    const { breakage, sayings } = ground;
    const clock = this.#clock();
    this.origin = new ModelOrigin(sayings, ground.moved);
    this.#memory = this.#ownMemory();
    const whole = this.#overShelf(clock);
    const store = breakage.store?.(whole) ?? whole;
    const origin = breakage.origin?.(this.origin) ?? this.origin;
    const forwarding = { originAuthority: 'origin.test', preserveHost: true, viaName: `etagere-${number}` };
    this.#engine = new Engine({
      routes: onlyRoute({ origin, policy: presets.safe, forwarding }),
      store,
      clock,
      // As many as may wait for one: who asks for too much at once is not what this is about.
      limits: { ...defaultLimits, maxVariants, maxFanOut: 100 },
      events: noLog,
      viaName: forwarding.viaName,
      trusts: () => false,
      cacheName: 'etagere',
    });
    this.handler = breakage.handler?.(this.#engine, origin) ?? this.#engine;
    this.operations = breakage.operations?.(this.#engine.operations) ?? this.#engine.operations;
  }

  /** Of its memory. */
  get stats(): StoreStats {
    return this.#memory.stats();
  }

  /** Takes all off the shelf, whatever is broken. */
  async empty(): Promise<void> {
    await this.#engine.operations.purge({ kind: 'all' }, 'hard');
  }

  suffer(trouble: Trouble): void {
    const backing = this.#tiers?.backing;
    if (backing === undefined) return;
    let calls = 0;
    const oneIn = trouble.kind === 'calls-fail' ? trouble.oneIn : Number.POSITIVE_INFINITY;
    backing.fails = () => ++calls % oneIn === 0;
    if (trouble.kind === 'cut-off') backing.cutOff();
    if (trouble.kind === 'over') backing.join();
    this.isTroubled = trouble.kind !== 'over';
  }

  /** Nothing of it happens any more, whatever it had begun. */
  crash(): void {
    this.isAlive = false;
    this.#tiers?.backing.cutOff();
    void this.#tiers?.backing.close();
    void this.origin.close();
  }

  /** Ends as a process does that was told to. */
  async close(): Promise<void> {
    await this.origin.close();
    await this.#tiers?.store.settled();
    await this.#tiers?.lower.close();
    this.isAlive = false;
  }

  /** Of this process: what it has scheduled is gone with it. */
  #clock(): Clock {
    const { sayings, breakage } = this.#ground;
    const shared = sayings.clock;
    const clock: Clock = {
      steady: () => shared.steady(),
      wall: () => shared.wall(),
      schedule: (ms, callback) => shared.schedule(ms, () => (this.isAlive ? callback() : undefined)),
    };
    return breakage.clock?.(clock) ?? clock;
  }

  #ownMemory(): MemoryStore {
    const { sequence, breakage } = this.#ground;
    const limits = { maxBytes: sequence.memoryBytes, maxObjectBytes: sequence.memoryBytes / 8, maxVariants };
    const memory = new MemoryStore({ ...limits, givenSerials: sequence.shelf !== 'memory' });
    return breakage.memory?.(memory) ?? memory;
  }

  #overShelf(clock: Clock): Store {
    const { sequence, breakage, beneath, claims } = this.#ground;
    const memory = this.#memory;
    if (sequence.shelf === 'memory') return memory;
    const backing = new HeapBacking(beneath, { isLater: sequence.shelf === 'later', instance: String(this.number) });
    const lower = backedShelf(breakage.backing?.(backing) ?? backing, {
      clock,
      maxObjectBytes: 2 ** 20,
      maxVariants,
      claims: claims(() => this.isAlive),
    });
    const store = new TieredStore({ memory, lower, clock, lifetimeEnding, kind: 'disk' });
    this.#tiers = { store, lower, backing };
    return store;
  }
}
