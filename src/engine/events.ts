import type { ErrorCode } from '../errors.ts';
import type { CacheStatus } from '../http/cache-status.ts';
import type { RequestHead } from '../http/message.ts';
import type { CacheKey } from '../key/cache-key.ts';
import type { NotContinued } from '../policy/continuation.ts';
import type { NotStoredReason } from '../policy/decision.ts';
import type { Storing } from '../policy/storing-rules.ts';
import type { LowerKind } from '../store/lower-stats.ts';
import type { Peer } from './exchange.ts';

/** What became of the rest of content that a shelf beneath memory could not give to its end: it came from the origin, or the answer was broken off. */
export type Rest =
  | 'from-origin'
  | NotContinued
  /** What the origin has is not the same any more, or it does not say so. */
  | 'changed'
  /** The origin did not answer, answered with an error, or broke off itself. */
  | 'origin-failed';

/** One finished exchange: what an access log, a metric or a test wants to know. */
export interface ExchangeRecord {
  readonly request: RequestHead;
  readonly client: Peer;
  /** Status sent; 0 when the client left before there was one. */
  readonly status: number;
  readonly cacheStatus: CacheStatus;
  /** Where a hit was found, if not in memory. */
  readonly tier?: LowerKind;
  /** The name of the route that it took. */
  readonly route: string;
  readonly error?: ErrorCode;
  /** Bytes of content handed to the client. */
  readonly contentBytes: number;
  readonly durationMs: number;
  /** Of it, what the request waited for a request to the origin of another who shares the shelf; absent where it did not. */
  readonly elsewhereMs?: number;
  /** Where the shelf could not give all of the content; absent elsewhere. */
  readonly rest?: Rest;
  /** `complete`; `client-left` before the end; `broken` when we had to destroy the connection. */
  readonly end: 'complete' | 'client-left' | 'broken';
}

/** A request that no engine ever saw: it could not be read, or the gate refused it. */
export interface RefusalRecord {
  readonly client: Peer;
  readonly error: ErrorCode;
  /** Why, for this request; holds nothing that the client sent. */
  readonly reason: string;
  /** Status sent. */
  readonly status: number;
}

/** A validation in the background that failed: nobody saw it, but the origin has a problem. */
export interface ValidationFailure {
  readonly request: RequestHead;
  /** What the origin answered; 0 where it did not. */
  readonly status: number;
  readonly error?: ErrorCode;
  readonly route: string;
}

/** The origin has answered a request of ours with a head, or could not. */
export interface OriginAnswer {
  /** 0 where no head came. */
  readonly status: number;
  /** Why none came. */
  readonly error?: ErrorCode;
  /** From the request on, the wait for a connection included, to the head or the failure. */
  readonly headMs: number;
  readonly route: string;
}

/** What is to be judged, and where it would be stored. */
export interface Arriving extends Storing {
  readonly key: CacheKey;
}

/** Everything that the inside tells the outside: a closed list. */
export interface EngineEvents extends ListenerEvents {
  exchangeEnded(record: ExchangeRecord): void;
  validationFailed(failure: ValidationFailure): void;
  originAnswered(answer: OriginAnswer): void;
  /** Something was thrown that nobody foresaw, and a request has failed for it. Absent where nobody wants to know. */
  faulted?(cause: unknown): void;
  /** A full response does not go onto the shelf. Absent where nobody wants to know. */
  notStored?(arriving: Arriving, reason: NotStoredReason): void;
}

/** What a listener tells. */
export interface ListenerEvents {
  requestRefused(record: RefusalRecord): void;
}
