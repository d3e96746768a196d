import type { ErrorCode } from '../errors.ts';
import type { CacheStatus } from '../http/cache-status.ts';
import type { RequestHead } from '../http/message.ts';
import type { Peer } from './exchange.ts';

/** One finished exchange: what an access log, a metric or a test wants to know. */
export interface ExchangeRecord {
  readonly request: RequestHead;
  readonly client: Peer;
  /** Status sent; 0 when the client left before there was one. */
  readonly status: number;
  readonly cacheStatus: CacheStatus;
  readonly error?: ErrorCode;
  /** Bytes of content handed to the client. */
  readonly contentBytes: number;
  readonly durationMs: number;
  /** `complete`; `client-left` before the end; `broken` when we had to destroy the connection. */
  readonly end: 'complete' | 'client-left' | 'broken';
}

/** Everything that the engine tells the outside: a closed list. */
export interface EngineEvents {
  exchangeEnded(record: ExchangeRecord): void;
}
