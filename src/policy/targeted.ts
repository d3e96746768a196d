import { type Argument, type CacheControl, maxDeltaSeconds, parseCacheControl } from '../http/cache-control.ts';
import { type Fields, fieldValue } from '../http/fields.ts';
import { dictionaryOf, isTokenItem } from './structured.ts';

/**
 * Targeted cache control (RFC 9213). Our target list, first match wins: a field of our own, then the one for every CDN.
 */
const targetList = ['etagere-cache-control', 'cdn-cache-control'] as const;

export interface ResponseControl {
  readonly control: CacheControl;
  /** The field that the directives came from. */
  readonly source: 'cache-control' | (typeof targetList)[number];
}

/**
 * The directives that count for this cache. A targeted field that is present and valid replaces Cache-Control, and Expires with
 * it (RFC 9213 §2.1, §2.2); one that is not a valid dictionary, or is empty, counts as absent. So does, beyond that
 * text, one in which no directive can be used: it must not open what Cache-Control closes.
 */
export function responseControl(fields: Fields): ResponseControl {
  for (const name of targetList) {
    const value = fieldValue(fields, name);
    const control = value === undefined ? undefined : parseTargeted(value);
    if (control !== undefined) return { control, source: name };
  }
  const value = fieldValue(fields, 'cache-control');
  return value === undefined ? absent : plainControl(value);
}

const absent: ResponseControl = { control: parseCacheControl(undefined), source: 'cache-control' };

/** What was read lately, by its text: an origin says the same few things again and again. */
const readBefore = new Map<string, ResponseControl>();

/** How many texts are remembered, and of how many characters each at most. */
const maxRemembered = 256;
const longestRemembered = 128;

function plainControl(value: string): ResponseControl {
  const before = readBefore.get(value);
  if (before !== undefined) return before;
  const read: ResponseControl = { control: parseCacheControl(value), source: 'cache-control' };
  if (readBefore.size >= maxRemembered) readBefore.clear();
  if (value.length <= longestRemembered) readBefore.set(value, read);
  return read;
}

/**
 * A Dictionary of RFC 9651. A directive whose value has the wrong type is not consumed (RFC 9213 §2.1): a lifetime counts as absent. But one that
 * forbids, forbids: in doubt a response is not shared.
 */
function parseTargeted(value: string): CacheControl | undefined {
  const directives = new Map<string, readonly [Argument | null]>();
  for (const [name, [item]] of dictionaryOf(value) ?? []) {
    const argument = argumentOf(name, item);
    if (argument !== undefined) directives.set(name, [argument]);
  }
  return directives.size === 0 ? undefined : { directives, malformed: false };
}

const lifetimes: ReadonlySet<string> = new Set(['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error']);
const permissions: ReadonlySet<string> = new Set(['public', 'must-understand']);
const takesFieldNames: ReadonlySet<string> = new Set(['no-cache', 'private']);

/** The argument in the words of Cache-Control; null without one; undefined where the directive counts as absent. */
function argumentOf(name: string, item: unknown): Argument | null | undefined {
  if (item === true) return null;
  if (lifetimes.has(name)) {
    if (typeof item === 'number') return integerArgument(item);
    return isTokenItem(item) ? null : undefined;
  }
  if (permissions.has(name)) return undefined;
  return typeof item === 'string' && takesFieldNames.has(name) ? { value: item, quoted: true } : null;
}

/** A negative or fractional number is no delta-seconds: it reads as invalid, which is stale. */
function integerArgument(value: number): Argument {
  const valid = Number.isInteger(value) && value >= 0;
  return { value: valid ? String(Math.min(value, maxDeltaSeconds)) : '', quoted: false };
}
