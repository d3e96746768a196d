import type { Explanation } from '../explain/explanation.ts';
import type { Finding } from '../explain/finding.ts';

/** What `etagere explain --json` prints. Members may be added; none changes its meaning. */
export interface ExplainReport {
  readonly url: string;
  /** Who was asked: an origin, through a cache of this process, or a cache that runs. */
  readonly asked: { readonly origin: string } | { readonly admin: string };
  /** Whether such a request is a hit: the second of two, or the next one at a cache that runs. */
  readonly hit: boolean;
  readonly requests: readonly ReportedRequest[];
  /** The head that the origin answered the first request with, cookies without their values. */
  readonly response?: { readonly status: number; readonly fields: readonly (readonly [string, string])[] };
  /** What a linter says of that response, or of the one that the cache knows; the worst first. */
  readonly findings: readonly Finding[];
}

export interface ReportedRequest {
  /**
   * `first` on an empty shelf; `second`, the same again; `varied`, with other values in the fields that Vary nominates; `next`, at a cache that runs, which
   * was not asked.
   */
  readonly which: 'first' | 'second' | 'varied' | 'next';
  /** What was answered; absent where nobody was asked. */
  readonly answered?: {
    readonly status: number;
    readonly cacheStatus: string;
    readonly error?: string;
    /** Why the origin gave no answer, in words. */
    readonly errorDetail?: string;
    /** `60 s`, `256 MiB`: within that the origin's answer had no end, and was broken off. */
    readonly endless?: string;
  };
  readonly explanation: Explanation;
}
