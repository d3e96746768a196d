import type { Readable } from 'node:stream';
import type { EtagereError } from '../errors.ts';
import type { Fields } from '../http/fields.ts';
import type { ResponseHead } from '../http/message.ts';

/** A request as it goes to the next hop: fields already filtered and extended (see forwarding.ts). */
export interface OriginRequest {
  readonly method: string;
  readonly target: string;
  readonly fields: Fields;
  /** The client's content, still to be read; null when it has none. */
  readonly content: Readable | null;
}

/**
 * What an origin request tells its caller, in this order: any number of `onInterim`, one `onHead`, any number of `onData`, then
 * exactly one of `onEnd` or `onError`. `onError` may come at any point before; nothing comes after it, nor after `abort()`.
 * Handlers are never called before `request()` returned.
 */
export interface OriginHandler {
  /** A 1xx other than 100 and 101. */
  onInterim(head: ResponseHead): void;
  /** The final head with the fields as received. */
  onHead(head: ResponseHead): void;
  /** The chunk never changes and may be kept, but it may be a small view of a large buffer: copy what stays for long. */
  onData(chunk: Uint8Array): void;
  /** The content is complete: its framing ended cleanly and the length matched. */
  onEnd(): void;
  onError(error: EtagereError): void;
}

/** The caller's hand on a request in progress. */
export interface OriginCall {
  /** Asks for no more content; a chunk already on its way may still come. */
  pause(): void;
  resume(): void;
  /** Ends the request and destroys its connection if it is in use; no handler is called any more. `fault`: what the caller found wrong with the response, if that is why. */
  abort(fault?: EtagereError): void;
}

export interface OriginStats {
  /** Requests on the wire. */
  readonly active: number;
  /** Requests waiting for a connection. */
  readonly queued: number;
}

/** The port to the next hop. */
export interface Origin {
  /** Its URL without path, as it is printed: `http://127.0.0.1:3000`. */
  readonly url: string;
  request(request: OriginRequest, handler: OriginHandler): OriginCall;
  stats(): OriginStats;
  /** Breaks off what is under way and what waits, with the error CLOSING, and closes the connections. What comes later gets the same error. */
  close(): Promise<void>;
}
