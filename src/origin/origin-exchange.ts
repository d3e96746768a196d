import type { IncomingHttpHeaders } from 'node:http';
import { EtagereError } from '../errors.ts';
import { endsWithConnection, hasContent, type ResponseHead } from '../http/message.ts';
import type { ConnectionWatch } from './connection-watch.ts';
import type { Neighbour } from './in-progress.ts';
import type { OriginCall, OriginHandler, OriginRequest } from './origin.ts';
import { originError, type Stage } from './origin-errors.ts';
import { fieldsReceived, responseFault, type UnknownCodings } from './origin-response.ts';
import { mayRetry } from './retry.ts';

/** Undici's hand on a request in progress, as far as it is used. */
interface Controller {
  /** The lines of the last head, as views of the piece of 64 KiB in which they came. */
  rawHeaders?: unknown;
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}

/** Who sends requests, and counts them. */
export interface Sender {
  readonly unknownCodings: UnknownCodings;
  /** How many interim responses may come before a response. */
  readonly interimResponses: number;
  /** Sends the request (again). */
  send(exchange: OriginExchange): void;
  /** The request no longer waits for its turn. */
  withdraw(exchange: OriginExchange): void;
  /** Undici is done with the request. */
  settle(exchange: OriginExchange): void;
}

const withdrawn = new Error('the request was given up');

/**
 * One request to the origin: the caller's hand on it on one side, a handler of undici (its second handler API) on the other. It
 * stands between the two so that the order which `OriginHandler` promises holds whatever undici does.
 */
export class OriginExchange implements OriginCall, Neighbour<OriginExchange> {
  previous: OriginExchange | undefined;
  next: OriginExchange | undefined;
  /** Of its patience, while it waits for a connection. */
  timer: NodeJS.Timeout | undefined;
  /** When it began to wait for a connection, by `performance.now()`. */
  waitingSince = 0;
  readonly request: OriginRequest;
  readonly #handler: OriginHandler;
  readonly #sender: Sender;
  #attempts = 0;
  #interims = 0;
  #controller: Controller | undefined;
  #connection: ConnectionWatch | undefined;
  #responseStarted = false;
  /** The status of the final head; 0 before it came. */
  #status = 0;
  /** Nothing but the end of the connection tells where its content ends. */
  #endsWithConnection = false;
  #paused = false;
  /** Nothing more is told to the handler. */
  #done = false;

  constructor(request: OriginRequest, handler: OriginHandler, sender: Sender) {
    this.request = request;
    this.#handler = handler;
    this.#sender = sender;
  }

  get done(): boolean {
    return this.#done;
  }

  pause(): void {
    this.#paused = true;
    this.#controller?.pause();
    if (this.#status !== 0 && !this.#done) this.#connection?.hold();
  }

  /** Takes effect a moment later: undici can't resume one response while it hands out a piece of another. */
  resume(): void {
    this.#paused = false;
    queueMicrotask(() => {
      if (this.#done || this.#paused) return;
      this.#connection?.goOn();
      this.#controller?.resume();
    });
  }

  abort(): void {
    if (this.#done) return;
    this.#done = true;
    if (this.#attempts === 0) this.#sender.withdraw(this);
    else this.#controller?.abort(withdrawn);
  }

  /** Ends the request with an error of our own. */
  fail(error: EtagereError): void {
    if (this.#done) return;
    this.#done = true;
    this.#handler.onError(error);
    this.#controller?.abort(error);
  }

  /** A new attempt begins: nothing of an earlier one counts. */
  attempt(): void {
    this.#attempts++;
    this.#controller = undefined;
    this.#connection = undefined;
  }

  /** Which connection of the pool the request goes to. */
  assigned(connection: ConnectionWatch): void {
    this.#connection = connection;
  }

  onRequestStart(controller: Controller): void {
    if (this.#done) {
      controller.abort(withdrawn);
      return;
    }
    this.#controller = controller;
    if (this.#paused) controller.pause();
    this.#connection?.requestStarts();
  }

  /** The first byte of a head has come. */
  onResponseStarted(): void {
    this.#responseStarted = true;
  }

  onResponseStart(controller: Controller, status: number, headers: IncomingHttpHeaders, reason = ''): void {
    // Nobody reads them, and they would keep that piece in memory for as long as the content comes.
    controller.rawHeaders = null;
    if (this.#done) return;
    const fields = fieldsReceived(headers);
    const version = this.#connection?.responseVersion ?? '';
    const fault = responseFault({ version, status, reason }, fields, this.#sender.unknownCodings);
    if (fault !== undefined) {
      this.fail(fault);
    } else if (status < 200) {
      this.#interim({ status, fields });
    } else {
      this.#status = status;
      this.#endsWithConnection = endsWithConnection(this.request.method, { status, fields });
      this.#handler.onHead({ status, fields });
    }
  }

  /** Each gives the origin its time for a head anew, and goes to a client that may not read: without an end to them neither has one. */
  #interim(head: ResponseHead): void {
    const allowed = this.#sender.interimResponses;
    if (++this.#interims <= allowed) this.#handler.onInterim(head);
    else this.fail(new EtagereError('ORIGIN_RESPONSE_INVALID', `more than ${allowed} interim responses`));
  }

  onResponseData(_: Controller, chunk: Uint8Array): void {
    if (!this.#done) this.#handler.onData(chunk);
  }

  onResponseEnd(): void {
    // Content that ends with its head has nothing to be paused; the next response is to be read.
    this.#connection?.goOn();
    if (this.#connection?.failing === true || (this.#endsWithConnection && this.#connection?.wasReset === true)) {
      this.fail(new EtagereError('ORIGIN_RESPONSE_INCOMPLETE', 'the connection was reset'));
    } else {
      this.#end();
    }
    this.#sender.settle(this);
  }

  onResponseError(_: Controller, cause: Error): void {
    const error = originError(this.#contentError() ?? this.#connectionError() ?? cause, this.#stage());
    if (this.#mayRetry(error)) {
      this.#sender.send(this);
      return;
    }
    if (this.#endedWithHead(cause)) this.#end();
    else this.fail(error);
    this.#sender.settle(this);
  }

  #end(): void {
    if (this.#done) return;
    this.#done = true;
    this.#handler.onEnd();
  }

  #stage(): Stage {
    if (this.#status !== 0) return 'receiving';
    return this.#controller === undefined ? 'connecting' : 'waiting';
  }

  /** What the connection failed with that the request went over: before that, its last error may be of an earlier one. */
  #connectionError(): Error | undefined {
    return this.#controller === undefined ? undefined : this.#connection?.firstError;
  }

  /** Why the content of the request broke off: its source knows better than undici does. */
  #contentError(): EtagereError | undefined {
    const error = this.request.content?.errored;
    if (error === null || error === undefined) return undefined;
    return error instanceof EtagereError
      ? error
      : new EtagereError('REQUEST_MALFORMED', 'the content of the request broke off', { cause: error });
  }

  #mayRetry(error: EtagereError): boolean {
    return (
      !this.#done &&
      mayRetry({
        method: this.request.method,
        hasContent: this.request.content !== null,
        attempts: this.#attempts,
        responseStarted: this.#responseStarted,
        reusedConnection: this.#connection?.reused ?? false,
        cause: error.code,
      })
    );
  }

  /**
   * A 304 may carry the Content-Length of the 200 it stands for (RFC 9110 §8.6). Undici waits for that content in vain and calls
   * the response too short, although it ended with its head.
   */
  #endedWithHead(cause: Error): boolean {
    return (
      'code' in cause &&
      cause.code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' &&
      this.#status !== 0 &&
      !hasContent(this.request.method, this.#status)
    );
  }
}
