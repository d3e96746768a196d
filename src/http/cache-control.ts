import { isOws, isToken, trimEndOws, trimOws } from './fields.ts';
import type { Seconds } from './message.ts';

/**
 * Cache-Control (RFC 9111 §5.2), parsed once for a message, in linear time. Names are lower-case; every occurrence of a directive
 * is kept, since duplicates and conflicts are for the policy to judge.
 */
export interface CacheControl {
  /** The arguments of each directive in order of appearance; null where it came without one. */
  readonly directives: ReadonlyMap<string, readonly (Argument | null)[]>;
  /** Something in the value could not be read: an unterminated quoted string, a name that is no token. */
  readonly malformed: boolean;
}

export interface Argument {
  readonly value: string;
  readonly quoted: boolean;
}

/** The greatest delta-seconds that counts; what is larger means this (RFC 9111 §1.2.2). */
export const maxDeltaSeconds: Seconds = 2 ** 31;

const absent: CacheControl = { directives: new Map(), malformed: false };

/** `value` is the combined field value (RFC 9110 §5.3); undefined where the field is absent. */
export function parseCacheControl(value: string | undefined): CacheControl {
  if (value === undefined) return absent;
  const directives = new Map<string, (Argument | null)[]>();
  let malformed = false;
  let at = 0;
  while (at < value.length) {
    const member = readMember(value, at);
    at = member.end + 1;
    malformed ||= member.malformed;
    if (member.name === '' && member.argument === null) continue;
    if (!isToken(member.name)) {
      malformed = true;
      continue;
    }
    const occurrences = directives.get(member.name);
    if (occurrences === undefined) directives.set(member.name, [member.argument]);
    else occurrences.push(member.argument);
  }
  return { directives, malformed };
}

interface Member {
  readonly name: string;
  readonly argument: Argument | null;
  readonly malformed: boolean;
  /** Index of the comma that ended it, or the length of the value. */
  readonly end: number;
}

/** One list member: `token [ "=" ( token / quoted-string ) ]`; a comma inside a quoted string does not end it. */
function readMember(value: string, start: number): Member {
  let end = start;
  while (end < value.length && value[end] !== ',' && value[end] !== '=' && value[end] !== '"') end++;
  const name = trimOws(value.slice(start, end)).toLowerCase();
  if (value[end] === '"') return { name, argument: null, malformed: true, end: skipToComma(value, end) };
  if (value[end] !== '=') return { name, argument: null, malformed: false, end };
  const at = end + 1;
  if (value[at] !== '"') {
    const stop = skipToComma(value, at);
    // No whitespace belongs around the "=": it is kept, so that such a value is not taken for a number.
    const text = (isOws(value.charCodeAt(end - 1)) ? ' ' : '') + trimEndOws(value.slice(at, stop));
    return { name, argument: { value: text, quoted: false }, malformed: text.includes('"'), end: stop };
  }
  const string = readQuotedString(value, at);
  const stop = skipToComma(value, string.end);
  const trailing = trimOws(value.slice(string.end, stop));
  const malformed = !string.terminated || trailing !== '';
  return { name, argument: { value: string.value, quoted: true }, malformed, end: stop };
}

/** RFC 9110 §5.6.4; `start` is at the opening quote, `end` after the closing one. */
function readQuotedString(value: string, start: number): { value: string; end: number; terminated: boolean } {
  let text = '';
  let at = start + 1;
  for (; at < value.length; at++) {
    const char = value.charAt(at);
    if (char === '"') return { value: text, end: at + 1, terminated: true };
    if (char === '\\' && at + 1 < value.length) text += value.charAt(++at);
    else text += char;
  }
  return { value: text, end: at, terminated: false };
}

/** The next comma outside quotes: what follows a broken member must not be taken for a directive when it is quoted. */
function skipToComma(value: string, start: number): number {
  let at = start;
  while (at < value.length && value[at] !== ',') {
    at = value[at] === '"' ? readQuotedString(value, at).end : at + 1;
  }
  return at;
}

export function hasDirective(control: CacheControl, name: string): boolean {
  return control.directives.has(name);
}

/**
 * A directive that takes delta-seconds. With several values the least is taken, and one that is no number counts as 0: RFC 9111 §4.2.1 lets
 * us choose the first or stale, and the least is never fresher than either. Undefined where the directive is absent.
 */
export function deltaSeconds(control: CacheControl, name: string): Seconds | undefined {
  const occurrences = control.directives.get(name);
  if (occurrences === undefined) return undefined;
  let least = maxDeltaSeconds;
  for (const argument of occurrences) least = Math.min(least, parseDeltaSeconds(argument?.value) ?? 0);
  return least;
}

/** RFC 9111 §1.2.2; undefined where the text is not 1*DIGIT. */
export function parseDeltaSeconds(text: string | undefined): Seconds | undefined {
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  return Math.min(Number(text), maxDeltaSeconds);
}

/** Fields without which the rest would be judged otherwise when it is read again: they can't be kept back on their own. */
function isDecisive(field: string): boolean {
  return field === 'vary' || field === 'date' || field === 'expires' || field.endsWith('cache-control');
}

/**
 * The field names of the qualified form `no-cache="a, b"` or `private="a"` (RFC 9111 §5.2.2.4, §5.2.2.7), lower-case. `all` where any
 * occurrence is unqualified, empty, does not read as field names, or names one that a cache decides by: in doubt the whole
 * response is meant.
 */
export function qualifiedNames(control: CacheControl, name: string): readonly string[] | 'all' | 'absent' {
  const occurrences = control.directives.get(name);
  if (occurrences === undefined) return 'absent';
  const names: string[] = [];
  for (const argument of occurrences) {
    if (argument === null) return 'all';
    const listed = argument.value.split(',').map(trimOws).filter(Boolean);
    if (listed.length === 0) return 'all';
    for (const each of listed) {
      const field = each.toLowerCase();
      if (!isToken(each) || isDecisive(field)) return 'all';
      names.push(field);
    }
  }
  return names;
}
