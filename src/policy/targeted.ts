import { parseDictionary, Token } from 'structured-headers';
import { type CacheControl, maxDeltaSeconds, parseCacheControl } from '../http/cache-control.ts';
import { type Fields, fieldValue } from '../http/fields.ts';

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
 * it (RFC 9213 §2.1, §2.2); one that is not a valid dictionary, or is empty, counts as absent.
 */
export function responseControl(fields: Fields): ResponseControl {
  for (const name of targetList) {
    const value = fieldValue(fields, name);
    const control = value === undefined ? undefined : parseTargeted(value);
    if (control !== undefined) return { control, source: name };
  }
  return { control: parseCacheControl(fieldValue(fields, 'cache-control')), source: 'cache-control' };
}

/** A Dictionary of RFC 9651: a directive whose value has the wrong type is ignored (RFC 9213 §2.1). */
function parseTargeted(value: string): CacheControl | undefined {
  const directives = new Map<string, readonly [{ value: string; quoted: boolean } | null]>();
  try {
    for (const [name, [item]] of parseDictionary(value)) {
      if (item === true) directives.set(name, [null]);
      else if (typeof item === 'number') directives.set(name, [integerArgument(item)]);
      else if (typeof item === 'string' && takesFieldNames.has(name)) directives.set(name, [{ value: item, quoted: true }]);
      else if (item instanceof Token || takesFieldNames.has(name)) directives.set(name, [null]);
    }
  } catch {
    return undefined;
  }
  return directives.size === 0 ? undefined : { directives, malformed: false };
}

const takesFieldNames: ReadonlySet<string> = new Set(['no-cache', 'private']);

/** A negative or fractional number is no delta-seconds: it reads as invalid, which is stale. */
function integerArgument(value: number): { value: string; quoted: boolean } {
  const valid = Number.isInteger(value) && value >= 0;
  return { value: valid ? String(Math.min(value, maxDeltaSeconds)) : '', quoted: false };
}
