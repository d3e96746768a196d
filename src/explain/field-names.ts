import { type Fields, fieldLines } from '../http/fields.ts';
import { shownValue } from '../http/shown-value.ts';

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

/** Every line of that name, as it may be shown; undefined where there is none. */
export function shownLines(fields: Fields, name: string): string | undefined {
  const lines = fieldLines(fields, name).map((value) => shownValue(name, value));
  return lines.length === 0 ? undefined : lines.join(', ');
}
