import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type ServerOpts, type Socket } from 'node:net';

/** Where connections come in: any number of addresses, with one limit for all of them together. */
export class Doors {
  readonly #maxConnections: number;
  readonly #options: ServerOpts;
  readonly #enter: (socket: Socket) => void;
  readonly #servers: Server[] = [];
  #inside = 0;

  /** @param enter Gets each connection but those beyond the limit, which are closed at once. */
  constructor(maxConnections: number, options: ServerOpts, enter: (socket: Socket) => void) {
    this.#maxConnections = maxConnections;
    this.#options = options;
    this.#enter = enter;
  }

  /** Opens one more. Resolves with the port. Rejects with the error of the system. */
  async open(port: number, host: string): Promise<number> {
    const server = createServer(this.#options, (socket) => this.#arrive(socket));
    this.#servers.push(server);
    server.listen(port, host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  /** Closes all of them to whoever comes now. Resolves when everybody has left who had come before. */
  async close(): Promise<void> {
    await Promise.all(this.#servers.map(closed));
  }

  #arrive(socket: Socket): void {
    if (this.#inside >= this.#maxConnections) {
      socket.destroy();
      return;
    }
    this.#inside += 1;
    socket.once('close', () => {
      this.#inside -= 1;
    });
    this.#enter(socket);
  }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // A server that could not listen has nothing to close, which it reports as an error.
    server.close(() => resolve());
  });
}
