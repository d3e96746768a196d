import type { Seconds } from '../http/message.ts';
import type { NotStoredReason, ReuseDetail, RuleName } from '../policy/decision.ts';
import type { LifetimeSource } from '../policy/stored.ts';
import type { Advice } from './advice.ts';

/** What becomes of one request, and why. It is what `etagere explain --json` and the admin API give: numbers are seconds, names of fields lower-case. */
export interface Explanation {
  readonly url: string;
  readonly method: string;
  /** Of the configuration. */
  readonly route: string;
  readonly key: ExplainedKey;
  /** Whether the shelf answers. */
  readonly hit: boolean;
  /** What is done: `reuse`, `validate` a stored response, `complete` a stored part, `forward` the request, or `refuse` it. */
  readonly outcome: 'reuse' | 'validate' | 'complete' | 'forward' | 'refuse';
  /** The member of Cache-Status that the answer would have, as far as it can be told beforehand. */
  readonly cacheStatus: string;
  /** One sentence or two. */
  readonly summary: string;
  /** The details that Cache-Status would have, or has had, with their meanings. */
  readonly details: readonly ExplainedDetail[];
  /** The rule that decided about the request (RFC 9111 §4). */
  readonly decidedBy: RuleName;
  /** Every rule that was looked at for the request, in order; the last that applies decided. */
  readonly rules: readonly LookedAt[];
  /** Every stored response of the key; the selected one, if any, first. */
  readonly candidates: readonly Candidate[];
  /** What the origin would be asked, beside what the client asks; absent where it is not asked. */
  readonly asks?: readonly (readonly [name: string, value: string])[];
  /** What the origin has answered, and whether that may be stored; absent where nothing is known of it. */
  readonly answer?: ExplainedAnswer;
  /** Whether the origin is being asked for this key just now, and this request may wait for that answer instead of asking, too. */
  readonly fillInProgress: boolean;
  /** The smallest changes that would make the next request a hit, each by itself enough; empty where it is one, or none is known. */
  readonly advice: readonly Advice[];
}

export interface ExplainedKey {
  readonly scheme: 'http' | 'https';
  /** What the client asked for: another Host is another key. */
  readonly authority: string;
  /** Path and query, byte by byte. */
  readonly target: string;
  /** The request's values of the fields that stored responses nominate by Vary; null where the request does not have it. */
  readonly nominated: Readonly<Record<string, string | null>>;
}

export interface ExplainedDetail {
  readonly code: NotStoredReason | ReuseDetail;
  readonly meaning: string;
  readonly section: string;
  readonly remedy: string;
}

export interface LookedAt extends RuleName {
  readonly applied: boolean;
}

/** A nominated field in which a request differs from the one that a stored response was made for. */
export interface Difference {
  readonly field: string;
  /** null: the field was not there. */
  readonly stored: string | null;
  readonly presented: string | null;
}

/** How old, and how old it may become. */
export interface Freshness {
  readonly age: {
    /** When it was received: Age, Date and the time on the way (corrected_initial_age). */
    readonly initial: Seconds;
    /** Since then (resident_time). */
    readonly resident: Seconds;
    readonly total: Seconds;
  };
  readonly lifetime: {
    readonly seconds: Seconds;
    readonly source: LifetimeSource;
    /** What it was reckoned from, in words: `s-maxage=60 in Cache-Control`. */
    readonly from: string;
  };
  /** What is left of the lifetime; negative when stale. */
  readonly ttl: Seconds;
}

/** A stored response. */
export interface Candidate extends Freshness {
  readonly status: number;
  readonly selected: boolean;
  /** Why it is selected, or is not. */
  readonly because: string;
  readonly differs: readonly Difference[];
  /** `no-cache`: it is validated before each use, whatever its age. */
  readonly alwaysValidate: boolean;
  readonly staleWhileRevalidate: Seconds;
  /** How long past its lifetime it may stand in for a 5xx of the origin (RFC 5861 §4); 0: it may not. */
  readonly staleIfError: Seconds;
  /** The same where the origin can't be reached, or does not answer in time. */
  readonly staleIfUnreachable: Seconds;
  /** The same where the origin answers 429 (RFC 6585 §4). */
  readonly staleIfTooManyRequests: Seconds;
  /** Where it is a part of a representation: `bytes 0-99/1000`. */
  readonly part?: string;
  readonly etag?: string;
  readonly lastModified?: string;
}

/** What the origin has answered. */
export interface ExplainedAnswer extends Partial<Freshness> {
  readonly status: number;
  readonly storable: boolean;
  readonly decidedBy: RuleName;
  /** Every rule that was looked at for storing, in order; the last that applies decided. */
  readonly rules: readonly LookedAt[];
  readonly detail?: NotStoredReason;
}
