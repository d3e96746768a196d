import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { RawClient } from './raw-client.ts';

/** Told by node:http of each request that it has read. */
const channel = 'http.server.request.start';

/** A listener may refuse what the fast lane would not take, and that is left to node:http. */
const refused = /^HTTP\/1\.1 (?:400|414|431|501|505) /;

/** Sees on whose connections node:http had a part. */
export class LaneWatch {
  readonly #read = new Set<string>();
  readonly #plain: RawClient[] = [];

  constructor() {
    subscribe(channel, this.#told);
  }

  /** No request of this client, which is answered past node:http, has anything about it that the fast lane leaves to that. */
  expectPast(client: RawClient): void {
    this.#plain.push(client);
  }

  /** Those of whom that was expected, and of whose requests node:http has read one all the same. */
  read(): readonly string[] {
    const found = this.#plain.filter(({ ports, received }) => this.#read.has(ports) && !refused.test(received));
    return found.map(({ sent }) => sent);
  }

  end(): void {
    unsubscribe(channel, this.#told);
  }

  readonly #told = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket & { readonly carrier?: Socket } };
    const { localPort, remotePort } = socket.carrier ?? socket;
    this.#read.add(`${localPort} ${remotePort}`);
  };
}
