import type { EpochMs } from '../http/message.ts';
import type { Comparing } from './expect.ts';
import type { Instants } from './fixture.ts';
import type { Transport } from './transport.ts';

/** What both sides of a fixture share while it is played. */
export class Stage {
  readonly transport: Transport;
  readonly #start: EpochMs;
  readonly #cacheStatus: boolean;

  constructor(transport: Transport, cacheStatus: boolean) {
    this.transport = transport;
    this.#start = transport.now();
    this.#cacheStatus = cacheStatus;
  }

  instants(): Instants {
    return { start: this.#start, now: this.transport.now() };
  }

  comparing(): Comparing {
    return { instants: this.instants(), cacheStatus: this.#cacheStatus };
  }
}
