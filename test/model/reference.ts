/**
 * What RFC 9111 lets a shared cache do, and what this one promises beyond it, read from the texts alone: nothing of `src/policy` is used. It does not say what has to come out, as a
 * cache may always ask again, but what may.
 */
import type { EpochMs, Seconds } from '../../src/http/message.ts';
import type { Asking, SentHead } from './journal.ts';

/** A response that was made from these heads, in their order: the first brought content, the others have updated it (RFC 9111 §3.2, §3.4). */
export type History = readonly SentHead[];

type FieldMap = ReadonlyMap<string, string>;
type Directives = ReadonlyMap<string, string | undefined>;

/** Names of fields that an update leaves as they were (RFC 9111 §3.2), or that are about a part. */
const unchanged = new Set(['content-length', 'content-range']);

/** RFC 9111 §3.2. */
export function fieldsAfter(history: History): FieldMap {
  const all = history.flatMap(({ fields }, index) =>
    [...fields].filter(([name]) => index === 0 || !unchanged.has(name)),
  );
  return new Map(all);
}

/** RFC 9111 §5.2: names in any letter case. */
export function directivesOf(fields: FieldMap): Directives {
  const members = (fields.get('cache-control') ?? '').toLowerCase().split(',');
  return new Map(members.map((member) => member.trim().split('=')).map(([name = '', value]) => [name, value]));
}

/**
 * Why what these heads made may not answer anybody but for whom it was asked; undefined where it may (RFC 9111 §3, §3.5, §7.3). After each of them, as what a later one forbids is over, and what an earlier
 * one forbade was never there.
 */
export function notShareable(history: History): string | undefined {
  for (let count = 1; count <= history.length; count++) {
    const reason = notStorable(history.slice(0, count));
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function notStorable(history: History): string | undefined {
  const head = history.at(-1);
  if (head === undefined) return 'it was made from nothing';
  const fields = fieldsAfter(history);
  const control = directivesOf(fields);
  if (history.length === 1 && head.method !== 'GET') return `it answered a ${head.method}`;
  for (const name of ['no-store', 'private']) if (control.has(name)) return `the origin said ${name}`;
  if (directivesOf(head.requestFields).has('no-store')) return 'the request said no-store';
  if (fields.get('vary')?.includes('*') === true) return 'its Vary has a star';
  // The field itself is never kept: only what brings it has to be for all.
  if (head.fields.has('set-cookie') && !control.has('public') && !control.has('s-maxage')) return 'it sets a cookie';
  const allowing = ['public', 's-maxage', 'must-revalidate'];
  if (history.length === 1 && head.requestFields.has('authorization') && !allowing.some((name) => control.has(name)))
    return 'it answered a request with Authorization';
  const hasCredentials = head.requestFields.has('cookie') || head.requestFields.has('authorization');
  if (history.length === 1 && hasCredentials && explicitLifetime(fields) === undefined && !control.has('no-cache'))
    return 'its lifetime was guessed for a request with credentials';
  return undefined;
}

/** RFC 9111 §4.1: whether the nominated fields of a request match those of one that it was made for. */
export function isSelectedBy(asking: Asking, history: History): boolean {
  const names = (fieldsAfter(history).get('vary') ?? '')
    .toLowerCase()
    .split(/[ ,]+/)
    .filter((name) => name !== '');
  return history.some(({ requestFields }) =>
    names.every((name) => requestFields.get(name) === asking.fields.get(name)),
  );
}

/** RFC 9111 §4.2.1; undefined where the origin says nothing. An Expires that is no date has been. */
function explicitLifetime(fields: FieldMap): Seconds | undefined {
  const control = directivesOf(fields);
  const seconds = control.get('s-maxage') ?? control.get('max-age');
  if (seconds !== undefined) return Number(seconds);
  const expires = fields.get('expires');
  if (expires === undefined) return undefined;
  return Math.max(0, (Date.parse(expires) - Date.parse(fields.get('date') ?? '')) / 1_000);
}

/** RFC 9111 §4.2.2: a tenth of the time since the last modification, for a status that permits it. Errors get none from this cache. */
function lifetimeOf(history: History): Seconds {
  const fields = fieldsAfter(history);
  const explicit = explicitLifetime(fields);
  if (explicit !== undefined) return explicit;
  const status = history[0]?.status ?? 0;
  const isPublic = directivesOf(fields).has('public');
  const isGuessable = isPublic || [200, 206, 301].includes(status);
  const modified = Date.parse(fields.get('last-modified') ?? '');
  if (!isGuessable || Number.isNaN(modified)) return 0;
  return Math.min(86_400, Math.floor((Date.parse(fields.get('date') ?? '') - modified) / 10_000));
}

/** RFC 9111 §4.2.3. */
export function currentAge(history: History, now: EpochMs): Seconds {
  const head = history.at(-1);
  if (head?.sent === undefined) return Number.POSITIVE_INFINITY;
  const { sent, requestTime, fields } = head;
  const apparentAge = Math.max(0, Math.floor((sent.wallTime - Date.parse(fields.get('date') ?? '')) / 1_000));
  const correctedAgeValue = Number(fields.get('age') ?? 0) + (sent.time - requestTime) / 1_000;
  return Math.max(apparentAge, correctedAgeValue) + (now - sent.time) / 1_000;
}

/** What else has to do with whether it is fresh enough. */
export interface Circumstances {
  readonly now: EpochMs;
  /** When it was said to be stale from then on; undefined where nobody did. */
  readonly endedAt: EpochMs | undefined;
  /** Whether the origin has failed since the request came. */
  readonly hasFailed: boolean;
}

/** Why it may not be used for a request without having been validated for it (RFC 9111 §4.2, §4.2.4, §5.2.1; RFC 5861); undefined where it may. */
export function notFreshEnough(
  asking: Asking,
  history: History,
  { now, endedAt, hasFailed }: Circumstances,
): string | undefined {
  const fields = fieldsAfter(history);
  const control = directivesOf(fields);
  if (control.has('no-cache')) return 'the origin wants it validated each time';
  const age = currentAge(history, now);
  const said = lifetimeOf(history);
  const lifetime = endedAt === undefined ? said : Math.min(said, currentAge(history, endedAt));
  const isProhibited = ['must-revalidate', 'proxy-revalidate', 's-maxage'].some((name) => control.has(name));
  const windowOf = (name: string): Seconds => (isProhibited ? 0 : Number(control.get(name) ?? 0));
  if (hasFailed && age < lifetime + windowOf('stale-if-error')) return undefined;
  const isGuess = explicitLifetime(fields) === undefined;
  if (isGuess && (asking.fields.has('cookie') || asking.fields.has('authorization')))
    return 'its lifetime is a guess, and the request has credentials';
  const unwanted = notWanted(asking, age, lifetime);
  if (unwanted !== undefined) return unwanted;
  const whileValidated = endedAt === undefined ? windowOf('stale-while-revalidate') : 0;
  return age < lifetime + whileValidated ? undefined : `it is ${age} s old, and may be ${lifetime + whileValidated}`;
}

/** RFC 9111 §5.2.1. */
function notWanted(asking: Asking, age: Seconds, lifetime: Seconds): string | undefined {
  const wanted = directivesOf(asking.fields);
  if (wanted.has('no-cache')) return 'the request wants it validated';
  const maxAge = wanted.get('max-age');
  if (maxAge !== undefined && (maxAge === '0' || age > Number(maxAge))) return 'the request wants a younger one';
  if (lifetime - age < Number(wanted.get('min-fresh') ?? Number.NEGATIVE_INFINITY))
    return 'the request wants one that stays fresh longer';
  return undefined;
}
