import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type ServerOpts, type Socket } from 'node:net';

export interface DoorsOptions {
  /** At all addresses together; who comes beyond it is closed at once. */
  readonly maxConnections: number;
  /** How long one that is held waits to be let in, in milliseconds; then it is closed. */
  readonly holdMs: number;
  /** Of the sockets that are accepted; all of them are paused. */
  readonly socket: ServerOpts;
  /** Is asked when all places are taken and somebody comes: whether it has destroyed one of the sockets that are inside. */
  readonly makeRoom: () => boolean;
  /** Is told of each that was closed as there was no room. */
  readonly onTurnedAway?: (() => void) | undefined;
}

/** Gets a connection that is let in, paused; returns the socket that it goes on with, whose end makes room. */
export type Enter = (accepted: Socket) => Socket;

/** One that was accepted and is not read yet. */
interface Held {
  readonly enter: Enter;
  readonly leave: () => void;
  readonly expire: () => void;
}

/** Where connections come in: any number of addresses, with one limit for all of them together. */
export class Doors {
  readonly #options: DoorsOptions;
  /** With what resolves when everybody has left who came by it, once it is closed. */
  readonly #servers = new Map<Server, Promise<void> | undefined>();
  #inside = 0;
  /** Undefined while all are let in. */
  #held: Map<Socket, Held> | undefined;

  constructor(options: DoorsOptions) {
    this.#options = options;
  }

  /** How many are inside or held, up to that limit. */
  get inside(): number {
    return this.#inside;
  }

  /** Opens one more. Resolves with the port. Rejects with the error of the system. */
  async open(port: number, host: string, enter: Enter): Promise<number> {
    const options = { ...this.#options.socket, pauseOnConnect: true };
    const server = createServer(options, (accepted) => this.#arrive(accepted, enter));
    this.#servers.set(server, undefined);
    server.listen(port, host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  /** From now on whoever comes is held: accepted, as the system would soon refuse more, but not read. */
  hold(): void {
    this.#held ??= new Map();
  }

  /** Lets those in that are held, and whoever comes. */
  admit(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const [socket, { enter, leave, expire }] of held) {
      socket.setTimeout(0, expire);
      socket.off('close', leave);
      this.#let(socket, enter);
    }
  }

  /** Closes all of them to whoever comes now, and lets those in that are held. Resolves when everybody has left who had come before. */
  async close(): Promise<void> {
    this.admit();
    const left = [...this.#servers].map(([server, known]) => {
      const closing = known ?? closed(server);
      this.#servers.set(server, closing);
      return closing;
    });
    await Promise.all(left);
  }

  #arrive(accepted: Socket, enter: Enter): void {
    const { maxConnections, makeRoom, onTurnedAway } = this.#options;
    if (this.#inside >= maxConnections && !makeRoom()) {
      accepted.destroy();
      onTurnedAway?.();
      return;
    }
    this.#inside += 1;
    if (this.#held === undefined) this.#let(accepted, enter);
    else this.#holdBack(accepted, enter, this.#held);
  }

  #let(socket: Socket, enter: Enter): void {
    enter(socket).once('close', () => {
      this.#inside -= 1;
    });
  }

  #holdBack(socket: Socket, enter: Enter, held: Map<Socket, Held>): void {
    const expire = (): void => void socket.destroy();
    const leave = (): void => {
      held.delete(socket);
      this.#inside -= 1;
    };
    held.set(socket, { enter, leave, expire });
    socket.setTimeout(this.#options.holdMs, expire);
    socket.once('close', leave);
  }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // A server that could not listen has nothing to close, which it reports as an error.
    server.close(() => resolve());
  });
}
