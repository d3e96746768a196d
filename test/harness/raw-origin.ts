import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

/** One connection to the raw origin, as bytes. */
export interface RawConnection {
  readonly socket: Socket;
  /** Counted from 0 in the order in which connections were accepted. */
  readonly index: number;
  /** Everything received so far, as latin1. */
  readonly received: string;
  /** Resolves when the connection is closed, from whatever side. */
  readonly closed: Promise<void>;
  send(text: string): void;
  /** Resolves once what was received satisfies the condition. */
  until(condition: (received: string) => boolean): Promise<void>;
}

export interface RawOrigin {
  readonly url: string;
  readonly port: number;
  readonly connections: readonly RawConnection[];
  /** Resolves with that connection, once it has been accepted. */
  connection(index: number): Promise<RawConnection>;
  close(): Promise<void>;
}

class Connection implements RawConnection {
  readonly socket: Socket;
  readonly index: number;
  readonly closed: Promise<void>;
  received = '';
  #waiters: (() => void)[] = [];

  constructor(socket: Socket, index: number) {
    this.socket = socket;
    this.index = index;
    // A connection that is reset is closed as well: `once` would reject.
    this.closed = new Promise((resolve) => {
      socket.on('close', () => resolve());
    });
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
      for (const waiter of this.#waiters.splice(0)) waiter();
    });
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  async until(condition: (received: string) => boolean): Promise<void> {
    while (!condition(this.received)) {
      const more = new Promise<void>((resolve) => {
        this.#waiters.push(resolve);
      });
      await more;
    }
  }
}

/**
 * An origin that knows no HTTP: each complete head that arrives on a connection is handed to `answer` with its number on that
 * connection (from 1), and `answer` writes whatever bytes it likes. With `received`, every arrival of bytes is.
 */
export async function rawOrigin(
  answer:
    | ((connection: RawConnection, request: number) => void)
    | { readonly received: (connection: RawConnection) => void } = () => undefined,
): Promise<RawOrigin> {
  const connections: Connection[] = [];
  const waiters: (() => void)[] = [];
  const server = createServer((socket) => {
    const connection = new Connection(socket, connections.length);
    connections.push(connection);
    let answered = 0;
    socket.on('data', () => {
      if (typeof answer !== 'function') {
        answer.received(connection);
        return;
      }
      const heads = connection.received.split('\r\n\r\n').length - 1;
      while (answered < heads) answer(connection, ++answered);
    });
    for (const waiter of waiters.splice(0)) waiter();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    connections,
    async connection(index) {
      for (let found = connections[index]; ; found = connections[index]) {
        if (found !== undefined) return found;
        const more = new Promise<void>((resolve) => {
          waiters.push(resolve);
        });
        await more;
      }
    },
    async close() {
      for (const { socket } of connections) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
