import type { ExchangeRecord } from '../engine/events.ts';
import { type CacheStatus, cacheStatusMember } from '../http/cache-status.ts';

/** What became of requests, so that each is one of these. */
export const outcomes = {
  hit: 'answered from the shelf, without asking anybody',
  collapsed: "answered by the response to another client's request",
  validated: 'answered from the shelf, after the origin had confirmed it',
  stale: 'answered from the shelf, as the origin had failed',
  stored: 'answered by the origin, and stored',
  passed: 'answered by the origin or with an error, and not stored',
  own: 'answered by this cache itself, before anything was looked up',
  left: 'the client left before there was an answer',
} as const;

export type Outcome = keyof typeof outcomes;

/** Of these, the content came from the shelf. */
export const fromShelf: ReadonlySet<Outcome> = new Set(['hit', 'validated', 'stale']);

/** Of these, the origin was asked for this very request, or would have had to be. */
export const misses: ReadonlySet<Outcome> = new Set(['validated', 'stale', 'stored', 'passed']);

/** Of these nothing was looked up, or nobody waited for it: whatever clients make of them, they say nothing of the cache, and are in no ratio. */
export const outsideRatio: ReadonlySet<Outcome> = new Set(['own', 'left']);

/** What came from the shelf is that first, whoever shared the request to the origin; and nobody was answered by a response that failed. */
export function outcomeOf({
  cacheStatus,
  status,
  error,
}: Pick<ExchangeRecord, 'cacheStatus' | 'status' | 'error'>): Outcome {
  if (cacheStatus.hit) return 'hit';
  if (status === 0) return 'left';
  if (cacheStatus.fwd === undefined) return 'own';
  if (cacheStatus.detail === 'stale-if-error') return 'stale';
  if (cacheStatus.fwdStatus === 304) return 'validated';
  // A reader that was too slow has failed by itself.
  if (error !== undefined && error !== 'READER_TOO_SLOW') return 'passed';
  if (cacheStatus.collapsed === true) return 'collapsed';
  return cacheStatus.stored === true ? 'stored' : 'passed';
}

/** What requests that were decided alike have in common. */
export interface Reason {
  readonly outcome: Outcome;
  readonly fwd: CacheStatus['fwd'];
  readonly detail: CacheStatus['detail'];
}

/** Cache-Status in words alone: `fwd=uri-miss; detail=set-cookie`. */
export function reasonText({ outcome, fwd, detail }: Reason): string {
  if (outcome === 'left') return 'client-left';
  const words = {
    hit: outcome === 'hit',
    stored: outcome === 'stored',
    collapsed: outcome === 'collapsed',
    ...(fwd === undefined ? {} : { fwd }),
    ...(outcome === 'validated' ? { fwdStatus: 304 } : {}),
    ...(detail === undefined ? {} : { detail }),
  };
  return cacheStatusMember('', words).slice(2);
}
