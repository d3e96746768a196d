import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { ListenerEvents } from '../engine/events.ts';
import type { Peer, RequestHandler } from '../engine/exchange.ts';
import type { Limits } from '../engine/limits.ts';
import { EtagereError } from '../errors.ts';
import { fieldsOf } from '../http/fields.ts';
import { servedMethods } from '../http/problem.ts';
import { type Admitted, gate } from './gate.ts';
import { endBetweenReads } from './http2-end.ts';
import { http2Head } from './http2-head.ts';
import { Http2Sink } from './http2-sink.ts';
import { locally, refusal } from './raw-response.ts';
import { RequestContent } from './request-content.ts';

export interface Http2Parts {
  readonly handler: RequestHandler;
  readonly limits: Limits;
  /** Our name in Cache-Status and Proxy-Status. */
  readonly cacheName: string;
  readonly encodeTarget: boolean;
  readonly events: ListenerEvents;
}

/** A request that has not been answered to the end. */
interface OpenStream {
  readonly stream: ServerHttp2Stream;
  readonly sink: Http2Sink;
  readonly content: RequestContent | null;
}

/** What a client that asks and reads sends beside its requests is less than what it sends and gets, times this. */
const controlShare = 8;

/** Tells those who are to send no more requests that there is a last one, and does not say yet which (RFC 9113 §6.8). */
const lastStreamUnknown = 2 ** 31 - 1;

/** A client's connection over HTTP/2: the requests on it, and what it may cost. */
export class Http2Connection {
  readonly #session: ServerHttp2Session;
  readonly #socket: Socket;
  readonly #parts: Http2Parts;
  readonly #client: Peer;
  readonly #open = new Set<OpenStream>();
  /** Streams that the client has reset before it was answered, less one for each answer. */
  #resets = 0;
  /** Bytes of the heads, the content and the answers of streams that are over. */
  #usefulBytes = 0;
  #idle: NodeJS.Timeout | undefined;
  /** No further request is wanted. */
  #isLeaving = false;
  /** The client was told so. */
  #isTold = false;
  #isOver = false;

  /** @param socket What the session goes over. */
  constructor(session: ServerHttp2Session, socket: Socket, parts: Http2Parts) {
    this.#session = session;
    this.#socket = socket;
    this.#parts = parts;
    this.#client = { address: socket.remoteAddress ?? '' };
    session.on('error', () => undefined);
    endBetweenReads(session, () => this.#closeStreams());
    // The client sends no more, and says so to the session alone by GOAWAY: it has gone.
    socket.once('end', () => this.destroy());
    session.on('stream', (stream: ServerHttp2Stream, _: unknown, flags: number, lines: readonly string[]) => {
      this.#receive(stream, lines, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0);
    });
    session.once('close', () => {
      this.#isOver = true;
      clearTimeout(this.#idle);
    });
    this.#endIfIdleFor(parts.limits.clientHeadTimeoutMs);
  }

  /** Ends a connection over which comes what is part of no request: whoever asks, reads and keeps a connection alive sends little of that. */
  look(): void {
    let useful = this.#usefulBytes;
    for (const open of this.#open) {
      useful += usefulBytesOf(open);
      // Reset by the client without an error: such a stream waits for what can't be sent any more.
      if (open.stream.closed && !open.stream.writableFinished) open.stream.destroy();
    }
    const control = this.#socket.bytesRead - controlShare * useful;
    if (control > this.#parts.limits.clientControlBytes) this.#refuseAll('too many frames that ask for nothing');
  }

  /** No further request is wanted. A client that has asked for nothing is told with the next answer: once told, the library reads only for as long as there is something to answer. */
  retire(): void {
    this.#isLeaving = true;
    if (this.#open.size > 0) this.#tellLast();
  }

  /** The same, without further ado where nothing is under way. */
  drain(): void {
    this.retire();
    if (this.#open.size === 0) this.#end();
  }

  /** The session ends with its socket. */
  destroy(): void {
    this.#socket.destroy();
  }

  #receive(stream: ServerHttp2Stream, lines: readonly string[], isWhole: boolean): void {
    stream.on('error', () => undefined);
    for (const text of lines) this.#usefulBytes += text.length;
    if (this.#isOver) {
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
      return;
    }
    // It was reset before anybody could look at it.
    if (stream.destroyed || stream.closed) {
      this.#left();
      return;
    }
    clearTimeout(this.#idle);
    const { limits, encodeTarget } = this.#parts;
    const head = http2Head(lines);
    const gated =
      head instanceof EtagereError
        ? ({ ok: false, error: head } as const)
        : gate({ ...head, localAuthority: '', encodeTarget }, limits);
    const content = isWhole ? null : this.#contentOf(stream, gated.ok && gated.awaitsContinue);
    if (!gated.ok) this.#refuse(stream, gated.error, content);
    else if (gated.request.target === '*') this.#answerForServer(stream, gated, content);
    else this.#hand(stream, gated, content);
  }

  #hand(stream: ServerHttp2Stream, { request }: Admitted, content: RequestContent | null): void {
    const sink = this.#opened(stream, request.method, content);
    this.#parts.handler.handle({ request, content, client: this.#client, sink });
  }

  #refuse(stream: ServerHttp2Stream, error: EtagereError, content: RequestContent | null): void {
    this.#report(error, error.row.status);
    const document = refusal(error, this.#parts.cacheName);
    const sink = this.#opened(stream, 'GET', content);
    sink.head(document.head);
    sink.write(document.content);
    sink.end();
  }

  /** `OPTIONS *` asks about the server as a whole (RFC 9110 §9.3.7), and that is us. */
  #answerForServer(stream: ServerHttp2Stream, { request }: Admitted, content: RequestContent | null): void {
    const sink = this.#opened(stream, request.method, content);
    const head = { status: 204, fields: fieldsOf(['allow', servedMethods]) };
    sink.head(locally(head, this.#parts.cacheName, 'options-of-server'));
    sink.end();
  }

  #contentOf(stream: ServerHttp2Stream, awaitsContinue: boolean): RequestContent {
    const { clientDrainBytes, clientContentBytes, clientContentIdleMs, clientRequestTimeoutMs } = this.#parts.limits;
    const content: RequestContent = new RequestContent(stream, {
      isComplete: () => stream.readableEnded,
      drainBytes: clientDrainBytes,
      maxBytes: clientContentBytes,
      idleMs: clientContentIdleMs,
      onFirstRead: () => {
        if (awaitsContinue && !stream.headersSent && !stream.destroyed) stream.additionalHeaders({ ':status': 100 });
      },
      onFault: (error) => this.#failContent(stream, error),
    });
    const overdue = setTimeout(() => {
      const error = new EtagereError('REQUEST_TIMEOUT', 'it did not arrive in the time that is allowed');
      this.#failContent(stream, error);
      content.destroy(error);
    }, clientRequestTimeoutMs).unref();
    stream.once('end', () => clearTimeout(overdue));
    stream.once('close', () => clearTimeout(overdue));
    return content;
  }

  #opened(stream: ServerHttp2Stream, method: string, content: RequestContent | null): Http2Sink {
    const sink = new Http2Sink({ stream, method, stallMs: this.#parts.limits.clientStallMs });
    const open = { stream, sink, content };
    this.#open.add(open);
    if (this.#isLeaving) this.#tellLast();
    stream.once('aborted', () => this.#close(open));
    stream.once('close', () => this.#close(open));
    if (content !== null) {
      stream.once('finish', () => {
        // More content is not waited for (RFC 9113 §8.1). The stream does not end before what has come was taken, however much that is.
        stream.close(constants.NGHTTP2_NO_ERROR);
        content.discard(() => stream.resume());
      });
    }
    return sink;
  }

  #close(open: OpenStream): void {
    const { stream, sink } = open;
    if (!this.#open.delete(open)) return;
    this.#usefulBytes += usefulBytesOf(open);
    if (sink.isOpen || (sink.isEnded && !stream.writableFinished)) this.#left();
    else if (sink.isEnded) this.#resets = Math.max(0, this.#resets - 1);
    sink.leave();
    if (this.#open.size > 0) return;
    if (this.#isLeaving) this.#end();
    else this.#endIfIdleFor(this.#parts.limits.clientKeepAliveMs);
  }

  /** The client has reset a stream whose answer it has asked for: that costs it nothing, and others much. */
  #left(): void {
    // All of them end with their connection: whoever leaves it takes nothing back.
    if (this.#isOver || this.#session.destroyed || this.#socket.destroyed) return;
    this.#resets += 1;
    if (this.#resets > this.#parts.limits.clientStreamResets) this.#refuseAll('too many requests were taken back');
  }

  /** The content of a request is too long, or does not come: it is told so where it has no answer yet. */
  #failContent(stream: ServerHttp2Stream, error: EtagereError): void {
    const open = [...this.#open].find((each) => each.stream === stream);
    if (open === undefined) return;
    if (stream.headersSent) {
      stream.close(constants.NGHTTP2_CANCEL);
      return;
    }
    this.#open.delete(open);
    open.sink.leave();
    this.#refuse(stream, error, open.content);
  }

  /** RFC 9113 §10.5. */
  #refuseAll(detail: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const error = new EtagereError('REQUEST_FLOOD', detail);
    this.#report(error, 0);
    this.#session.destroy(error, constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  /** The session ends at once. */
  #closeStreams(): void {
    this.#isOver = true;
    for (const { stream } of this.#open) stream.close(constants.NGHTTP2_CANCEL);
    // The session waits for what it has begun to send, and who floods or fails need not read.
    this.#destroyLater();
  }

  #report(error: EtagereError, status: number): void {
    this.#parts.events.requestRefused({ client: this.#client, error: error.code, reason: error.detail, status });
  }

  #endIfIdleFor(ms: number): void {
    clearTimeout(this.#idle);
    if (this.#isOver) return;
    this.#idle = setTimeout(() => this.#end(), ms).unref();
  }

  /** Tells the client that it is to send no more requests, and answers what it has sent before it knows (RFC 9113 §6.8). */
  #tellLast(): void {
    if (this.#isTold || this.#session.closed || this.#session.destroyed) return;
    this.#isTold = true;
    this.#session.goaway(constants.NGHTTP2_NO_ERROR, lastStreamUnknown);
    // The answer to a ping comes behind all that was sent before the client has read this.
    this.#session.ping(() => this.#session.close());
  }

  /** Nothing is under way. */
  #end(): void {
    if (this.#isOver) return;
    this.#session.close();
    this.#destroyLater();
  }

  /**
   * What the client still sends is read away for a while: left unread, it would turn the close into a reset, and take the last answers along. A session with half of a head does not end by itself.
   */
  #destroyLater(): void {
    const linger = setTimeout(() => this.destroy(), this.#parts.limits.clientHeadTimeoutMs).unref();
    this.#socket.once('close', () => clearTimeout(linger));
  }
}

/** So much of what went over the connection is part of that request, or of its answer. */
function usefulBytesOf({ sink, content }: OpenStream): number {
  return sink.sentBytes + (content?.receivedBytes ?? 0);
}
