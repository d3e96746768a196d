import type { Readable } from 'node:stream';
import type { RequestHead, ResponseHead } from '../http/message.ts';

/** One request of a client and the place where its answer goes. Made by a listener, given to `Engine.handle`. */
export interface Exchange {
  readonly request: RequestHead;
  /** The request's content, not yet read; null when there is none. */
  readonly content: Readable | null;
  readonly client: Peer;
  readonly sink: ResponseSink;
}

export interface Peer {
  /** IP address as the socket gives it. */
  readonly address: string;
}

/**
 * Where an answer goes. Calls come in this order: any number of `interim`, one `head`, any number of `write`, then `end` or
 * `abort`. Calls after the client has gone do nothing.
 */
export interface ResponseSink {
  /** A 1xx answer (103, …); dropped where the client is HTTP/1.0. */
  interim(head: ResponseHead): void;
  /** The final head. Without Content-Length the listener frames the content itself (chunked, or by close for HTTP/1.0). */
  head(head: ResponseHead): void;
  /** False when the client's buffer is full: write no more until `onDrain`. The chunk is not copied: it must not change. */
  write(chunk: Uint8Array): boolean;
  /** The answer is complete. */
  end(): void;
  /** The answer can't be completed: the connection is destroyed so that the client sees it (RFC 9112 §8). */
  abort(): void;
  /** Sets who hears of the client; a later call replaces the earlier one. */
  listen(listener: SinkListener): void;
}

export interface SinkListener {
  onDrain(): void;
  /** The client has gone before `end`. Called at most once, never after `end`. */
  onClose(): void;
}

/**
 * Is told once how the sending of a hit came to its end: the client has taken all of it, has left, or took nothing for too long, and about how many bytes it did not take.
 */
export type HitEnd = (end: 'complete' | 'client-left' | 'stalled', untakenBytes: number) => void;

/** A complete answer from the shelf. */
export interface Hit {
  readonly head: ResponseHead;
  /** The content, in the order of its bytes; nothing where the answer has none. */
  readonly content: readonly Uint8Array[];
  readonly contentBytes: number;
  /**
   * Says that the content is being sent, from where it lies: it counts until the result is called, and the record is told then. Undefined where it is small enough to
   * be copied, and is told as complete at once.
   */
  readonly hold: (() => HitEnd) | undefined;
  /** Whether it was the answer to a request before: what the listener has made of it then is worth keeping. */
  readonly isRepeated: boolean;
  /** What the listener has made of it. */
  serialized: Buffer | undefined;
}

/** The engine as a listener sees it. */
export interface RequestHandler {
  handle(exchange: Exchange): void;
  /**
   * Answers a GET or HEAD without content at once, if that can be done without asking anybody; undefined where `handle` must have it. What it returns
   * is to be sent: same rules, same record in the log.
   */
  hit?(request: RequestHead, client: Peer): Hit | undefined;
}
