import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EtagereError } from '../errors.ts';
import type { ResponseSink, SinkListener } from '../engine/exchange.ts';
import { hasField } from '../http/fields.ts';
import type { RequestHead, ResponseHead } from '../http/message.ts';
import { serializeHead } from './raw-response.ts';
import { endAbruptly } from './abrupt-end.ts';
import type { RequestContent } from './request-content.ts';
import type { Patience } from './staged-close.ts';

/** What a sink stands on. */
export interface SinkParts {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly version: RequestHead['version'];
  readonly content: RequestContent | null;
  /** The content is too long to be read away, or the client has not been told to send it. */
  readonly closesUnread: boolean;
  /** For unread content to come in. */
  readonly lingerMs: Patience['lingerMs'];
  /** This answer is the last on its connection in any case. */
  readonly last: boolean;
  readonly connection: ClientConnection;
}

/** What an answer has to do with the connection that it goes over. */
export interface ClientConnection {
  /** Whether no further request is wanted; asked when a head is sent. */
  readonly closing: boolean;
  /** No further request is looked at. */
  stop(): void;
  /** An answer is complete: it is sent for as long as the client takes something of it. */
  watch(response: ServerResponse): void;
  /** Ends the connection when what was written is out. */
  end(): void;
  /** The same where an answer can't be completed. */
  breakOff(): void;
}

/** The place in node:http where an answer goes. */
export class NodeResponseSink implements ResponseSink {
  readonly #parts: SinkParts;
  #state: 'open' | 'headed' | 'ended' | 'gone' = 'open';
  #listener: SinkListener | undefined;
  #written = false;
  /** Only the end of the connection tells where the content ends: HTTP/1.0 without Content-Length. */
  #endsWithConnection = false;

  constructor(parts: SinkParts) {
    this.#parts = parts;
    const { response, version } = parts;
    // The engine dates its responses.
    response.sendDate = false;
    // For `TE: chunked` node:http would send chunks to HTTP/1.0 as well, which must not get them (RFC 9112 §6.1).
    if (version === '1.0') response.useChunkedEncodingByDefault = false;
    response.on('drain', () => {
      if (this.#state === 'headed') this.#listener?.onDrain();
    });
    response.on('finish', () => this.#readAway());
  }

  listen(listener: SinkListener): void {
    this.#listener = listener;
  }

  /**
   * Written to the socket itself: node:http can send 100, 102 and a 103 of its own making, but not an interim response as it was
   * received. That is safe while the response has the socket, nothing of it has been sent, and the one before is complete; a
   * response that waits for an earlier one has no socket yet, and its interim responses are dropped.
   */
  interim(head: ResponseHead): void {
    const { response, version } = this.#parts;
    if (this.#state !== 'open' || version === '1.0' || response.headersSent) return;
    const text = serializeHead(head);
    if (text !== undefined) response.socket?.write(text, 'latin1');
  }

  head(head: ResponseHead): void {
    if (this.#state !== 'open') return;
    this.#state = 'headed';
    const { response, content, closesUnread, version, connection } = this.#parts;
    const unread = content !== null && content.untouched;
    if (unread && !closesUnread) content.discard();
    this.#endsWithConnection = version === '1.0' && !hasField(head.fields, 'content-length');
    const last = this.#parts.last || connection.closing || (unread && closesUnread);
    if (last) connection.stop();
    response.writeHead(head.status, last ? [...head.fields, 'connection', 'close'] : [...head.fields]);
    // The head goes out with the first piece of content if that comes at once, and alone if it does not.
    queueMicrotask(() => {
      if (this.#state === 'headed' && !this.#written) response.flushHeaders();
    });
  }

  write(chunk: Uint8Array): boolean {
    if (this.#state !== 'headed') return true;
    this.#written = true;
    return this.#parts.response.write(chunk);
  }

  end(): void {
    if (this.#state !== 'headed') return;
    this.#state = 'ended';
    const { message, response, connection } = this.#parts;
    response.end();
    // One that waits for an earlier response has no socket yet.
    if (response.socket !== null && message.socket.writableLength === 0) return;
    connection.watch(response);
  }

  abort(): void {
    if (this.#state === 'gone' || this.#state === 'ended') return;
    const unanswered = this.#state === 'open';
    this.#state = 'gone';
    const { message, response, connection } = this.#parts;
    const { socket } = message;
    if (this.#endsWithConnection && 'resetAndDestroy' in socket) {
      // A mere end would look like the end of the content.
      endAbruptly(socket);
    } else if (unanswered) {
      socket.destroy();
    } else {
      // Since Node 26 what is written waits in the response until the end of the tick, not in the socket.
      while (response.writableCorked > 0) response.uncork();
      connection.breakOff();
    }
  }

  /** The client can't be answered any more: it has gone, or there was an `error` in the content of its request. */
  leave(error?: EtagereError): void {
    if (this.#state === 'gone' || this.#state === 'ended') return;
    this.#state = 'gone';
    this.#listener?.onClose();
    if (error !== undefined) this.#parts.content?.destroy(error);
  }

  /** The response is out; what the client still sends of its request is read away within limits, or the connection ends. */
  #readAway(): void {
    const { message, content, lingerMs, connection } = this.#parts;
    if (content === null || message.complete) return;
    const { socket } = message;
    const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
    message.once('close', () => clearTimeout(timer));
    message.once('end', () => clearTimeout(timer));
    content.discard(() => {
      connection.end();
    });
  }
}
