import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type ServerOpts, type Socket } from 'node:net';

/** Where connections come in: any number of addresses, with one limit for all of them together. */
export class Doors {
  readonly #maxConnections: number;
  readonly #options: ServerOpts;
  readonly #enter: (accepted: Socket) => Socket;
  readonly #makeRoom: () => boolean;
  readonly #servers: Server[] = [];
  #inside = 0;

  /**
   * @param enter Gets each connection but those beyond the limit, which are closed at once; returns the socket that it goes on with, whose end makes room.
   * @param makeRoom Is asked when all places are taken and somebody comes: whether it has destroyed one of those sockets.
   */
  constructor(
    maxConnections: number,
    options: ServerOpts,
    enter: (accepted: Socket) => Socket,
    makeRoom: () => boolean = () => false,
  ) {
    this.#maxConnections = maxConnections;
    this.#options = options;
    this.#enter = enter;
    this.#makeRoom = makeRoom;
  }

  /** How many are inside, up to that limit. */
  get inside(): number {
    return this.#inside;
  }

  /** Opens one more. Resolves with the port. Rejects with the error of the system. */
  async open(port: number, host: string): Promise<number> {
    const server = createServer(this.#options, (accepted) => this.#arrive(accepted));
    this.#servers.push(server);
    server.listen(port, host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  /** Closes all of them to whoever comes now. Resolves when everybody has left who had come before. */
  async close(): Promise<void> {
    await Promise.all(this.#servers.map(closed));
  }

  #arrive(accepted: Socket): void {
    if (this.#inside >= this.#maxConnections && !this.#makeRoom()) {
      accepted.destroy();
      return;
    }
    this.#inside += 1;
    this.#enter(accepted).once('close', () => {
      this.#inside -= 1;
    });
  }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // A server that could not listen has nothing to close, which it reports as an error.
    server.close(() => resolve());
  });
}
