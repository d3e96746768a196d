import { type Fields, fieldLines } from '../http/fields.ts';

/** Names that are not spelt as their syllables are. */
const spellings: ReadonlyMap<string, string> = new Map([
  ['etag', 'ETag'],
  ['te', 'TE'],
  ['www-authenticate', 'WWW-Authenticate'],
  ['cdn-cache-control', 'CDN-Cache-Control'],
]);

/** A field name as people write it: `cache-control` is `Cache-Control`. */
export function shownName(name: string): string {
  return spellings.get(name) ?? name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}

const secrets: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);

/**
 * A value as it may be shown to somebody else than the one who sent it: of credentials only their length, of cookies that are set only their names and
 * attributes.
 */
export function shownValue(name: string, value: string): string {
  if (secrets.has(name)) return `(${value.length} characters)`;
  return name === 'set-cookie' ? value.replace(/^([^=;]*)=[^;]*/, '$1=…') : value;
}

/** Every line of that name, as it may be shown; undefined where there is none. */
export function shownLines(fields: Fields, name: string): string | undefined {
  const lines = fieldLines(fields, name).map((value) => shownValue(name, value));
  return lines.length === 0 ? undefined : lines.join(', ');
}
