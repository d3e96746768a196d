import { fieldLines, fieldsOf, fieldValue } from '../http/fields.ts';
import type { RequestHead, ResponseHead } from '../http/message.ts';
import type { ByteRange } from '../http/range.ts';
import { brings, type Completion, isOfSame, strongValidator } from './combine.ts';
import { presentedFields } from './presented.ts';
import type { StoredResponse } from './stored.ts';

/** Why the rest of stored content is not asked of the origin. */
export type NotContinued =
  /** Nothing tells for sure that what came would be of the same representation: no strong validator, or no 200 to a GET. */
  | 'not-resumable'
  /** The request forbids to ask (RFC 9111 §5.2.1.7). */
  | 'only-if-cached';

/** What is to be asked for so that stored content goes on, as bytes of the representation; of `length` bytes in all. */
export interface Continuation extends Completion {
  readonly length: number;
}

/** How the content of a response lies around what was asked for. */
export interface Surroundings {
  /** Bytes that come before it. */
  readonly before: number;
  /** Bytes that come after it. */
  readonly after: number;
}

/** Whether a request may have the rest of what is stored from the origin where the shelf can't give it: undefined where it may. */
export function whyNotContinued({ method, fields }: RequestHead, stored: StoredResponse): NotContinued | undefined {
  if (presentedFields(fields).onlyIfCached) return 'only-if-cached';
  const isRanged = method === 'GET' && stored.status === 200;
  return isRanged && strongValidator(stored) !== undefined ? undefined : 'not-resumable';
}

/**
 * The question for a run of stored content (RFC 9110 §14.2), under the strong validator that the answer must have (RFC 9110 §13.1.5; a date only where §8.8.2.2 has it strong). Undefined
 * without one.
 *
 * @param run Bytes of the content, which is of `contentLength` bytes: of a stored part, of that.
 */
export function continuationOf(
  stored: StoredResponse,
  run: ByteRange,
  contentLength: number,
): Continuation | undefined {
  const ifRange = strongValidator(stored);
  if (ifRange === undefined) return undefined;
  const { first: offset, length } = stored.extent ?? { first: 0, length: contentLength };
  const missing = { first: run.first + offset, last: run.last + offset };
  const last = missing.last === length - 1 ? '' : missing.last;
  return { missing, length, fields: fieldsOf(['range', `bytes=${missing.first}-${last}`], ['if-range', ifRange]) };
}

/**
 * RFC 9111 §3.4: where in this response the bytes lie that were asked for: it is just them, or it is the whole; of the same representation. Undefined where it can't be taken.
 */
export function surroundings(
  stored: StoredResponse,
  { missing, length }: Continuation,
  response: ResponseHead,
): Surroundings | undefined {
  if (brings(stored, { missing, length }, response)) return { before: 0, after: 0 };
  const { status, fields } = response;
  const told = fieldLines(fields, 'content-length')[0];
  const isAsLong = told === undefined || Number(told) === length;
  // A whole response tells its coding, or has none.
  const isAsCoded = fieldValue(fields, 'content-encoding') === fieldValue(stored.fields, 'content-encoding');
  if (status !== 200 || !isAsLong || !isAsCoded || !isOfSame(stored, fields)) return undefined;
  return { before: missing.first, after: length - 1 - missing.last };
}
