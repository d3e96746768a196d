import { type ErrorCode, errorTable } from '../errors.ts';
import type { ExchangeRecord, OriginAnswer, Rest } from '../engine/events.ts';
import { addCounts, LatencyHistogram } from './histogram.ts';
import { type Outcome, outcomeOf, type Reason } from './outcome.ts';

/** What Cache-Status says more of an outcome. */
type Words = Partial<Pick<Reason, 'fwd' | 'detail'>>;

/** Requests that were decided alike. */
export interface ReasonCounter extends Reason {
  requests: number;
  bytes: number;
}

/** What is counted of statuses; `none` where there was no answer. */
export const statusClasses = ['none', '1xx', '2xx', '3xx', '4xx', '5xx', 'other'] as const;

/** What may become of the rest of content that a shelf could not give to its end. */
const noRests: Readonly<Record<Rest, number>> = {
  'from-origin': 0,
  'not-resumable': 0,
  'only-if-cached': 0,
  changed: 0,
  'origin-failed': 0,
};

/** More than there are combinations of words: a mistake of ours must not become a leak. */
const maxReasons = 500;

/** Errors that are not of the client's making. */
export const ownErrors: readonly ErrorCode[] = (Object.keys(errorTable) as ErrorCode[]).filter(
  (code) => errorTable[code].source !== 'client',
);

/** What was counted for one configured route. */
export class RouteCounters {
  /** The commonest reason, which needs no look-up. */
  readonly #plainHit = reasonCounter('hit', {});
  readonly #reasons = new Map<string, ReasonCounter>();
  readonly statuses = new Float64Array(statusClasses.length);
  readonly durations = new LatencyHistogram();
  /** By code; from 0 on for those that an alarm is about. */
  readonly errors = new Map<ErrorCode, number>(ownErrors.map((code) => [code, 0]));
  readonly originStatuses = new Float64Array(statusClasses.length);
  readonly originHeads = new LatencyHistogram();
  validationFailures = 0;
  /** Requests that waited for another instance, which asked the origin for the same. */
  elsewhereWaits = 0;
  /** Answers whose content the shelf could not give to its end, by what became of the rest. */
  readonly rests: Record<Rest, number> = { ...noRests };

  /** Returns what the exchange was counted under. */
  exchangeEnded(record: ExchangeRecord): ReasonCounter {
    const { cacheStatus, status, contentBytes, durationMs, error, elsewhereMs, rest } = record;
    const isPlainHit = cacheStatus.hit && cacheStatus.detail === undefined;
    const reason = isPlainHit ? this.#plainHit : this.#reason(outcomeOf(record), cacheStatus);
    reason.requests++;
    reason.bytes += contentBytes;
    countStatus(this.statuses, status);
    this.durations.observe(durationMs);
    if (error !== undefined) this.errors.set(error, (this.errors.get(error) ?? 0) + 1);
    if (elsewhereMs !== undefined) this.elsewhereWaits++;
    if (rest !== undefined) this.rests[rest]++;
    return reason;
  }

  originAnswered({ status, headMs }: OriginAnswer): void {
    countStatus(this.originStatuses, status);
    this.originHeads.observe(headMs);
  }

  /** Adds what another has counted. */
  take(other: RouteCounters): void {
    for (const counted of other.reasons()) {
      const { outcome, fwd, detail, requests, bytes } = counted;
      const isPlainHit = outcome === 'hit' && fwd === undefined && detail === undefined;
      const reason = isPlainHit ? this.#plainHit : this.#reason(outcome, counted);
      reason.requests += requests;
      reason.bytes += bytes;
    }
    addCounts(this.statuses, other.statuses);
    addCounts(this.originStatuses, other.originStatuses);
    this.durations.take(other.durations);
    this.originHeads.take(other.originHeads);
    for (const [code, count] of other.errors) this.errors.set(code, (this.errors.get(code) ?? 0) + count);
    this.validationFailures += other.validationFailures;
    this.elsewhereWaits += other.elsewhereWaits;
    for (const rest of Object.keys(noRests) as Rest[]) this.rests[rest] += other.rests[rest];
  }

  reasons(): readonly ReasonCounter[] {
    return [this.#plainHit, ...this.#reasons.values()];
  }

  #reason(outcome: Outcome, words: Words): ReasonCounter {
    const key = `${outcome} ${words.fwd} ${words.detail}`;
    const known = this.#reasons.get(key);
    if (known !== undefined) return known;
    if (this.#reasons.size >= maxReasons) return this.#otherReason(outcome);
    const added = reasonCounter(outcome, words);
    this.#reasons.set(key, added);
    return added;
  }

  /** For all that come when there are too many. */
  #otherReason(outcome: Outcome): ReasonCounter {
    const other = this.#reasons.get(outcome) ?? reasonCounter(outcome, { detail: 'other' });
    this.#reasons.set(outcome, other);
    return other;
  }
}

function reasonCounter(outcome: Outcome, { fwd, detail }: Words): ReasonCounter {
  return { outcome, fwd, detail, requests: 0, bytes: 0 };
}

/** `status` 0 is none. */
function countStatus(counts: Float64Array, status: number): void {
  const index = status === 0 ? 0 : status >= 100 && status < 600 ? Math.floor(status / 100) : statusClasses.length - 1;
  counts[index] = (counts[index] ?? 0) + 1;
}
