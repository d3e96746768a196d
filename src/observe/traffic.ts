import { type ErrorCode, errorTable } from '../errors.ts';
import type { EngineEvents, ExchangeRecord, OriginAnswer, RefusalRecord, ValidationFailure } from '../engine/events.ts';
import type { Shedding } from '../engine/load-watch.ts';
import type { EpochMs } from '../http/message.ts';
import type { StoreStats } from '../store/store.ts';
import { CountedRoutes } from './counted-routes.ts';
import { logFields, refusalFields } from './log-line.ts';
import { fromShelf, misses, type Outcome, reasonText } from './outcome.ts';
import { RecentSeconds } from './recent-seconds.ts';
import { ownErrors, type ReasonCounter, type RouteCounters } from './route-counters.ts';
import type { ServerRow, Statistics, StatisticsSnapshot, TailRecord, TopOrder, TopRow } from './statistics.ts';
import { ratio, sum } from './sums.ts';
import { Tail } from './tail.ts';
import { TopUrls } from './top-urls.ts';

/** What counting can't see by itself. */
export interface TrafficSources {
  readonly wall: () => EpochMs;
  /** In milliseconds, and never set back. */
  readonly steady: () => EpochMs;
  readonly cacheName: string;
  /** The names of the routes in force. */
  readonly routes: () => readonly string[];
  readonly store: () => StoreStats;
  /** Lines of the access log that could not be written. */
  readonly lostLogLines: () => number;
  /** Connections of clients that are open, but for those of a server that is not ours. */
  readonly clientConnections: () => number;
  readonly origins: () => readonly OriginFigures[];
  /** What is turned away now, as there is too much to do. */
  readonly shedding: () => Shedding;
  /** What is shown to clients and to origins under TLS. */
  readonly certificates: () => readonly CertificateFigures[];
}

/** One certificate in force. */
export interface CertificateFigures {
  readonly certFile: string;
  readonly expiresAt: EpochMs;
}

/** One configured origin, now. */
export interface OriginFigures {
  readonly name: string;
  /** Requests on the wire. */
  readonly active: number;
  /** Requests that wait for a connection. */
  readonly queued: number;
  readonly servers: readonly ServerFigures[];
}

/** One server of an origin, now. */
export interface ServerFigures {
  readonly url: string;
  /** Whether it gets requests while others do. Absent, like `downs`, where nobody looks at its health. */
  readonly isUp?: boolean;
  /** How often it went down, as long as the settings of its origin are the same. */
  readonly downs?: number;
}

const failures: ReadonlySet<ErrorCode> = new Set(ownErrors);

const refusalCodes = (Object.keys(errorTable) as ErrorCode[]).filter((code) => code.startsWith('REQUEST_'));

/** Counts everything that the inside tells, in plain numbers: what they are called for people and machines is said where they are read. */
export class Traffic implements EngineEvents, Statistics {
  readonly #sources: TrafficSources;
  readonly #since: EpochMs;
  readonly #startedAt: EpochMs;
  readonly #routes: CountedRoutes;
  readonly #refusals = new Map<ErrorCode, number>(refusalCodes.map((code) => [code, 0]));
  readonly #seconds: RecentSeconds;
  readonly #top = new TopUrls();
  readonly #tail = new Tail();
  #hitsBeneath = 0;

  constructor(sources: TrafficSources) {
    this.#sources = sources;
    this.#since = sources.wall();
    this.#startedAt = sources.steady();
    this.#seconds = new RecentSeconds(this.#since);
    this.#routes = new CountedRoutes(sources.routes);
  }

  /** What else there is to say of this cache. */
  get sources(): TrafficSources {
    return this.#sources;
  }

  /** By name. */
  get routes(): ReadonlyMap<string, RouteCounters> {
    return this.#routes.all;
  }

  /** By code. */
  get refusals(): ReadonlyMap<ErrorCode, number> {
    return this.#refusals;
  }

  exchangeEnded(record: ExchangeRecord): void {
    const { request, contentBytes: bytes, error, cacheStatus } = record;
    const { outcome } = this.#routes.of(record.route).exchangeEnded(record);
    const hit = outcome === 'hit';
    if (hit && record.tier !== undefined) this.#hitsBeneath++;
    this.#seconds.count(this.#sources.wall(), outcome, bytes, error !== undefined && failures.has(error));
    this.#top.count(request, { hit, miss: !hit && misses.has(outcome), bytes, detail: cacheStatus.detail });
    if (this.#tail.isFollowed) this.#tell(logFields(record, this.#sources.cacheName));
  }

  originAnswered(answer: OriginAnswer): void {
    this.#routes.of(answer.route).originAnswered(answer);
  }

  validationFailed({ route }: ValidationFailure): void {
    this.#routes.of(route).validationFailures++;
  }

  /** Answered from the shelf without asking anybody. */
  get hits(): number {
    return requestsOf(this.#reasons(), 'hit');
  }

  /** Of all hits, those that were found beneath memory. */
  get hitsBeneath(): number {
    return this.#hitsBeneath;
  }

  requestRefused(record: RefusalRecord): void {
    this.#refusals.set(record.error, (this.#refusals.get(record.error) ?? 0) + 1);
    if (this.#tail.isFollowed) this.#tell(refusalFields(record));
  }

  snapshot(): StatisticsSnapshot {
    const { wall, steady, store } = this.#sources;
    const totals = this.#totals();
    const origins = this.#sources.origins();
    const { lower, ...memory } = store();
    return {
      since: this.#since,
      uptimeSeconds: Math.floor((steady() - this.#startedAt) / 1000),
      ...totals,
      refused: sum(this.#refusals.values()),
      hitRatio: ratio(totals.hits, totals.hits + totals.collapsed + totals.misses),
      byteHitRatio: ratio(totals.bytesFromShelf, totals.bytesSent),
      series: this.#seconds.rows(wall()),
      memory,
      ...(lower === undefined ? {} : { store: { ...lower, hits: this.#hitsBeneath } }),
      originActive: sum(origins.map(({ active }) => active)),
      originQueued: sum(origins.map(({ queued }) => queued)),
      origins: origins.map(({ name, servers }) => ({ name, servers: servers.map(serverRow) })),
    };
  }

  top(by: TopOrder, limit: number): readonly TopRow[] {
    return this.#top.top(by, limit);
  }

  tail(listener: (record: TailRecord) => void | Promise<void>): () => void {
    return this.#tail.follow(listener);
  }

  #totals(): Pick<
    StatisticsSnapshot,
    'requests' | 'hits' | 'collapsed' | 'misses' | 'errors' | 'bytesSent' | 'bytesFromShelf' | 'byReason'
  > {
    const reasons = this.#reasons().filter(({ requests }) => requests > 0);
    const errors = [...this.#routes.all.values()].flatMap((route) =>
      ownErrors.map((code) => route.errors.get(code) ?? 0),
    );
    const byReason: Record<string, number> = {};
    for (const reason of reasons) {
      const text = reasonText(reason);
      byReason[text] = (byReason[text] ?? 0) + reason.requests;
    }
    return {
      requests: sum(reasons.map(({ requests }) => requests)),
      hits: requestsOf(reasons, 'hit'),
      collapsed: requestsOf(reasons, 'collapsed'),
      misses: requestsOf(reasons, ...misses),
      errors: sum(errors),
      bytesSent: sum(reasons.map(({ bytes }) => bytes)),
      bytesFromShelf: sum(reasons.filter(({ outcome }) => fromShelf.has(outcome)).map(({ bytes }) => bytes)),
      byReason,
    };
  }

  #reasons(): readonly ReasonCounter[] {
    return [...this.#routes.all.values()].flatMap((route) => route.reasons());
  }

  #tell(fields: Omit<TailRecord, 'time'>): void {
    this.#tail.tell({ time: new Date(this.#sources.wall()).toISOString(), ...fields });
  }
}

function requestsOf(reasons: readonly ReasonCounter[], ...wanted: readonly Outcome[]): number {
  return sum(reasons.filter(({ outcome }) => wanted.includes(outcome)).map(({ requests }) => requests));
}

function serverRow({ url, isUp }: ServerFigures): ServerRow {
  return isUp === undefined ? { url } : { url, up: isUp };
}
