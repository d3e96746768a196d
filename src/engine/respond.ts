import { randomBytes } from 'node:crypto';
import type { CacheStatus } from '../http/cache-status.ts';
import { type Fields, withLine, withoutFields } from '../http/fields.ts';
import { type EpochMs, hasContent, type RequestHead, type ResponseHead } from '../http/message.ts';
import { currentAge } from '../policy/age.ts';
import { fieldsOfPart, fieldsOfParts, fieldsOfUnsatisfiable, selectRange } from '../policy/partial.ts';
import { fieldsOfNotModified, isNotModified } from '../policy/precondition.ts';
import { presentedFields } from '../policy/presented.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Content } from '../store/content.ts';
import type { Shelved } from '../store/store.ts';
import type { Answer } from './answer.ts';
import type { Clock } from './clock.ts';
import { type ContentRun, Feed } from './feed.ts';
import { Multipart } from './multipart.ts';

/** What of a stored response answers a request. */
export interface Prepared {
  readonly head: ResponseHead;
  /** The content that goes with it, and which run of it; undefined where none does. */
  readonly content: PreparedContent | undefined;
}

interface PreparedContent {
  readonly source: Content;
  readonly run: ContentRun;
  /** Where the first of its bytes lies that is of the stored content, in that. */
  readonly firstStored: number;
}

const everything: ContentRun = { first: 0, end: undefined };

/**
 * The response that reuses a stored one for this request: its preconditions and range are applied (RFC 9110 §13.2.2 gives the order), Age is
 * written (RFC 9111 §4). Ranges of content that is still arriving are not selected: the whole is sent.
 */
export function prepare(
  request: RequestHead,
  { stored, content }: Shelved,
  clock: Pick<Clock, 'steady' | 'wall'>,
): Prepared {
  const { isConditional, hasRange } = presentedFields(request.fields);
  if (!isConditional && !hasRange) return whole(request, { stored, content }, clock);
  const aged = (fields: Fields): Fields => withAge(fields, stored, clock.steady());
  if (isNotModified(request, stored, clock.wall()))
    return { head: { status: 304, fields: aged(fieldsOfNotModified(stored)) }, content: undefined };
  const length = stored.extent?.length ?? content.length;
  const selection = content.complete ? selectRange(request, stored, length, clock.wall()) : undefined;
  const offset = stored.extent?.first ?? 0;
  if (selection?.kind === 'unsatisfiable') {
    return { head: { status: 416, fields: fieldsOfUnsatisfiable(stored, length) }, content: undefined };
  }
  if (selection?.kind === 'part') {
    const { first, last } = selection.range;
    const run = { first: first - offset, end: last + 1 - offset };
    return {
      head: { status: 206, fields: aged(fieldsOfPart(stored, selection.range, length)) },
      content: { source: content, run, firstStored: run.first },
    };
  }
  if (selection?.kind === 'parts') {
    const boundary = newBoundary();
    const source = new Multipart(stored, content, { ranges: selection.ranges, boundary, offset, length });
    // Heads can make parts larger than the whole, which then is the better answer (RFC 9110 §14.2).
    if (source.length < length || stored.extent !== undefined) {
      return {
        head: { status: 206, fields: aged(fieldsOfParts(stored, boundary, source.length)) },
        content: { source, run: everything, firstStored: (selection.ranges[0]?.first ?? offset) - offset },
      };
    }
  }
  return whole(request, { stored, content }, clock);
}

function whole(request: RequestHead, { stored, content }: Shelved, clock: Pick<Clock, 'steady'>): Prepared {
  const head = { status: stored.status, fields: withAge(stored.fields, stored, clock.steady()) };
  const isSent = hasContent(request.method, stored.status);
  return { head, content: isSent ? { source: content, run: everything, firstStored: 0 } : undefined };
}

const age: ReadonlySet<string> = new Set(['age']);

/**
 * Answers the client whose request brought `response`, which lies on the shelf by now, with a 304 where its preconditions ask for that (RFC 9111 §4.3.2), with what was meant for this
 * client alone; false where they ask for the content.
 */
export function sendOwnNotModified(
  answer: Answer,
  { stored, content }: Shelved,
  { response, status }: { readonly response: ResponseHead; readonly status: CacheStatus },
  clock: Clock,
): boolean {
  if (!isNotModified(answer.request, stored, clock.wall())) return false;
  const own = { stored: { ...stored, fields: withoutFields(response.fields, age) }, content };
  answer.head(prepare(answer.request, own, clock).head, { ...status, fwdStatus: stored.status });
  answer.end();
  return true;
}

/** Between the parts of a multipart answer: nobody can know it who writes the content, whatever answers he has seen (RFC 9110 §14.6). */
function newBoundary(): string {
  return randomBytes(18).toString('hex');
}

/** RFC 9111 §5.1: whole seconds, rounded down, replacing any that came along. */
function withAge(fields: Fields, stored: StoredResponse, now: EpochMs): Fields {
  return withLine(fields, 'age', String(Math.floor(currentAge(stored, now))));
}

/** Sends the head and starts the content; undefined where the answer is complete with its head. */
export function send(answer: Answer, prepared: Prepared, cacheStatus: CacheStatus): Feed | undefined {
  answer.head(prepared.head, cacheStatus);
  if (prepared.content === undefined) {
    answer.end();
    return undefined;
  }
  const feed = new Feed(answer, prepared.content.source, prepared.content.run);
  feed.pump();
  return answer.ended ? undefined : feed;
}
