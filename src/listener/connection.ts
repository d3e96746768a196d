import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ListenerEvents } from '../engine/events.ts';
import { type ErrorCode, EtagereError } from '../errors.ts';
import { withLine } from '../http/fields.ts';
import { normalAuthority } from './authority.ts';
import { refusal, serializeHead } from './raw-response.ts';
import type { NodeResponseSink } from './response-sink.ts';

/** A request that has not been answered to the end. */
interface OpenExchange {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly sink: NodeResponseSink;
}

/** A client's connection: the requests on it that are still to be answered, in order, and whether there will be more. */
export class Connection {
  readonly scheme: 'http' | 'https';
  readonly socket: Socket;
  readonly #cacheName: string;
  readonly #events: ListenerEvents;
  readonly #exchanges = new Set<OpenExchange>();
  #localAuthority: string | undefined;
  #stopped = false;
  /** What could not be read as a request, to be answered when everything before it has been. */
  #fault: EtagereError | undefined;
  #closing = false;
  /** The request that was answered last: its content may still be coming. */
  #answered: IncomingMessage | undefined;
  /** Of `socket.bytesRead`: how much belonged to requests that have been answered. */
  #bytesAnswered = 0;

  constructor(socket: Socket, cacheName: string, events: ListenerEvents) {
    this.socket = socket;
    this.#cacheName = cacheName;
    this.#events = events;
    this.scheme = 'encrypted' in socket ? 'https' : 'http';
    socket.once('close', () => {
      for (const { sink } of this.#exchanges) sink.leave();
      this.#exchanges.clear();
    });
  }

  /** No further request is wanted: responses say so, and the connection ends with the last of them. */
  get closing(): boolean {
    return this.#closing;
  }

  /** Whether requests are no longer looked at. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Our own end of the connection, as an authority. */
  get localAuthority(): string {
    this.#localAuthority ??= localAuthority(this.socket, this.scheme);
    return this.#localAuthority;
  }

  /** A request has begun. */
  open(exchange: OpenExchange): void {
    this.#exchanges.add(exchange);
    exchange.response.once('close', () => {
      this.#exchanges.delete(exchange);
      this.#answered = exchange.message;
      this.#bytesAnswered = this.socket.bytesRead;
      this.#settle();
    });
  }

  /**
   * The last request has been taken: no further one is looked at (RFC 9112 §9.6). After a refusal, because what follows may be
   * content that two readers see differently; after an answer that says close, because its client gets no other.
   */
  stop(): void {
    this.#stopped = true;
  }

  /** Tells that a request was refused. */
  report(error: EtagereError): void {
    const client = { address: this.socket.remoteAddress ?? '' };
    this.#events.requestRefused({ client, error: error.code, reason: error.detail, status: error.row.status });
  }

  /** Ends the connection once nothing is under way on it; a request of which a part has come is waited for. */
  close(): void {
    this.#closing = true;
    this.#settle();
  }

  /** What came is no request, or did not come in time. Requests that came as a whole before it are answered first. */
  fail(cause: Error): void {
    if (this.#fault !== undefined) return;
    if (!this.socket.writable) {
      this.socket.destroy();
      return;
    }
    this.#fault = cause instanceof EtagereError ? cause : readingError(cause);
    this.#settle();
  }

  #settle(): void {
    const [first, second] = this.#exchanges;
    if (first === undefined) {
      if (this.#fault !== undefined) this.#answer(this.#fault, this.#answered);
      else if (this.#closing && this.socket.bytesRead === this.#bytesAnswered)
        this.socket.end(() => this.socket.destroy());
    } else if (this.#fault !== undefined && second === undefined && !first.message.complete) {
      // The fault is in the content of the one request that is left: its answer, unless another has begun.
      first.sink.leave();
      this.#answer(this.#fault, first.response.headersSent ? first.message : undefined);
    }
  }

  /**
   * Answers past node:http, which has no request to answer to, and ends the connection. A request gets one answer: if the fault
   * is in what is left of one that has its answer, there is nothing to say.
   */
  #answer(error: EtagereError, answered: IncomingMessage | undefined): void {
    if (answered !== undefined && !answered.complete) {
      this.socket.destroy();
      return;
    }
    this.report(error);
    const { head, content } = refusal(error, this.#cacheName);
    this.socket.write(serializeHead({ ...head, fields: withLine(head.fields, 'connection', 'close') }) ?? '', 'latin1');
    this.socket.end(content, () => this.socket.destroy());
  }
}

/** Errors of the parser that have a row of their own; every other one means that this is not HTTP/1.1. */
const readingErrors: ReadonlyMap<string, ErrorCode> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', 'REQUEST_TIMEOUT'],
  ['HPE_HEADER_OVERFLOW', 'REQUEST_HEAD_TOO_LARGE'],
  ['HPE_INVALID_CONTENT_LENGTH', 'REQUEST_FRAMING_INVALID'],
  ['HPE_UNEXPECTED_CONTENT_LENGTH', 'REQUEST_FRAMING_INVALID'],
  ['HPE_INVALID_TRANSFER_ENCODING', 'REQUEST_FRAMING_INVALID'],
  ['HPE_INVALID_CHUNK_SIZE', 'REQUEST_FRAMING_INVALID'],
]);

function readingError(cause: Error): EtagereError {
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  // The same code stands for a version that is not ours and for a line that does not end after its version.
  if ('reason' in cause && cause.reason === 'Invalid HTTP version') {
    return new EtagereError('REQUEST_VERSION_UNSUPPORTED', 'neither HTTP/1.0 nor HTTP/1.1', { cause });
  }
  return new EtagereError(readingErrors.get(code) ?? 'REQUEST_MALFORMED', code || 'unreadable', { cause });
}

function localAuthority(socket: Socket, scheme: 'http' | 'https'): string {
  const { localAddress = '', localPort = 0 } = socket;
  const host = localAddress.includes(':') ? `[${localAddress}]` : localAddress;
  // A socket that is not TCP has no address, and then any name will do that is always the same.
  return normalAuthority(`${host}:${localPort}`, scheme) ?? 'localhost';
}
