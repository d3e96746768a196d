import type { Socket } from 'node:net';
import { ContinueFilter } from './continue-filter.ts';

/** `HTTP/1.1`: how every response begins. */
const versionLength = 8;

/**
 * What must be known of a connection to the origin and what undici keeps to itself: whether it has served an earlier request,
 * whether it is failing at this very moment, and the HTTP version of the response; and what must be kept from it: a 100 that nobody asked for. One watch belongs to one client of the pool,
 * which has one socket at a time and one request at a time on it.
 */
export class ConnectionWatch {
  #requests = 0;
  #failing = false;
  #responseStart = '';
  readonly #filter = new ContinueFilter();

  /**
   * Whether the socket reports an error right now. After a reset undici takes a response that ends with its connection for
   * complete; RFC 9112 §8 does not.
   */
  get failing(): boolean {
    return this.#failing;
  }

  /** Whether an earlier request went over this connection. */
  get reused(): boolean {
    return this.#requests > 1;
  }

  /** The first bytes that came after the request was sent: an HTTP version where the origin keeps to the protocol. */
  get responseVersion(): string {
    return this.#responseStart;
  }

  /** Watches a socket that has just connected. `adopt` gives it to undici, which adds its listener between our two. */
  watch(socket: Socket, adopt: () => void): void {
    this.#requests = 0;
    this.#lookAtBytes(socket);
    socket.on('error', () => {
      this.#failing = true;
    });
    adopt();
    socket.on('error', () => {
      this.#failing = false;
    });
  }

  /** A request is about to be written to the socket. */
  requestStarts(): void {
    this.#requests++;
    this.#responseStart = '';
    this.#filter.expectResponse();
  }

  /** Looks at what arrives as it enters the stream: a listener for data would take it away from undici. */
  #lookAtBytes(socket: Socket): void {
    const push = socket.push.bind(socket);
    socket.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
      if (chunk === null) {
        const held = this.#filter.end();
        if (held.length > 0) push(held);
      }
      if (!Buffer.isBuffer(chunk)) return push(chunk, encoding);
      const passed = this.#filter.pass(chunk);
      const missing = versionLength - this.#responseStart.length;
      if (missing > 0) this.#responseStart += passed.toString('latin1', 0, missing);
      return passed.length === 0 || push(passed);
    };
  }
}
