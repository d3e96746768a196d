import type { ErrorCode } from '../errors.ts';
import type { Rest } from '../engine/events.ts';
import type { EpochMs } from '../http/message.ts';
import type { LowerKind, LowerStats } from '../store/lower-stats.ts';
import type { MaybePromise } from '../store/maybe-promise.ts';
import type { StoreStats } from '../store/store.ts';

/** What was counted, for people: the admin API, the page and the terminal show it. Ratios are 0 where there is nothing to divide by. */
export interface StatisticsSnapshot {
  readonly since: EpochMs;
  readonly uptimeSeconds: number;
  /** Finished exchanges, whatever became of them: `hits + collapsed + misses`, and what this cache answered by itself. Refused requests are not among them. */
  readonly requests: number;
  /** Answered from the shelf without asking anybody. */
  readonly hits: number;
  /** Answered by the response to another client's request, to its end. */
  readonly collapsed: number;
  /** Asked the origin, or would have had to; also for the same as others, where that failed or where the content came from the shelf (304, stale-if-error). */
  readonly misses: number;
  /** Never reached the cache, as the listener could not or would not read them. */
  readonly refused: number;
  /** Ended with an error of the origin's or of this cache. */
  readonly errors: number;
  /** Hits in `hits + collapsed + misses`. */
  readonly hitRatio: number;
  /** `bytesFromShelf` in `bytesSent`. */
  readonly byteHitRatio: number;
  /** Content only, without heads. */
  readonly bytesSent: number;
  /** Of these, what needed no content of the origin's: hits, and stored responses that the origin confirmed. */
  readonly bytesFromShelf: number;
  /**
   * Requests by what Cache-Status says, without what differs from one to the next: `hit`, `fwd=uri-miss; stored`, `fwd=uri-miss; detail=set-cookie`, `fwd=stale; fwd-status=304`, …;
   * and `client-left`, before there was an answer. The words are a closed list.
   */
  readonly byReason: Readonly<Record<string, number>>;
  /** The last 120 seconds, one each, oldest first; the last is the one under way. */
  readonly series: readonly SecondRow[];
  readonly memory: MemoryFigures;
  /** The shelf beneath memory; absent where there is none. */
  readonly store?: StoreFigures;
  /** Requests at the origin now. */
  readonly originActive: number;
  /** Requests that wait for one of its connections now. */
  readonly originQueued: number;
  /** The configured ones. */
  readonly origins: readonly OriginRow[];
  /** Where there are several, all of which these figures are of. */
  readonly workers?: readonly WorkerRow[];
  /** Beside them, how many ended since the start though nobody had asked them to; another took the place of each. */
  readonly workerDeaths?: number;
}

/** One of several processes. */
export interface WorkerRow {
  /** As receipts of purges name it. */
  readonly instance: string;
  /** Whether it told its figures in time; otherwise they are the last that it told. */
  readonly answered: boolean;
  /** Of the figures, its own; absent, like `uptimeSeconds`, of one that has told nothing so far. */
  readonly requests?: number;
  /** Since it began, at the last restart of workers or as another had ended. */
  readonly uptimeSeconds?: number;
}

export type MemoryFigures = Omit<StoreStats, 'lower'>;

/** What nobody counts is undefined. */
export interface StoreFigures extends LowerStats {
  /** Of all hits, those that were found there. */
  readonly hits: number;
}

export interface OriginRow {
  /** In the configuration; `default` where it has none. */
  readonly name: string;
  readonly servers: readonly ServerRow[];
}

export interface ServerRow {
  /** `http://10.0.0.6:4000`. */
  readonly url: string;
  /** Whether it gets requests while others do. Absent where nobody looks at its health: see `healthCheck` and `ejection`. */
  readonly up?: boolean;
}

/** One second. */
export interface SecondRow {
  /** Its beginning. */
  readonly at: EpochMs;
  readonly requests: number;
  /** Of these, what the ratio of hits is of: not what this cache answered by itself, nor whose client had left. */
  readonly lookups: number;
  readonly hits: number;
  readonly bytes: number;
  readonly errors: number;
}

export type TopOrder = 'requests' | 'bytes' | 'misses';

/** What was counted of one URL, since it is remembered. */
export interface TopRow {
  /** Absolute; values of parameters that look secret are `[redacted]`. */
  readonly url: string;
  readonly requests: number;
  readonly hits: number;
  readonly misses: number;
  readonly bytes: number;
  /** The `detail` of its last answer that had one; `''` where none had. */
  readonly lastDetail: string;
  /** Set where there may have been more of what it is ordered by, before it was remembered: no more than this in all. */
  readonly atMost?: number;
}

/** One request as the access log would tell it; the same names as its JSON lines. What is undefined is left out of them. */
export interface TailRecord {
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Absent, like `url` and `host`, for a request that the listener refused. */
  readonly method?: string | undefined;
  /** The target as the client wrote it, redacted. */
  readonly url?: string | undefined;
  readonly host?: string | undefined;
  /** Status sent; 0 when the client left before there was one. */
  readonly status: number;
  /** The name of the configured route that it took. */
  readonly route?: string | undefined;
  /** The member of Cache-Status. */
  readonly cache?: string | undefined;
  readonly hit?: boolean | undefined;
  readonly fwd?: string | undefined;
  readonly detail?: string | undefined;
  /** Where a hit was found, if not in memory. */
  readonly tier?: LowerKind | undefined;
  readonly bytes?: number | undefined;
  readonly ms?: number | undefined;
  /** Of it, what the request waited for a request to the origin of another instance. */
  readonly elsewhereMs?: number | undefined;
  readonly client: string;
  readonly error?: ErrorCode | undefined;
  /** What became of the rest of content that the shelf could not give to its end. */
  readonly rest?: Rest | undefined;
  /** Why it was refused. */
  readonly reason?: string | undefined;
  readonly end?: 'complete' | 'client-left' | 'broken' | undefined;
  /** How many records before this one were lost to this listener, as it was too slow. */
  readonly lost?: number;
}

/** What was counted since the start. */
export interface Statistics {
  snapshot(): MaybePromise<StatisticsSnapshot>;
  /** The first rows by that order. Exact as long as there were no more different URLs than are remembered; after that rows carry `atMost`. */
  top(by: TopOrder, limit: number): MaybePromise<readonly TopRow[]>;
  /**
   * Every finished exchange and refused request, until the result is called. A listener that is not ready for the next one returns a promise: records wait for it in a
   * bounded queue, and what does not fit is lost and counted in `lost` of the next.
   */
  tail(listener: (record: TailRecord) => void | Promise<void>): () => void;
}
