import { connect, type Socket } from 'node:net';
import { isFinal, readResponses } from './strict-messages.ts';

/** A client that knows no HTTP. */
export class RawClient {
  readonly socket: Socket;
  /** Resolves when the connection is closed, from whatever side. */
  readonly closed: Promise<void>;
  sent = '';
  received = '';
  reset = false;
  /** Of its connection, by which whoever has accepted that can tell it: the ports of the server and of its own. */
  ports = '';
  #waiters: (() => void)[] = [];

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1' });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.#wake();
        resolve();
      });
    });
    this.socket.on('connect', () => {
      this.ports = `${port} ${this.socket.localPort}`;
    });
    this.socket.on('error', () => {
      this.reset = true;
    });
    this.socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
      this.#wake();
    });
  }

  send(text: string): void {
    this.sent += text;
    this.socket.write(text, 'latin1');
  }

  /** Sends pieces, each a turn after the one before has left: whoever reads them in this process is likely to read them one by one. */
  async sendApart(pieces: readonly string[]): Promise<void> {
    this.socket.setNoDelay(true);
    for (const piece of pieces) {
      const sent = new Promise<void>((resolve) => {
        this.socket.write(piece, 'latin1', () => setImmediate(resolve));
      });
      await sent;
    }
  }

  /** Resolves once what was received satisfies the condition. Rejects when the connection closes before. */
  async until(condition: (received: string) => boolean): Promise<void> {
    while (!condition(this.received)) {
      if (this.socket.closed) throw new Error(`closed after ${JSON.stringify(this.received)}`);
      const more = new Promise<void>((resolve) => {
        this.#waiters.push(resolve);
      });
      await more;
    }
  }

  /**
   * Resolves when requests with these methods have been answered, and the connection, that the client ends then, is closed; or when it was closed before. So a client has its answers that does not say in its
   * request that this is the last: such a one is none for the fast lane.
   */
  async answered(methods: readonly string[] = ['GET']): Promise<void> {
    const isAnswered = (received: string): boolean =>
      readResponses(received, methods).messages.filter(isFinal).length === methods.length;
    await this.until(isAnswered).catch(() => undefined);
    this.socket.end();
    await this.closed;
  }

  #wake(): void {
    for (const waiter of this.#waiters.splice(0)) waiter();
  }
}
