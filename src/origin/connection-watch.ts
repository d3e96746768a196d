import type { Socket } from 'node:net';
import { ContinueFilter } from './continue-filter.ts';
import { HeldSocket } from './held-socket.ts';

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
  #wasReset = false;
  #firstError: Error | undefined;
  #responseStart = '';
  readonly #filter = new ContinueFilter();
  #reading: HeldSocket | undefined;

  /**
   * Whether the socket reports an error right now. After a reset undici takes a response that ends with its connection for
   * complete; RFC 9112 §8 does not.
   */
  get failing(): boolean {
    return this.#failing;
  }

  /**
   * Whether the connection ended by a reset that came right behind the last bytes: the system tells of those and of an end, and of no error. But who was at the other end of a connection that was reset is not
   * known any more, as it is after an orderly end.
   */
  get wasReset(): boolean {
    return this.#wasReset;
  }

  /**
   * What the connection failed with, if it did. Undici tells the last error alone: of an alert of TLS and the end behind it, the end. With TLS 1.3 such an alert is how an origin tells, when the request has been
   * sent, that it wants a certificate.
   */
  get firstError(): Error | undefined {
    return this.#firstError;
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
    this.#wasReset = false;
    this.#firstError = undefined;
    this.#lookAtBytes(socket);
    this.#reading = new HeldSocket(socket);
    socket.on('error', (error) => {
      this.#failing = true;
      this.#firstError ??= error;
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

  /** Leaves what the origin sends where it is. */
  hold(): void {
    this.#reading?.hold();
  }

  goOn(): void {
    this.#reading?.goOn();
  }

  /** Looks at what arrives as it enters the stream: a listener for data would take it away from undici. */
  #lookAtBytes(socket: Socket): void {
    const push = socket.push.bind(socket);
    socket.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
      if (chunk === null) {
        this.#wasReset = socket.remoteAddress === undefined;
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
