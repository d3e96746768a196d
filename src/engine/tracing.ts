import { channel } from 'node:diagnostics_channel';
import type { ErrorCode, EtagereError } from '../errors.ts';
import type { EpochMs, RequestHead } from '../http/message.ts';
import type { Origin, OriginCall, OriginHandler, OriginRequest } from '../origin/origin.ts';
import type { ExchangeRecord } from './events.ts';
import type { Peer } from './exchange.ts';

/** One exchange, told to `etagere:request:start` and, as the same object, to `etagere:request:end`. */
export interface RequestTrace {
  readonly request: RequestHead;
  readonly client: Peer;
  /** Never set back: see `Clock.steady`. */
  readonly startedAt: EpochMs;
  /** From the end on. */
  record?: ExchangeRecord;
}

/** One request to the origin, told to `etagere:origin:start`, `etagere:origin:head` and `etagere:origin:end`, always as the same object. */
export interface OriginTrace {
  /** As it is sent. */
  readonly request: OriginRequest;
  /** Where to: `http://127.0.0.1:3000`. */
  readonly url: string;
  /** To fetch; to fetch the whole for a client that wants a part, or has one; to validate what is stored; to complete a stored part; to go on with content that a shelf can't give to its end. */
  readonly purpose: 'fetch' | 'fetch-whole' | 'validate' | 'complete' | 'continue';
  /** Of the client whose request caused it; undefined for a validation in the background, and where nobody listened when that began. */
  readonly parent: RequestTrace | undefined;
  readonly startedAt: EpochMs;
  /** From the head on. */
  status?: number;
  contentBytes: number;
  /** Why it failed, from the end on. Neither `status` nor `error`: nobody wanted it any more. */
  error?: ErrorCode;
}

const requestStart = channel('etagere:request:start');
const requestEnd = channel('etagere:request:end');
const originStart = channel('etagere:origin:start');
const originHead = channel('etagere:origin:head');
const originEnd = channel('etagere:origin:end');

/** Tells that an exchange has begun; undefined where nobody listens. */
export function traceStart(request: RequestHead, client: Peer, startedAt: EpochMs): RequestTrace | undefined {
  if (!requestStart.hasSubscribers && !requestEnd.hasSubscribers) return undefined;
  const trace = { request, client, startedAt };
  requestStart.publish(trace);
  return trace;
}

export function traceEnd(trace: RequestTrace, record: ExchangeRecord): void {
  trace.record = record;
  requestEnd.publish(trace);
}

/** Who hears the response, and knows what it should have been. */
export interface AskingHandler extends OriginHandler {
  /** What is wrong with a response that is about to end; asked before `onEnd`. */
  faultAtEnd(): EtagereError | undefined;
}

/** Asks the origin, and tells how that goes where somebody listens. */
export function askOrigin(origin: Origin, asked: Asked, handler: AskingHandler): OriginCall {
  const isTraced = originStart.hasSubscribers || originHead.hasSubscribers || originEnd.hasSubscribers;
  return isTraced ? new TracedCall(origin, asked, handler) : origin.request(asked.request, handler);
}

type Asked = Omit<OriginTrace, 'url' | 'contentBytes'>;

/** Stands between a fill and the origin, and tells what it sees. */
class TracedCall implements OriginHandler, OriginCall {
  readonly #trace: OriginTrace;
  readonly #handler: AskingHandler;
  readonly #call: OriginCall;
  #ended = false;

  constructor(origin: Origin, asked: Asked, handler: AskingHandler) {
    this.#trace = { ...asked, url: origin.url, contentBytes: 0 };
    this.#handler = handler;
    originStart.publish(this.#trace);
    this.#call = origin.request(asked.request, this);
  }

  onInterim(head: Parameters<OriginHandler['onInterim']>[0]): void {
    this.#handler.onInterim(head);
  }

  onHead(head: Parameters<OriginHandler['onHead']>[0]): void {
    this.#trace.status = head.status;
    originHead.publish(this.#trace);
    this.#handler.onHead(head);
  }

  onData(chunk: Uint8Array): void {
    this.#trace.contentBytes += chunk.length;
    this.#handler.onData(chunk);
  }

  onEnd(): void {
    this.#end(this.#handler.faultAtEnd());
    this.#handler.onEnd();
  }

  onError(error: Parameters<OriginHandler['onError']>[0]): void {
    this.#end(error);
    this.#handler.onError(error);
  }

  pause(): void {
    this.#call.pause();
  }

  resume(): void {
    this.#call.resume();
  }

  abort(fault?: EtagereError): void {
    this.#call.abort(fault);
    this.#end(fault);
  }

  #end(error: EtagereError | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    if (error !== undefined) this.#trace.error = error.code;
    originEnd.publish(this.#trace);
  }
}
