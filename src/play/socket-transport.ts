import type { EpochMs } from '../http/message.ts';
import type { Activity } from './activity.ts';
import type { PassingTime } from './passing-time.ts';
import { sendOverSocket } from './socket-client.ts';
import type { Reception, SocketOrigin } from './socket-origin.ts';
import type { ClientExchange, ClientRequest, Transport } from './transport.ts';

/** What a fixture over sockets is played on. */
export interface SocketGround {
  /** Where the cache listens. */
  readonly cache: URL;
  readonly origin: SocketOrigin;
  readonly reception: Reception;
  readonly activity: Activity;
  readonly time: PassingTime;
  /** Ends what was started for this fixture alone. */
  close(): Promise<void>;
}

/** How long nothing may move before what is waited for counts as not coming: only a fixture that fails waits so long. */
const patienceMs = 1_500;

/** Clients and an origin on real sockets, with a cache between them. */
export class SocketTransport implements Transport {
  readonly arrivals: Transport['arrivals'];
  readonly jump?: (ms: number) => void;
  readonly #ground: SocketGround;
  readonly #sent: ClientExchange[] = [];

  constructor(ground: SocketGround) {
    this.#ground = ground;
    this.arrivals = ground.reception.arrivals;
    const { time } = ground;
    if (time.jump !== undefined) this.jump = (ms) => time.jump?.(ms);
  }

  now(): EpochMs {
    return this.#ground.time.now();
  }

  advance(ms: number): Promise<void> {
    return this.#ground.time.advance(ms);
  }

  send(request: ClientRequest): ClientExchange {
    const { cache, reception, activity } = this.#ground;
    const exchange = sendOverSocket(cache, request, { place: reception.place, moved: activity.moved });
    this.#sent.push(exchange);
    return exchange;
  }

  async acceptConnections(accept: boolean): Promise<void> {
    if (accept) await this.#ground.origin.listen();
    else this.#ground.origin.refuse();
    await this.settle();
  }

  settle(): Promise<void> {
    return this.#ground.time.quiet();
  }

  /** Looks again after everything that moves, and gives up when nothing has moved for long. */
  async until(condition: () => boolean): Promise<boolean> {
    while (!condition()) {
      if (!(await this.#ground.activity.next(patienceMs))) return condition();
    }
    return true;
  }

  async close(): Promise<void> {
    for (const exchange of this.#sent) exchange.leave();
    for (const arrival of this.arrivals) arrival.breakOff();
    await this.#ground.close();
  }
}
