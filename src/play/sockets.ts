import type { Clock } from '../engine/clock.ts';
import type { EpochMs } from '../http/message.ts';
import { Activity } from './activity.ts';
import type { FixtureOptions } from './fixture.ts';
import { fixtureEpoch } from './in-process.ts';
import { ManualClock } from './manual-clock.ts';
import { MovedTime, type PassingTime, RealTime } from './passing-time.ts';
import { sendOverSocket } from './socket-client.ts';
import { SocketOrigin } from './socket-origin.ts';
import type { ClientExchange, ClientRequest, Transport, TransportSource } from './transport.ts';

/** A cache that listens. */
export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a cache that has nothing stored in front of an origin; called once for each fixture. */
export type StartCache = (surroundings: {
  readonly originUrl: string;
  readonly clock: Clock;
  readonly options: FixtureOptions;
}) => Promise<Listening>;

/** Plays fixtures over real sockets, on a cache in this process that takes its time from the fixture. */
export function overSockets(start: StartCache): TransportSource {
  return {
    reportsCacheStatus: true,
    async open(options) {
      const activity = new Activity();
      const origin = new SocketOrigin(activity.moved);
      await origin.listen();
      const clock = new ManualClock(fixtureEpoch);
      const cache = await start({ originUrl: origin.url, clock, options });
      return new SocketTransport(cache, origin, activity, new MovedTime(clock, activity));
    },
  };
}

/**
 * Plays fixtures on a cache elsewhere, in real time. The cache is in front of `http://127.0.0.1:<originPort>`. It keeps what it
 * stored from one fixture to the next: whoever plays several gives each a cache of its own, or an authority of its own.
 */
export function againstTarget(url: string, originPort: number): TransportSource {
  return {
    reportsCacheStatus: false,
    async open() {
      const activity = new Activity();
      const origin = new SocketOrigin(activity.moved);
      await origin.listen(originPort);
      const cache = { url, close: () => Promise.resolve() };
      return new SocketTransport(cache, origin, activity, new RealTime(activity));
    },
  };
}

/** How long nothing may move before what is waited for counts as not coming: only a fixture that fails waits so long. */
const patienceMs = 1_500;

class SocketTransport implements Transport {
  readonly arrivals: Transport['arrivals'];
  readonly jump?: (ms: number) => void;
  readonly #cache: Listening;
  readonly #origin: SocketOrigin;
  readonly #activity: Activity;
  readonly #time: PassingTime;
  readonly #sent: ClientExchange[] = [];

  constructor(cache: Listening, origin: SocketOrigin, activity: Activity, time: PassingTime) {
    this.#cache = cache;
    this.#origin = origin;
    this.#activity = activity;
    this.#time = time;
    this.arrivals = origin.arrivals;
    if (time.jump !== undefined) this.jump = (ms) => time.jump?.(ms);
  }

  now(): EpochMs {
    return this.#time.now();
  }

  advance(ms: number): Promise<void> {
    return this.#time.advance(ms);
  }

  send(request: ClientRequest): ClientExchange {
    const exchange = sendOverSocket(new URL(this.#cache.url), request, this.#activity.moved);
    this.#sent.push(exchange);
    return exchange;
  }

  async acceptConnections(accept: boolean): Promise<void> {
    if (accept) await this.#origin.listen();
    else this.#origin.refuse();
    await this.settle();
  }

  settle(): Promise<void> {
    return this.#time.quiet();
  }

  /** Looks again after everything that moves, and gives up when nothing has moved for long. */
  async until(condition: () => boolean): Promise<boolean> {
    while (!condition()) {
      if (!(await this.#activity.next(patienceMs))) return condition();
    }
    return true;
  }

  async close(): Promise<void> {
    for (const exchange of this.#sent) exchange.leave();
    this.#origin.close();
    await this.#cache.close();
  }
}
