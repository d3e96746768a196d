import type { Readable } from 'node:stream';
import { EtagereError } from '../errors.ts';
import { type CacheStatus, type CacheStatusMode, cacheStatusMember, toldStatus } from '../http/cache-status.ts';
import { formatHttpDate } from '../http/date.ts';
import { type Fields, fieldsOf, withLine } from '../http/fields.ts';
import type { EpochMs, RequestHead, ResponseHead } from '../http/message.ts';
import { type CacheKey, cacheKey } from '../key/cache-key.ts';
import { withVia } from '../origin/forwarding.ts';
import type { Neighbour } from '../origin/in-progress.ts';
import type { LowerKind } from '../store/lower-stats.ts';
import type { Clock } from './clock.ts';
import type { EngineEvents, ExchangeRecord, Rest } from './events.ts';
import type { Exchange, SinkListener } from './exchange.ts';
import type { Route } from './route.ts';
import { type RequestTrace, traceEnd, traceStart } from './tracing.ts';
import { problemResponse, proxyStatus, servedMethods } from '../http/problem.ts';

/** Who feeds an answer, and so wants to hear of its client. */
export interface Feeder {
  onDrain(): void;
  /** The client has gone: nothing more can be written. */
  onLeave(answer: Answer): void;
}

/** Content that is read for one answer alone. */
export interface ContentReading {
  /** What became of it where the shelf did not have all of it; undefined while it does. */
  readonly rest: Rest | undefined;
  /** Whether the origin may be asked for it after the head. */
  readonly mayAskOrigin: boolean;
  /** The answer has ended. */
  letGo(): void;
}

export interface AnswerParts {
  readonly clock: Clock;
  readonly events: EngineEvents;
  readonly cacheName: string;
  /** How much clients are told of what became of their requests. */
  readonly cacheStatusMode: CacheStatusMode;
  readonly viaName: string;
  /** How long a client may take nothing of what waits for it. */
  readonly stallMs: number;
  readonly route: Route;
}

/** The fields of a response as they are sent: Via with our element (RFC 9110 §7.6.3), and Cache-Status with our member last (RFC 9211 §2), as far as that is told. */
export function sentFields(
  fields: Fields,
  status: CacheStatus,
  {
    cacheName,
    cacheStatusMode,
    viaName,
    route,
  }: Pick<AnswerParts, 'cacheName' | 'cacheStatusMode' | 'viaName' | 'route'>,
): Fields {
  const edited = route.editResponse === undefined ? fields : route.editResponse(fields);
  const ours = withVia(edited, viaName);
  const told = toldStatus(status, cacheStatusMode);
  return told === undefined ? ours : withLine(ours, 'cache-status', cacheStatusMember(cacheName, told));
}

/** Who asks, as far as that tells which response may answer. */
export type Asker = Pick<Answer, 'key' | 'request' | 'sequence'>;

/** The answer to one exchange: what every response has in common, and the record that is told at its end. */
export class Answer implements SinkListener, Neighbour<Answer> {
  previous: Answer | undefined;
  next: Answer | undefined;
  readonly exchange: Exchange;
  /** Counts requests and fills alike: what has the smaller number came first. */
  readonly sequence: number;
  /** Where somebody listens to that. */
  readonly trace: RequestTrace | undefined;
  /** Of the target, or of the query. */
  key: CacheKey;
  /** What the request brought: still to be read, or read into the key. */
  content: Readable | Buffer | null;
  /** Counted against the store's limit until it has ended. */
  reservedBytes = 0;
  /** Where the stored response was found that it is made from, if not in memory. */
  tier: LowerKind | undefined;
  /** What it is made from, where that may have to go on from the origin. */
  reading: ContentReading | undefined;
  readonly #arrivedAt: EpochMs;
  readonly #parts: AnswerParts;
  readonly #onEnded: (answer: Answer) => void;
  #feeder: Feeder | undefined;
  #status = 0;
  #cacheStatus: CacheStatus = { hit: false };
  #error: EtagereError | undefined;
  #contentBytes = 0;
  #ended = false;
  #cancelStall: (() => void) | undefined;
  #elsewhereMs: number | undefined;

  constructor(exchange: Exchange, sequence: number, parts: AnswerParts, onEnded: (answer: Answer) => void) {
    this.exchange = exchange;
    this.sequence = sequence;
    this.key = cacheKey(exchange.request);
    this.content = exchange.content;
    this.#arrivedAt = parts.clock.steady();
    this.trace = traceStart(exchange.request, exchange.client, this.#arrivedAt);
    this.#parts = parts;
    this.#onEnded = onEnded;
    exchange.sink.listen(this);
  }

  get route(): Route {
    return this.#parts.route;
  }

  get request(): RequestHead {
    return this.exchange.request;
  }

  /** No more can be sent: it is complete, broken, or its client has gone. */
  get ended(): boolean {
    return this.#ended;
  }

  get hasHead(): boolean {
    return this.#status !== 0;
  }

  fedBy(feeder: Feeder | undefined): void {
    this.#feeder = feeder;
  }

  interim(head: ResponseHead): void {
    if (this.#ended || this.hasHead) return;
    const { status, fields } = head;
    this.exchange.sink.interim({ status, fields: this.#parts.route.editResponse?.(fields) ?? fields });
  }

  /** Says that it has waited so many milliseconds for a request to the origin of another who shares the shelf. */
  waitedElsewhere(ms: number): void {
    this.#elsewhereMs = ms;
  }

  /** Says what went wrong on the way, for an answer that is given nevertheless: Proxy-Status and the log tell it. */
  excuse(error: EtagereError): void {
    this.#error = error;
  }

  /** What the log tells at the end, where that turned out otherwise than the head could say. */
  amend(status: Partial<CacheStatus>): void {
    this.#cacheStatus = { ...this.#cacheStatus, ...status };
  }

  /** Sends the head with the fields that this proxy adds. */
  head(head: ResponseHead, cacheStatus: CacheStatus): void {
    if (this.#ended) return;
    this.#status = head.status;
    this.#cacheStatus = cacheStatus;
    const excuse =
      head.status < 500 && this.#error !== undefined ? proxyStatus(this.#error, this.#parts.cacheName) : undefined;
    const told = excuse === undefined ? head.fields : withLine(head.fields, 'proxy-status', excuse);
    this.exchange.sink.head({ status: head.status, fields: sentFields(told, cacheStatus, this.#parts) });
  }

  /** False when the client's buffer is full: the feeder's `onDrain` follows. */
  write(chunk: Uint8Array): boolean {
    if (this.#ended) return true;
    this.#contentBytes += chunk.length;
    const takesMore = this.exchange.sink.write(chunk);
    if (!takesMore && this.#cancelStall === undefined) this.#watchStall();
    return takesMore;
  }

  end(): void {
    if (this.#ended) return;
    this.#finish('complete');
    this.exchange.sink.end();
  }

  /** What was begun can't be completed (RFC 9112 §8). */
  abort(error?: EtagereError): void {
    if (this.#ended) return;
    this.#error = error;
    this.#finish('broken');
    this.exchange.sink.abort();
  }

  /** Answers with a problem document, or breaks off where a head is already out. */
  fail(error: EtagereError, cacheStatus: CacheStatus): void {
    if (this.#ended) return;
    if (this.hasHead) {
      this.abort(error);
      return;
    }
    this.#error = error;
    const { head, content } = problemResponse(error, this.#parts.cacheName);
    const fields = withLine(head.fields, 'date', formatHttpDate(this.#parts.clock.wall()));
    this.head({ status: head.status, fields }, cacheStatus);
    if (this.request.method !== 'HEAD') this.write(content);
    this.end();
  }

  /** Answers OPTIONS that may not be forwarded any more as its final recipient (RFC 9110 §7.6.2): with what is served here. */
  ownOptions(): void {
    const date = formatHttpDate(this.#parts.clock.wall());
    const fields = fieldsOf(['allow', servedMethods], ['date', date]);
    this.head({ status: 204, fields }, { hit: false, detail: 'max-forwards' });
    this.end();
  }

  onDrain(): void {
    this.#cancelStall?.();
    this.#cancelStall = undefined;
    this.#feeder?.onDrain();
  }

  onClose(): void {
    if (this.#ended) return;
    const feeder = this.#feeder;
    this.#finish('client-left');
    feeder?.onLeave(this);
  }

  /** A client that takes nothing would hold what it was promised, and the origin with it, for ever. */
  #watchStall(): void {
    const { clock, stallMs } = this.#parts;
    this.#cancelStall = clock.schedule(stallMs, () => {
      const feeder = this.#feeder;
      this.abort(new EtagereError('READER_TOO_SLOW', `took nothing for ${stallMs} ms`));
      feeder?.onLeave(this);
    });
  }

  #finish(end: ExchangeRecord['end']): void {
    this.#ended = true;
    this.#cancelStall?.();
    this.#feeder = undefined;
    this.reading?.letGo();
    const { clock, events } = this.#parts;
    const { request, client } = this.exchange;
    const base = {
      request,
      client,
      status: this.#status,
      cacheStatus: this.#cacheStatus,
      route: this.route.name,
      contentBytes: this.#contentBytes,
      durationMs: clock.steady() - this.#arrivedAt,
      end,
    };
    const found = this.tier === undefined ? base : { ...base, tier: this.tier };
    const failed = this.#error === undefined ? found : { ...found, error: this.#error.code };
    const waited = this.#elsewhereMs === undefined ? failed : { ...failed, elsewhereMs: this.#elsewhereMs };
    const rest = this.reading?.rest;
    const record = rest === undefined ? waited : { ...waited, rest };
    events.exchangeEnded(record);
    if (this.trace !== undefined) traceEnd(this.trace, record);
    this.#onEnded(this);
  }
}
