import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
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
  readonly #exchanges = new Set<OpenExchange>();
  #localAuthority: string | undefined;
  /** A request was refused: nothing after it is looked at. */
  #refused = false;
  /** What could not be read as a request, to be answered when everything before it has been. */
  #fault: EtagereError | undefined;
  #closing = false;
  /** Of `socket.bytesRead`: how much belonged to requests that have been answered. */
  #bytesAnswered = 0;

  constructor(socket: Socket, cacheName: string) {
    this.socket = socket;
    this.#cacheName = cacheName;
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

  get refused(): boolean {
    return this.#refused;
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
      this.#bytesAnswered = this.socket.bytesRead;
      this.#settle();
    });
  }

  /**
   * A request on this connection is refused. Those that were read with it are not looked at: they may be content that two readers
   * see differently.
   */
  refuse(): void {
    this.#refused = true;
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
      if (this.#fault !== undefined) this.#answer(this.#fault);
      else if (this.#closing && this.socket.bytesRead === this.#bytesAnswered)
        this.socket.end(() => this.socket.destroy());
    } else if (this.#fault !== undefined && second === undefined && !first.message.complete) {
      // The fault is in the content of the one request that is left: its answer, unless another has begun.
      first.sink.leave();
      if (first.response.headersSent) this.socket.destroy();
      else this.#answer(this.#fault);
    }
  }

  /** Answers past node:http, which has no request to answer to, and ends the connection. */
  #answer(error: EtagereError): void {
    const { head, content } = refusal(error, this.#cacheName);
    this.socket.write(serializeHead({ ...head, fields: withLine(head.fields, 'connection', 'close') }) ?? '', 'latin1');
    this.socket.end(content, () => this.socket.destroy());
  }
}

/** Errors of the parser that have a row of their own; every other one means that this is not HTTP/1.1. */
const readingErrors: ReadonlyMap<string, ErrorCode> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', 'REQUEST_TIMEOUT'],
  ['HPE_HEADER_OVERFLOW', 'REQUEST_HEAD_TOO_LARGE'],
  ['HPE_INVALID_VERSION', 'REQUEST_VERSION_UNSUPPORTED'],
  ['HPE_INVALID_CONTENT_LENGTH', 'REQUEST_FRAMING_INVALID'],
  ['HPE_UNEXPECTED_CONTENT_LENGTH', 'REQUEST_FRAMING_INVALID'],
  ['HPE_INVALID_TRANSFER_ENCODING', 'REQUEST_FRAMING_INVALID'],
  ['HPE_INVALID_CHUNK_SIZE', 'REQUEST_FRAMING_INVALID'],
]);

function readingError(cause: Error): EtagereError {
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return new EtagereError(readingErrors.get(code) ?? 'REQUEST_MALFORMED', code || 'unreadable', { cause });
}

function localAuthority(socket: Socket, scheme: 'http' | 'https'): string {
  const { localAddress = '', localPort = 0 } = socket;
  const host = localAddress.includes(':') ? `[${localAddress}]` : localAddress;
  // A socket that is not TCP has no address, and then any name will do that is always the same.
  return normalAuthority(`${host}:${localPort}`, scheme) ?? 'localhost';
}
