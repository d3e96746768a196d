import type { CacheStatus } from '../http/cache-status.ts';
import { type Fields, withField, withLine } from '../http/fields.ts';
import { type EpochMs, hasContent, type RequestHead, type ResponseHead } from '../http/message.ts';
import { currentAge } from '../policy/age.ts';
import { fieldsOfPart, fieldsOfUnsatisfiable, selectRange } from '../policy/partial.ts';
import { fieldsOfNotModified, isNotModified } from '../policy/precondition.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Content } from '../store/content.ts';
import type { Answer } from './answer.ts';
import type { Clock } from './clock.ts';
import { type ContentRun, Feed } from './feed.ts';

/** What of a stored response answers a request. */
export interface Prepared {
  readonly head: ResponseHead;
  /** The run of content that goes with it; undefined where none does. */
  readonly content: ContentRun | undefined;
}

/**
 * The response that reuses `stored`, for this request: its preconditions and range are applied (RFC 9110 §13.2.2 gives the order), Age is
 * written (RFC 9111 §4). `length` is undefined while the content is still arriving.
 */
export function prepare(
  request: RequestHead,
  stored: StoredResponse,
  length: number | undefined,
  clock: Pick<Clock, 'steady' | 'wall'>,
): Prepared {
  const wall = clock.wall();
  if (isNotModified(request, stored, wall)) {
    return {
      head: { status: 304, fields: withAge(fieldsOfNotModified(stored), stored, clock.steady()) },
      content: undefined,
    };
  }
  const selection = length === undefined ? undefined : selectRange(request, stored, length, wall);
  if (length !== undefined && selection?.kind === 'unsatisfiable') {
    return { head: { status: 416, fields: fieldsOfUnsatisfiable(stored, length) }, content: undefined };
  }
  if (length !== undefined && selection?.kind === 'part') {
    const { first, last } = selection.range;
    const fields = withAge(fieldsOfPart(stored, selection.range, length), stored, clock.steady());
    return { head: { status: 206, fields }, content: { first, end: last + 1 } };
  }
  const head = { status: stored.status, fields: withAge(stored.fields, stored, clock.steady()) };
  return { head, content: hasContent(request.method, stored.status) ? { first: 0, end: undefined } : undefined };
}

/** RFC 9111 §5.1: whole seconds, rounded down, replacing any that came along. */
function withAge(fields: Fields, stored: StoredResponse, now: EpochMs): Fields {
  return withLine(fields, 'age', String(Math.floor(currentAge(stored, now))));
}

/** Sends the head and starts the content; undefined where the answer is complete with its head. */
export function send(answer: Answer, prepared: Prepared, content: Content, cacheStatus: CacheStatus): Feed | undefined {
  answer.head(prepared.head, cacheStatus);
  if (prepared.content === undefined) {
    answer.end();
    return undefined;
  }
  const feed = new Feed(answer, content, prepared.content);
  feed.pump();
  return answer.ended ? undefined : feed;
}

/** The head to keep once the content is complete: its length is known now, however it was framed. */
export function withLength(stored: StoredResponse, length: number): StoredResponse {
  if (!hasContent('GET', stored.status)) return stored;
  return { ...stored, fields: withField(stored.fields, 'content-length', String(length)) };
}
