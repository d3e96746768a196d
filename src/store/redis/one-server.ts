import type { Endpoint } from './address.ts';
import type { Argument } from './connection.ts';
import type { RedisLimits } from './limits.ts';
import { Server, type ServerEvents, type Within, type Witness } from './server.ts';
import type { Servers } from './servers.ts';

/** A Redis that is no cluster. */
export class OneServer implements Servers {
  readonly isOne = true;
  readonly #server: Server;

  constructor(endpoint: Endpoint, limits: RedisLimits, events: ServerEvents, witness: Witness) {
    this.#server = new Server(endpoint, limits, events, witness);
  }

  get failures(): number {
    return this.#server.failures;
  }

  isUp(): boolean {
    return this.#server.isUp;
  }

  isPrompt(): boolean {
    return this.#server.isPrompt;
  }

  call(_key: string, command: readonly Argument[], time: Within): Promise<unknown> {
    return this.#server.call(command, time);
  }

  endpointOf(): Endpoint {
    return this.#server.endpoint;
  }

  all(): readonly Server[] {
    return [this.#server];
  }

  open(): Promise<void> {
    return this.#server.open();
  }

  close(): void {
    this.#server.close();
  }
}
