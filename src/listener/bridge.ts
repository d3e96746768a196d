import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { endAbruptly } from './abrupt-end.ts';

type Written = (error?: Error | null) => void;

/**
 * A client's connection as node:http sees it where the socket is not its own: what is received is handed on byte by byte, what is written goes to the
 * socket. It has what the listener reads from a socket beside its bytes; timers are the business of whoever owns the socket.
 */
export class Bridge extends Duplex {
  readonly #socket: Socket;
  #received = 0;
  #ended = false;

  constructor(socket: Socket) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
  }

  /** The connection itself. */
  get carrier(): Socket {
    return this.#socket;
  }

  /** Bytes handed on so far. */
  get bytesRead(): number {
    return this.#received;
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  get localAddress(): string | undefined {
    return this.#socket.localAddress;
  }

  get localPort(): number | undefined {
    return this.#socket.localPort;
  }

  /** Hands on what the client has sent; node:http may have had enough for now, and then the socket waits. */
  receive(bytes: Buffer): void {
    this.#received += bytes.length;
    if (!this.push(bytes)) this.#socket.pause();
  }

  /** The client will send no more. */
  receiveEnd(): void {
    if (!this.#ended) this.push(null);
    this.#ended = true;
  }

  setTimeout(): this {
    return this;
  }

  resetAndDestroy(): void {
    endAbruptly(this.#socket);
    this.destroy();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _: BufferEncoding, callback: Written): void {
    this.#socket.write(chunk, callback);
  }

  override _writev(chunks: readonly { chunk: Buffer }[], callback: Written): void {
    this.#socket.cork();
    chunks.forEach(({ chunk }, index) => {
      this.#socket.write(chunk, index === chunks.length - 1 ? callback : undefined);
    });
    this.#socket.uncork();
  }

  override _final(callback: Written): void {
    this.#socket.end(callback);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#socket.destroy();
    callback(error);
  }
}
