import type { Limits } from '../engine/limits.ts';
import type { EpochMs } from '../http/message.ts';
import type { PolicyConfig } from '../policy/config.ts';

/**
 * What a fixture says, as data: the tree that `parse.ts` makes and `run.ts` plays. The language in prose is
 * `fixtures/README.md`; the names here are its words.
 */
export interface Fixture {
  /** The path as it was given to the parser; for messages only. */
  readonly file: string;
  /** A claim in the RFC's words. */
  readonly title: string;
  /** The citations, as written: `RFC 9111 §4.2, §4.3.1`. */
  readonly rule: string;
  readonly kind: Kind;
  /** Identifiers of requirements elsewhere (a row of a table, a case of a suite) that this fixture proves. */
  readonly covers: readonly string[];
  readonly options: FixtureOptions;
  /** What it says turns within a second, so it says nothing of a cache for which time passes by itself. */
  readonly needsExactTime: boolean;
  readonly steps: readonly Step[];
}

/**
 * How much a failure says: `required` = the cache breaks a MUST; `optimal` = it is correct but slower than it may be;
 * `safe` = stricter than the RFC asks, because it has leaked elsewhere; `check` = a behaviour worth knowing, not graded.
 */
export type Kind = 'required' | 'optimal' | 'safe' | 'check';

/** The configuration that the cache is to run with. */
export interface FixtureOptions {
  readonly policy: PolicyConfig;
  readonly limits: Limits;
}

/** One line at column 0 with the lines that belong to it. */
export type Step = StepPlace & StepBody;

interface StepPlace {
  /** 1-based line of the file. */
  readonly line: number;
  /** The line as written. */
  readonly text: string;
}

export type StepBody =
  | { readonly kind: 'at'; readonly atMs: number }
  | { readonly kind: 'clock-jumps'; readonly byMs: number }
  | { readonly kind: 'claim' }
  | ClientStep
  | OriginStep
  /** `must` where to ask the origin breaks a MUST, and is not only a request more than needed. */
  | { readonly kind: 'origin-silent'; readonly must: boolean }
  | { readonly kind: 'origin-refuses' }
  | { readonly kind: 'origin-listens' };

export type ClientStep = { readonly client: Name } & (
  | ({ readonly kind: 'client-sends'; readonly method: string; readonly target: string } & Message)
  | { readonly kind: 'client-receives'; readonly status: WantedStatus; readonly expectations: readonly Expectation[] }
  | { readonly kind: 'client-receives-interim'; readonly status: number; readonly expectations: readonly Expectation[] }
  | { readonly kind: 'client-has-body'; readonly body: Body }
  | { readonly kind: 'client-is-waiting' }
  | { readonly kind: 'client-is-complete' }
  | { readonly kind: 'client-is-aborted' }
  | { readonly kind: 'client-leaves' }
);

export type OriginStep = { readonly request: Name } & (
  | {
      readonly kind: 'origin-receives';
      readonly method: string;
      readonly target: string;
      readonly expectations: readonly Expectation[];
    }
  | ({ readonly kind: 'origin-answers'; readonly status: number } & Message)
  | ({ readonly kind: 'origin-sends-interim'; readonly status: number } & Message)
  | ({ readonly kind: 'origin-sends-head'; readonly status: number } & Message)
  | { readonly kind: 'origin-sends-body'; readonly body: Body }
  | { readonly kind: 'origin-ends' }
  | { readonly kind: 'origin-breaks' }
  | { readonly kind: 'origin-times-out' }
  | { readonly kind: 'origin-is-aborted' }
);

/** `200`, or `5xx` for every status of that class. */
export type WantedStatus = string;

/** The name after `client` or `origin`; empty where a fixture needs only one. */
export type Name = string;

/** What a side says: fields in the order written, and content. */
export interface Message {
  readonly fields: readonly FieldLine[];
  readonly body?: Body;
}

export interface FieldLine {
  /** Lower case. */
  readonly name: string;
  readonly value: WrittenValue;
}

/** A value as it stands in the file, or a date that is known only when the fixture runs. */
export type WrittenValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'date'; readonly base: 'now' | 'start'; readonly offsetMs: number; readonly form: DateForm };

/** The three forms of an HTTP-date (RFC 9110 §5.6.7). */
export type DateForm = 'imf-fixdate' | 'rfc850' | 'asctime';

export type Body =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly length: number };

/** What a side must see in a message. */
export type Expectation =
  | { readonly kind: 'lines'; readonly name: string; readonly values: readonly WrittenValue[] }
  | { readonly kind: 'compared'; readonly name: string; readonly operator: Comparison; readonly bound: number }
  | { readonly kind: 'contains'; readonly name: string; readonly text: string }
  | { readonly kind: 'present'; readonly name: string }
  | { readonly kind: 'absent'; readonly name: string }
  | { readonly kind: 'cache-status'; readonly parameters: readonly CacheStatusParameter[] }
  | { readonly kind: 'body'; readonly body: Body };

export type Comparison = '<' | '<=' | '>=' | '>';

/** `value` is true for a bare parameter, and false where the fixture says `not <name>`. */
export interface CacheStatusParameter {
  readonly name: string;
  readonly value: string | boolean;
}

/** The two instants that dates in a fixture are counted from. */
export interface Instants {
  /** When the first step was played. */
  readonly start: EpochMs;
  /** When this step is played. */
  readonly now: EpochMs;
}
