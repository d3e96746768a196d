import { parseEntityTag, stronglyEqual } from '../http/entity-tag.ts';
import { parseHttpDate } from '../http/date.ts';
import { fieldLines, type Fields, fieldsOf, fieldValue, withField } from '../http/fields.ts';
import { type ByteRange, bytesOf, formatContentRange, parseRange } from '../http/range.ts';
import type { EpochMs, RequestHead, Seconds } from '../http/message.ts';
import type { StoredResponse } from './stored.ts';

/** Which part of a stored response answers a request (RFC 9110 §14.2). */
export type Selection =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  /** At least two, none overlapping another, in the order in which they were asked for. */
  | { readonly kind: 'parts'; readonly ranges: readonly ByteRange[] }
  | { readonly kind: 'unsatisfiable' }
  /** What is stored is partial itself, and does not hold it. */
  | { readonly kind: 'beyond' };

/** Ranges in one request that are answered in parts; more, or overlapping ones, are an attack (RFC 9110 §14.2, §17.15). */
const maxRanges = 16;

/**
 * What a request selects of a stored response whose representation has `length` bytes, once its own preconditions have been evaluated
 * (RFC 9110 §13.2.2): If-Range decides whether Range counts. A Range that is not worth its parts is ignored, as RFC 9110 §14.2 allows.
 */
export function selectRange(request: RequestHead, selected: StoredResponse, length: number, now: EpochMs): Selection {
  const { extent } = selected;
  const whole: Selection = extent === undefined ? { kind: 'whole' } : { kind: 'beyond' };
  const range = fieldValue(request.fields, 'range');
  if (range === undefined || request.method !== 'GET' || selected.status !== 200) return whole;
  const ifRange = fieldValue(request.fields, 'if-range');
  if (ifRange !== undefined && !sameRepresentation(ifRange, selected, now)) return whole;
  const wanted = parseRange(range, length, maxRanges);
  if (wanted.kind === 'ignore') return whole;
  if (wanted.kind === 'unsatisfiable') return { kind: 'unsatisfiable' };
  const { ranges } = wanted;
  if (extent !== undefined && !ranges.every(({ first, last }) => first >= extent.first && last <= extent.last))
    return whole;
  const [only] = ranges;
  if (ranges.length === 1 && only !== undefined) return { kind: 'part', range: only };
  return overlap(ranges) ? whole : { kind: 'parts', ranges };
}

/** Longer than anything: so are ranges read of which nobody knows yet what they are of. */
const lengthUnknown = Number.MAX_SAFE_INTEGER;

/**
 * Whether the origin is asked for these ranges. Not where they would be ignored if the whole were stored: an origin that answers each of them sends many times what there is, for a few bytes of a request
 * (RFC 9110 §17.15). Ranges in another unit are the origin's business.
 */
export function mayAskFor(range: string): boolean {
  const wanted = parseRange(range, lengthUnknown, maxRanges);
  if (wanted.kind === 'ignore') return !/^[\t ]*bytes[\t ]*=/i.test(range);
  return wanted.kind === 'unsatisfiable' || !overlap(wanted.ranges);
}

/** Whether a partial stored response holds what the request asks for; the answer of a complete one is always yes. */
export function holds(request: RequestHead, selected: StoredResponse, now: EpochMs): boolean {
  return selected.extent === undefined || selectRange(request, selected, selected.extent.length, now).kind !== 'beyond';
}

function overlap(ranges: readonly ByteRange[]): boolean {
  const ordered = [...ranges].sort((a, b) => a.first - b.first);
  return ordered.some((range, index) => index > 0 && range.first <= (ordered[index - 1] as ByteRange).last);
}

/** A Last-Modified is a strong validator if it is at least this much older than the Date beside it (RFC 9110 §8.8.2.2). */
const strongAfter: Seconds = 1;

/** Whether Last-Modified may stand for this very representation (RFC 9110 §8.8.2.2). */
export function hasStrongDate({ lastModified, dateValue }: StoredResponse): boolean {
  return lastModified !== undefined && dateValue - lastModified >= strongAfter * 1000;
}

/** RFC 9110 §13.1.5: a strong comparison, or the very date of a Last-Modified that is strong. */
function sameRepresentation(ifRange: string, selected: StoredResponse, now: EpochMs): boolean {
  const date = parseHttpDate(ifRange, now);
  if (date !== undefined) return selected.lastModified === date && hasStrongDate(selected);
  const tag = parseEntityTag(ifRange);
  return tag !== undefined && selected.entityTag !== undefined && stronglyEqual(tag, selected.entityTag);
}

/** The fields of the 206 (RFC 9110 §15.3.7): those of the stored 200, with the range and its own length. */
export function fieldsOfPart(selected: StoredResponse, range: ByteRange, length: number): Fields {
  const fields = withField(selected.fields, 'content-range', formatContentRange(range, length));
  return withField(fields, 'content-length', String(bytesOf(range)));
}

/** The fields of a 206 in several parts (RFC 9110 §15.3.7.2): the type and the range of each part stand with the part. */
export function fieldsOfParts(selected: StoredResponse, boundary: string, contentLength: number): Fields {
  const fields = withField(selected.fields, 'content-type', `multipart/byteranges; boundary=${boundary}`);
  return withField(fields, 'content-length', String(contentLength));
}

/** The head of one of several parts (RFC 9110 §14.6). */
export function headOfPart(selected: StoredResponse, boundary: string, range: ByteRange, length: number): string {
  const type = fieldLines(selected.fields, 'content-type')[0];
  const typeLine = type === undefined ? '' : `content-type: ${type}\r\n`;
  return `\r\n--${boundary}\r\n${typeLine}content-range: ${formatContentRange(range, length)}\r\n\r\n`;
}

/** The fields of the 416 (RFC 9110 §15.5.17): nothing of the representation but its length. */
export function fieldsOfUnsatisfiable(selected: StoredResponse, length: number): Fields {
  const date = fieldLines(selected.fields, 'date').map((value) => ['date', value] as const);
  return fieldsOf(...date, ['content-range', `bytes */${length}`], ['content-length', '0']);
}
