import { type Endpoint, nameOf } from './address.ts';
import { type Argument, RedisRefusal, within } from './connection.ts';
import { isOfNoCluster } from './remedy.ts';
import type { RedisLimits } from './limits.ts';
import { Server, type ServerEvents, type Within, type Witness } from './server.ts';
import type { Servers } from './servers.ts';
import { redirectionOf, slotCount, slotOf, slotRangesOf } from './slots.ts';

export interface ClusterEvents extends ServerEvents {
  /** That server, and perhaps no other, has answered, and that it is of no cluster whose servers could be used. */
  readonly noCluster: (server: Server, reason: Error) => void;
  /** It is known who is in charge of what. */
  readonly learned: () => void;
}

/** After that many times "somewhere else" for one call it has failed. */
const maxRedirections = 4;

/** The servers of a cluster that are in charge of something. Where what is, is asked of any of them, and learned from those that send elsewhere. */
export class Cluster implements Servers {
  readonly isOne = false;
  readonly #seeds: readonly [Endpoint, ...Endpoint[]];
  readonly #limits: RedisLimits;
  readonly #events: ClusterEvents;
  readonly #witness: Witness;
  readonly #servers = new Map<string, Server>();
  #slots: (Server | undefined)[] = Array.from({ length: slotCount });
  #learning: Promise<void> | undefined;
  #again: NodeJS.Timeout | undefined;
  #failuresOfOthers = 0;
  #closed = false;

  constructor(seeds: readonly [Endpoint, ...Endpoint[]], limits: RedisLimits, events: ClusterEvents, witness: Witness) {
    this.#seeds = seeds;
    this.#witness = witness;
    this.#limits = limits;
    this.#events = {
      ...events,
      down: (server, reason) => {
        events.down(server, reason);
        // Another one may take its place, of which nobody tells.
        this.#learnSoon();
      },
    };
  }

  get failures(): number {
    let failures = this.#failuresOfOthers;
    for (const server of this.#servers.values()) failures += server.failures;
    return failures;
  }

  isUp(key: string): boolean {
    return this.#slots[slotOf(key)]?.isUp === true;
  }

  isPrompt(key: string): boolean {
    return this.#slots[slotOf(key)]?.isPrompt === true;
  }

  async call(key: string, command: readonly Argument[], time: Within): Promise<unknown> {
    const until = performance.now() + time.ms;
    let server = this.#slots[slotOf(key)];
    let isAsked = false;
    for (let redirections = 0; redirections < maxRedirections; redirections++) {
      if (server === undefined) break;
      const left = { ...time, ms: Math.max(1, until - performance.now()) };
      // Only what follows it at once may be asked of a server that is not in charge yet.
      if (isAsked) server.call(['ASKING'], left).catch(() => undefined);
      try {
        return await server.call(command, left);
      } catch (error) {
        const there = error instanceof RedisRefusal ? redirectionOf(error.message) : undefined;
        if (there === undefined) throw error;
        isAsked = error instanceof RedisRefusal && error.code === 'ASK';
        const next = this.#serverAt({ ...server.endpoint, host: there.host || server.endpoint.host, port: there.port });
        if (!isAsked) this.#moved(there.slot, next);
        if (next?.isUp === false) await within(next.open(), left.ms, `no connection to ${nameOf(next.endpoint)} yet`);
        server = next;
      }
    }
    this.#failuresOfOthers++;
    throw new Error('no server of the cluster has that key');
  }

  endpointOf(key: string): Endpoint {
    return this.#slots[slotOf(key)]?.endpoint ?? this.#seeds[0];
  }

  all(): readonly Server[] {
    const inCharge = new Set(this.#slots);
    return [...this.#servers]
      .filter(([, server]) => inCharge.has(server))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, server]) => server);
  }

  async open(): Promise<void> {
    await this.#learn();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#again);
    for (const server of this.#servers.values()) server.close();
  }

  #moved(slot: number, server: Server | undefined): void {
    if (server !== undefined) this.#slots[slot] = server;
    this.#learnSoon();
  }

  #learnSoon(): void {
    if (this.#closed || this.#again !== undefined) return;
    this.#again = setTimeout(() => {
      this.#again = undefined;
      void this.#learn();
    }, this.#limits.probeMs);
    this.#again.unref();
  }

  /** Asks who is in charge of what; again after a while, until all of them can be asked. */
  #learn(): Promise<void> {
    this.#learning ??= this.#ask().finally(() => {
      this.#learning = undefined;
      const servers = this.all();
      if (servers.length === 0 || servers.some(({ isUp }) => !isUp)) this.#learnSoon();
    });
    return this.#learning;
  }

  async #ask(): Promise<void> {
    for (const server of this.#whoMayKnow()) {
      if (server === undefined || this.#closed) continue;
      const ranges = await rangesAt(server, this.#limits, this.#events);
      if (ranges.length > 0) return this.#take(ranges, server);
    }
  }

  /** Those that are named in the URL, to all of which it is connected for that, only where no other one can tell. */
  *#whoMayKnow(): Generator<Server | undefined> {
    yield* this.all().filter(({ isUp }) => isUp);
    yield* this.#seeds.map((seed) => this.#serverAt(seed));
  }

  async #take(ranges: ReturnType<typeof slotRangesOf>, teller: Server): Promise<void> {
    if (this.#closed) return;
    const slots: (Server | undefined)[] = Array.from({ length: slotCount });
    for (const { first, last, host, port } of ranges) {
      const server = this.#serverAt({ ...teller.endpoint, host: host || teller.endpoint.host, port });
      slots.fill(server, first, last + 1);
    }
    this.#slots = slots;
    this.#events.learned();
    const inCharge = new Set(slots);
    for (const [name, server] of this.#servers) {
      if (inCharge.has(server)) continue;
      server.close();
      this.#failuresOfOthers += server.failures;
      this.#servers.delete(name);
    }
    await Promise.all([...this.#servers.values()].map((server) => server.open()));
  }

  /** Undefined where there are too many already. */
  #serverAt(endpoint: Endpoint): Server | undefined {
    const name = nameOf(endpoint);
    let server = this.#servers.get(name);
    if (server === undefined && !this.#closed && this.#servers.size < this.#limits.maxServers) {
      server = new Server(endpoint, this.#limits, this.#events, this.#witness);
      this.#servers.set(name, server);
      void server.open();
    }
    return server;
  }
}

async function rangesAt(
  server: Server,
  { workMs }: RedisLimits,
  { noCluster }: ClusterEvents,
): Promise<ReturnType<typeof slotRangesOf>> {
  await server.open();
  try {
    const ranges = slotRangesOf(await server.call(['CLUSTER', 'SLOTS'], { ms: workMs, evenIfSlow: true }));
    if (ranges.length === 0) noCluster(server, new Error('it knows of no server that has slots'));
    return ranges;
  } catch (error) {
    if (isOfNoCluster(error) || (error instanceof RedisRefusal && error.code === 'NOPERM')) noCluster(server, error);
    return [];
  }
}
