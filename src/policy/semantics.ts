import CachePolicy from 'http-cache-semantics';
import {
  type CacheControl,
  deltaSeconds,
  hasDirective,
  parseDeltaSeconds,
  qualifiedNames,
} from '../http/cache-control.ts';
import { formatHttpDate, parseHttpDate } from '../http/date.ts';
import { parseEntityTag } from '../http/entity-tag.ts';
import { fieldLines, fieldValue, type Fields, fieldsOf, hasField, listMembers, noFields } from '../http/fields.ts';
import type { EpochMs, RequestHead, ResponseHead, Seconds } from '../http/message.ts';
import type { LifetimeSource } from './stored.ts';
import { isHeuristicallyCacheable } from './status.ts';

/**
 * The only file that knows http-cache-semantics. The library answers for storability, freshness lifetime, age value and the preconditions
 * of a validation; it never sees a message as it came, but one made here from what our own parsers understood. What it can't
 * decide is taken out of that message and decided by the rest of policy/. Every such difference is a row of
 * docs/http-cache-semantics.md with the test that proves our answer.
 */
export interface Semantics {
  /** RFC 9111 §3, without what the rest of policy/ judges: status, Set-Cookie, Vary, no-store, malformed directives. */
  readonly storable: boolean;
  /** RFC 9111 §4.2.1, §4.2.2; heuristic where `source` says so. */
  readonly lifetime: Seconds;
  readonly source: LifetimeSource;
  /** The Age field in a form fit for arithmetic (RFC 9111 §5.1). */
  readonly ageValue: Seconds;
  /** `Pragma: no-cache` and no Cache-Control: what the origin wanted to say to caches of HTTP/1.0 (RFC 9111 §5.4). */
  readonly noCacheByPragma: boolean;
  /** If-None-Match and If-Modified-Since for a validation (RFC 9111 §4.3.1). */
  readonly preconditions: Fields;
}

/** Dates of a response, each undefined where the field is absent or no HTTP-date. */
export interface ResponseDates {
  readonly date: EpochMs | undefined;
  /** `invalid`: present and unusable, which means already expired (RFC 9111 §5.3). */
  readonly expires: EpochMs | 'invalid' | undefined;
  readonly lastModified: EpochMs | undefined;
}

export function responseDates(fields: Fields, now: EpochMs): ResponseDates {
  const one = (name: string): EpochMs | undefined => parseHttpDate(fieldLines(fields, name)[0] ?? '', now);
  const expires = fieldLines(fields, 'expires');
  return {
    date: one('date'),
    // Several Expires lines are as good as an invalid one (RFC 9111 §4.2.1 lets us take them for stale).
    expires: expires.length === 0 ? undefined : expires.length > 1 ? 'invalid' : (one('expires') ?? 'invalid'),
    lastModified: one('last-modified'),
  };
}

export interface SemanticsInput {
  readonly request: RequestHead;
  readonly response: ResponseHead;
  /** After RFC 9213 has chosen the field. */
  readonly control: CacheControl;
  /** It chose a targeted field, beside which neither Expires (RFC 9213 §2.2) nor Pragma counts. */
  readonly targeted: boolean;
  readonly dates: ResponseDates;
  /** Stands in for a missing or invalid Date (RFC 9110 §6.6.1). */
  readonly receivedAt: EpochMs;
  readonly heuristicFraction: number;
}

/** The library reads a clock when it is made; ours stands still, so that policy/ stays a function of its arguments. */
class StillPolicy extends CachePolicy {
  // eslint-disable-next-line typescript/class-methods-use-this -- overrides the library's method
  now(): number {
    return 0;
  }
}

export function semantics(input: SemanticsInput): Semantics {
  // Of the request only Authorization matters here: no-store is judged before, selection and validation elsewhere.
  const authorization = hasField(input.request.fields, 'authorization') ? { authorization: 'present' } : {};
  const request = { method: 'GET', url: '/', headers: authorization };
  const headers = normalisedResponseFields(input);
  const status = isHeuristicallyCacheable(input.response.status) ? 200 : understoodNotCacheableByDefault;
  const options = { shared: true, cacheHeuristic: input.heuristicFraction, immutableMinTimeToLive: 0 };
  const policy = new StillPolicy(request, { status, headers }, options);
  return {
    storable: policy.storable(),
    lifetime: policy.maxAge(),
    source: lifetimeSource(headers, input),
    ageValue: policy.age(),
    noCacheByPragma: headers['pragma']?.includes('no-cache') === true,
    preconditions: preconditions(policy.revalidationHeaders({ method: 'GET', url: '/', headers: {} })),
  };
}

/** A status that the library stores when something explicit allows it, and only then; which statuses those are, we decide. */
const understoodNotCacheableByDefault = 302;

function normalisedResponseFields(input: SemanticsInput): Record<string, string> {
  const { dates, response, receivedAt } = input;
  const headers: Record<string, string> = {
    date: plainDate(dates.date ?? receivedAt),
    age: String(ageValue(response.fields)),
  };
  const directives = normalisedDirectives(input.control);
  if (directives !== '') headers['cache-control'] = directives;
  if (dates.expires !== undefined && !input.targeted) {
    headers['expires'] = plainDate(dates.expires === 'invalid' ? 0 : dates.expires);
  }
  if (dates.lastModified !== undefined) headers['last-modified'] = plainDate(dates.lastModified);
  const pragma = fieldValue(response.fields, 'pragma');
  const pragmaCounts = !input.targeted && !hasField(response.fields, 'cache-control');
  if (pragma !== undefined && pragmaCounts) headers['pragma'] = pragma.toLowerCase();
  const entityTag = parseEntityTag(fieldLines(response.fields, 'etag')[0] ?? '');
  if (entityTag !== undefined) headers['etag'] = entityTag.text;
  return headers;
}

/** A date that the library reads as it is meant: it takes the year 0049 for 2049. What was before 1970 is as long ago as can be. */
function plainDate(time: EpochMs): string {
  return formatHttpDate(Math.max(0, time));
}

/** Those directives that the library judges rightly, each once, with one plain value. */
function normalisedDirectives(control: CacheControl): string {
  const members: string[] = [];
  for (const name of ['public', 'must-revalidate']) if (hasDirective(control, name)) members.push(name);
  if (qualifiedNames(control, 'private') === 'all') members.push('private');
  for (const name of ['max-age', 's-maxage']) {
    const seconds = deltaSeconds(control, name);
    if (seconds !== undefined) members.push(`${name}=${seconds}`);
  }
  return members.join(', ');
}

/** The first member of the first Age line; what is no number is ignored (RFC 9111 §5.1). */
function ageValue(fields: Fields): Seconds {
  const first = listMembers(fieldLines(fields, 'age')[0] ?? '')[0];
  return parseDeltaSeconds(first) ?? 0;
}

function lifetimeSource(headers: Readonly<Record<string, string>>, input: SemanticsInput): LifetimeSource {
  if (hasDirective(input.control, 's-maxage')) return 's-maxage';
  if (hasDirective(input.control, 'max-age')) return 'max-age';
  if (headers['expires'] !== undefined) return 'expires';
  return headers['last-modified'] !== undefined ? 'heuristic' : 'none';
}

function preconditions(headers: CachePolicy.Headers): Fields {
  const lines: [string, string][] = [];
  for (const name of ['if-none-match', 'if-modified-since']) {
    const value = headers[name];
    if (typeof value === 'string') lines.push([name, value]);
  }
  return lines.length === 0 ? noFields : fieldsOf(...lines);
}
