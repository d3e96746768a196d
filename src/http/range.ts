import { trimOws } from './fields.ts';

/** A byte range with both ends included, inside a representation of known length. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * What a Range field asks of a representation of `length` bytes (RFC 9110 §14.1.2, §14.2). `ignore`: not bytes, not well-formed,
 * or more ranges than are worth an answer in parts; the whole representation is sent. `unsatisfiable`: 416.
 */
export type RangeRequest =
  | { readonly kind: 'ignore' }
  | { readonly kind: 'unsatisfiable' }
  | { readonly kind: 'ranges'; readonly ranges: readonly ByteRange[] };

/** With room for white space and empty members; a longer list is not read at all. */
const longestSpec = 48;

const ignore: RangeRequest = { kind: 'ignore' };

/** At most `maxRanges` ranges are read; more are ignored as an attack (RFC 9110 §17.15). */
export function parseRange(value: string, length: number, maxRanges: number): RangeRequest {
  const equals = value.indexOf('=');
  if (equals < 0 || trimOws(value.slice(0, equals)).toLowerCase() !== 'bytes') return ignore;
  if (value.length - equals > maxRanges * longestSpec) return ignore;
  const specs = value
    .slice(equals + 1)
    .split(',')
    .map(trimOws)
    .filter(Boolean);
  if (specs.length === 0 || specs.length > maxRanges) return ignore;
  const ranges: ByteRange[] = [];
  for (const spec of specs) {
    const match = /^(\d{0,15})-(\d{0,15})$/.exec(spec);
    if (match === null || spec === '-') return ignore;
    const [, first = '', last = ''] = match;
    if (first !== '' && last !== '' && Number(last) < Number(first)) return ignore;
    // Any suffix of nothing is satisfiable, but no Content-Range could tell which bytes it is.
    if (first === '' && length === 0 && Number(last) > 0) return ignore;
    const range = resolve(first, last, length);
    if (range !== undefined) ranges.push(range);
  }
  return ranges.length === 0 ? { kind: 'unsatisfiable' } : { kind: 'ranges', ranges };
}

function resolve(first: string, last: string, length: number): ByteRange | undefined {
  if (first === '') {
    const suffix = Number(last);
    return suffix === 0 ? undefined : { first: Math.max(0, length - suffix), last: length - 1 };
  }
  const from = Number(first);
  if (from >= length) return undefined;
  return { first: from, last: last === '' ? length - 1 : Math.min(Number(last), length - 1) };
}

export function bytesOf({ first, last }: ByteRange): number {
  return last - first + 1;
}

/** What a Content-Range says of the content beside it (RFC 9110 §14.4). */
export interface EnclosedRange extends ByteRange {
  /** Of the whole representation; undefined where the origin does not know it. */
  readonly length: number | undefined;
}

/** The same, of a representation of known length. */
export interface ContentRange extends EnclosedRange {
  readonly length: number;
}

/** Undefined where the value is not well-formed, or is not about bytes. */
export function parseContentRange(value: string): EnclosedRange | undefined {
  const match = /^bytes[ \t]+(\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(trimOws(value));
  if (match === null) return undefined;
  const [first = 0, last = 0] = match.slice(1, 3).map(Number);
  const length = match[3] === '*' ? undefined : Number(match[3]);
  return first <= last && (length === undefined || last < length) ? { first, last, length } : undefined;
}

export function formatContentRange({ first, last }: ByteRange, length: number): string {
  return `bytes ${first}-${last}/${length}`;
}
