import type { CacheControl } from '../http/cache-control.ts';
import { type Fields, fieldValue } from '../http/fields.ts';
import type { RequestHead } from '../http/message.ts';
import type { PolicyConfig } from '../policy/config.ts';
import type { ResponseDates } from '../policy/semantics.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Change } from './advice.ts';
import type { OriginAnswer } from './answer.ts';
import { shownLines, shownName } from './field-names.ts';

/** Something about a response that costs hits, or may give somebody a wrong answer. */
export interface Finding {
  /** A stable word. */
  readonly code: string;
  /** `error`: wrong answers, or no caching at all by anybody. `warning`: hits are lost. `info`: worth knowing. */
  readonly severity: 'error' | 'warning' | 'info';
  /** `—` where no RFC says it. */
  readonly section: string;
  /** What is the matter, in a sentence. */
  readonly what: string;
  /** What to do about it, in a sentence. */
  readonly remedy: string;
  /** The lines to send otherwise; empty where that can't be told from here. */
  readonly changes: readonly Change[];
}

/** An answer of the origin with what its content is known by. */
export interface SeenAnswer extends OriginAnswer {
  /** Undefined where that is not known. */
  readonly contentBytes: number | undefined;
  /** The same exactly for the same content; undefined where it did not come to its end, or is not known. */
  readonly digest: string | undefined;
}

/** What a rule of the linter looks at. */
export interface Seen {
  readonly request: RequestHead;
  readonly status: number;
  readonly fields: Fields;
  /** The directives that count for this cache (RFC 9213), and the field that they came from, in lower case. */
  readonly control: CacheControl;
  readonly source: string;
  /** Those of Cache-Control itself, for everyone else. */
  readonly plain: CacheControl;
  readonly dates: ResponseDates;
  /** As it would be stored; undefined where it would not. */
  readonly stored: StoredResponse | undefined;
  readonly answer: SeenAnswer;
  /** The answer to the same request, asked again at once. */
  readonly again: SeenAnswer | undefined;
  readonly config: PolicyConfig;
}

/** One rule of the linter: what it has to say of a response, if anything. */
export interface LintRule {
  readonly code: string;
  readonly severity: Finding['severity'];
  readonly section: string;
  readonly look: (seen: Seen) => Pick<Finding, 'what' | 'remedy' | 'changes'> | undefined;
}

/** A line to send in the place of all lines of that name; null: to leave out. */
export function change({ fields }: Seen, name: string, after: string | null): Change {
  return { at: 'origin', what: shownName(name), before: shownLines(fields, name) ?? null, after };
}

/** Whether a response has content of a kind that is the same for everybody, as far as its type or the end of its path tells. */
export function isAsset({ request, fields }: Seen): boolean {
  const type = fieldValue(fields, 'content-type')?.toLowerCase() ?? '';
  if (
    /^(?:image|font|video|audio)\/|^(?:text\/css|(?:text|application)\/(?:x-)?javascript|application\/wasm)/.test(type)
  )
    return true;
  return /\.(?:avif|css|eot|gif|ico|jpe?g|js|mjs|mp4|png|svg|ttf|wasm|webm|webp|woff2?)(?:\?|$)/i.test(request.target);
}
