import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ListenerEvents } from '../engine/events.ts';
import { EtagereError } from '../errors.ts';
import { withLine } from '../http/fields.ts';
import { isSafe } from '../http/message.ts';
import { normalAuthority } from './authority.ts';
import { HeldReading } from './held-reading.ts';
import { refusal, serializeHead } from './raw-response.ts';
import { readingError } from './reading-errors.ts';
import { schemeOf } from './scheme.ts';
import type { NodeResponseSink } from './response-sink.ts';
import { closeInStages, destroyIfStalled, type Patience } from './staged-close.ts';

/** A request that has not been answered to the end. */
interface OpenExchange {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly sink: NodeResponseSink;
}

/** A request that has come. */
interface Arrived {
  readonly message: IncomingMessage;
  begin(): void;
}

/** So many pipelined requests may wait before no more is read from a connection: what one piece holds can be more. */
const maxWaiting = 16;

/** So many requests of one connection may be under way at once. */
const maxOverlapping = 64;

export interface ConnectionOptions {
  readonly cacheName: string;
  readonly events: ListenerEvents;
  /** At its end. */
  readonly patience: Patience;
  /** For the head of a request to arrive. */
  readonly headTimeoutMs: number;
  /** Is told whenever the requests that have come are answered and more may follow: then the socket is somebody else's again. */
  readonly onIdle?: (() => void) | undefined;
}

/** A client's connection: the requests on it that are still to be answered, in order, and whether there will be more. */
export class Connection {
  readonly scheme: 'http' | 'https';
  readonly socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #reading: HeldReading;
  readonly #exchanges = new Set<OpenExchange>();
  /** Whether what is under way has to stay alone. */
  #alone = false;
  /** Have come and not had their turn. */
  readonly #waiting: Arrived[] = [];
  #lastArrived: IncomingMessage | undefined;
  /** A request did not come in time because we did not read. */
  #overdue: EtagereError | undefined;
  /** Answers that are complete and that the client has not taken yet. */
  #unsent = 0;
  #watchNoMore: (() => void) | undefined;
  #localAuthority: string | undefined;
  #stopped = false;
  /** What could not be read as a request, to be answered when everything before it has been. */
  #fault: EtagereError | undefined;
  #closing = false;
  /** While closing: whether it ends at once where nothing is under way, or with the answer to the next request. */
  #endsIdle = true;
  #ended = false;
  /** The request that was answered last: its content may still be coming. */
  #answered: IncomingMessage | undefined;
  /** Of `socket.bytesRead`: how much belonged to requests that have been answered. */
  #bytesAnswered = 0;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.socket = socket;
    this.#options = options;
    this.scheme = schemeOf(socket);
    this.#reading = new HeldReading(socket);
    // So node:http ends a connection after its last response: in both directions at once.
    socket.destroySoon = () => this.end();
    socket.once('close', () => {
      for (const { sink } of this.#exchanges) sink.leave();
      this.#exchanges.clear();
      this.#waiting.length = 0;
    });
  }

  /** No further request is wanted: responses say so, and the connection ends with the last of them. */
  get closing(): boolean {
    return this.#closing;
  }

  /** Our own end of the connection, as an authority. */
  get localAuthority(): string {
    this.#localAuthority ??= localAuthority(this.socket, this.scheme);
    return this.#localAuthority;
  }

  /** Somebody else has the socket between requests, and closes it. */
  get isLent(): boolean {
    return this.#options.onIdle !== undefined;
  }

  /** Every request that has come is answered. */
  get idle(): boolean {
    return this.#exchanges.size === 0;
  }

  /** Requests have been answered, and of another nothing has come. */
  get isBetweenRequests(): boolean {
    return this.idle && this.#answered !== undefined && this.socket.bytesRead === this.#bytesAnswered;
  }

  /**
   * Begins a request when its turn has come: one that is not safe overtakes none and is overtaken by none (RFC 9112 §9.3.2), and nothing is begun after an
   * answer that says close, as one with content may.
   */
  inTurn(arrived: Arrived): void {
    if (this.#stopped) return;
    this.#lastArrived = arrived.message;
    if (this.#waiting.length === 0 && this.#mayBegin(arrived)) {
      arrived.begin();
      return;
    }
    this.#waiting.push(arrived);
    if (this.#waiting.length >= maxWaiting) this.#reading.hold();
  }

  /** A request has begun. */
  open(exchange: OpenExchange): void {
    this.#exchanges.add(exchange);
    this.#alone = !mayOverlap(exchange.message);
    exchange.response.once('close', () => {
      this.#exchanges.delete(exchange);
      this.#answered = exchange.message;
      this.#bytesAnswered = this.socket.bytesRead;
      this.#beginNext();
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
    this.#options.events.requestRefused({ client, error: error.code, reason: error.detail, status: error.row.status });
  }

  /** No further request is wanted, but whoever is between two of them has not heard so: the next one is answered, as the last. */
  retire(): void {
    this.#closing = true;
    this.#endsIdle = false;
  }

  /** Ends the connection once nothing is under way on it; a request of which a part has come is waited for. */
  close(): void {
    this.#closing = true;
    this.#endsIdle = true;
    this.#settle();
  }

  /** An answer is complete: it is sent for as long as the client takes something of it. */
  watch(response: ServerResponse): void {
    this.#unsent += 1;
    this.#watchNoMore ??= destroyIfStalled(this.socket, this.#options.patience.stallMs);
    response.once('close', () => {
      this.#unsent -= 1;
      if (this.#unsent > 0) return;
      this.#watchNoMore?.();
      this.#watchNoMore = undefined;
    });
  }

  /** Ends the connection when what was written is out; nothing more is read from it. */
  end(): void {
    this.#endInStages(this.#options.patience);
  }

  /** The same where an answer can't be completed, and with less patience: those behind it can't be sent either. */
  breakOff(): void {
    const { lingerMs } = this.#options.patience;
    for (const { sink } of this.#exchanges) sink.leave();
    this.#endInStages({ stallMs: lingerMs, lingerMs });
  }

  /** What came is no request, or did not come in time. Requests that came as a whole before it are answered first. */
  fail(cause: Error): void {
    if (this.#fault !== undefined || this.#ended) return;
    if (!this.socket.writable) {
      this.socket.destroy();
      return;
    }
    const error = cause instanceof EtagereError ? cause : readingError(cause);
    if (error.code === 'REQUEST_TIMEOUT' && this.#reading.isHeld) {
      this.#overdue = error;
      return;
    }
    this.#fault = error;
    this.#settle();
  }

  #endInStages(patience: Patience): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopped = true;
    this.#reading.goOn();
    closeInStages(this.socket, patience);
  }

  #beginNext(): void {
    for (let arrived = this.#waiting[0]; arrived !== undefined; arrived = this.#waiting[0]) {
      if (this.#stopped || this.socket.destroyed || !this.#mayBegin(arrived)) return;
      this.#waiting.shift();
      if (this.#waiting.length === 0) this.#readOn();
      arrived.begin();
    }
  }

  /** Reads again. The head of which we have left the rest unread has its time from now on; node:http, which has given it up, does not look after it any more. */
  #readOn(): void {
    this.#reading.goOn();
    const [overdue, last] = [this.#overdue, this.#lastArrived];
    this.#overdue = undefined;
    // Content that is late has a limit of its own.
    if (overdue === undefined || last?.complete !== true) return;
    const giveUp = (): void => {
      if (this.#lastArrived === last) this.fail(overdue);
    };
    setTimeout(giveUp, this.#options.headTimeoutMs).unref();
  }

  #mayBegin({ message }: Arrived): boolean {
    if (this.idle) return true;
    return !this.#alone && this.#exchanges.size < maxOverlapping && mayOverlap(message);
  }

  #settle(): void {
    if (this.#ended) return;
    const [first] = this.#exchanges;
    if (first === undefined) {
      if (this.#fault !== undefined) this.#answerLast(this.#fault);
      else if (this.#closing && this.#endsIdle && this.socket.bytesRead === this.#bytesAnswered)
        this.socket.end(() => this.socket.destroy());
      else if (this.#answered?.complete === true && !this.#stopped) this.#options.onIdle?.();
    } else if (this.#fault !== undefined && this.#waiting.length === 0 && !first.message.complete) {
      // The fault is in the content of the one request that is left: its answer, unless another has begun.
      first.sink.leave(this.#fault);
      if (first.response.headersSent) this.socket.destroy();
      else this.#answer(this.#fault, first.message.method);
    }
  }

  /** A request gets one answer: if the fault is in what is left of one that has its answer, there is nothing to say. */
  #answerLast(error: EtagereError): void {
    if (this.#answered === undefined || this.#answered.complete) this.#answer(error);
    else this.end();
  }

  /** Answers past node:http, which has no request to answer to, and ends the connection. `method` is that of a request whose head could be read. */
  #answer(error: EtagereError, method = ''): void {
    this.report(error);
    const { head, content } = refusal(error, this.#options.cacheName);
    this.socket.write(serializeHead({ ...head, fields: withLine(head.fields, 'connection', 'close') }) ?? '', 'latin1');
    if (method !== 'HEAD') this.socket.write(content);
    this.end();
  }
}

/** Whether the answer to a request can't depend on those beside it, nor end the connection before theirs. */
function mayOverlap({ method, headers }: IncomingMessage): boolean {
  // Where a client expects 100 and gets none, node:http says close, whether there is content or not.
  const mayEnd = 'content-length' in headers || 'transfer-encoding' in headers || 'expect' in headers;
  return isSafe(method ?? '') && !mayEnd;
}

function localAuthority(socket: Socket, scheme: 'http' | 'https'): string {
  const { localAddress = '', localPort = 0 } = socket;
  const host = localAddress.includes(':') ? `[${localAddress}]` : localAddress;
  // A socket that is not TCP has no address, and then any name will do that is always the same.
  return normalAuthority(`${host}:${localPort}`, scheme) ?? 'localhost';
}
