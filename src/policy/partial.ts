import { parseEntityTag, stronglyEqual } from '../http/entity-tag.ts';
import { parseHttpDate } from '../http/date.ts';
import { fieldLines, type Fields, fieldValue, withField, withoutFields } from '../http/fields.ts';
import { type ByteRange, parseRange } from '../http/range.ts';
import type { EpochMs, RequestHead, Seconds } from '../http/message.ts';
import type { StoredResponse } from './stored.ts';

/** Which part of a complete stored response answers a request (RFC 9110 §14.2). */
export type Selection =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  | { readonly kind: 'unsatisfiable' };

const whole: Selection = { kind: 'whole' };

/** Several ranges in one request are answered with the whole response, which RFC 9110 §14.2 allows: a multipart answer can be larger than it. */
const maxRanges = 1;

/**
 * The range of a GET request within a stored 200 of `length` bytes, once its own preconditions have been evaluated
 * (RFC 9110 §13.2.2): If-Range decides whether Range counts.
 */
export function selectRange(request: RequestHead, selected: StoredResponse, length: number, now: EpochMs): Selection {
  const range = fieldValue(request.fields, 'range');
  if (range === undefined || request.method !== 'GET' || selected.status !== 200) return whole;
  const ifRange = fieldValue(request.fields, 'if-range');
  if (ifRange !== undefined && !sameRepresentation(ifRange, selected, now)) return whole;
  const wanted = parseRange(range, length, maxRanges);
  if (wanted.kind === 'ignore') return whole;
  if (wanted.kind === 'unsatisfiable') return { kind: 'unsatisfiable' };
  const [first] = wanted.ranges;
  return first === undefined ? whole : { kind: 'part', range: first };
}

/** A Last-Modified is a strong validator if it is at least this much older than the Date beside it (RFC 9110 §8.8.2.2). */
const strongAfter: Seconds = 1;

/** RFC 9110 §13.1.5: a strong comparison, or the very date of a Last-Modified that is strong. */
function sameRepresentation(ifRange: string, selected: StoredResponse, now: EpochMs): boolean {
  const date = parseHttpDate(ifRange, now);
  if (date !== undefined) {
    const { lastModified, dateValue } = selected;
    return lastModified === date && dateValue - lastModified >= strongAfter * 1000;
  }
  const tag = parseEntityTag(ifRange);
  return tag !== undefined && selected.entityTag !== undefined && stronglyEqual(tag, selected.entityTag);
}

/** The fields of the 206 (RFC 9110 §15.3.7): those of the stored 200, with the range and its own length. */
export function fieldsOfPart(selected: StoredResponse, range: ByteRange, length: number): Fields {
  const fields = withField(selected.fields, 'content-range', `bytes ${range.first}-${range.last}/${length}`);
  return withField(fields, 'content-length', String(range.last - range.first + 1));
}

/** The fields of the 416 (RFC 9110 §15.5.17). */
export function fieldsOfUnsatisfiable(selected: StoredResponse, length: number): Fields {
  const date = fieldLines(selected.fields, 'date')[0];
  const dropped = new Set<string>();
  for (let i = 0; i < selected.fields.length; i += 2) dropped.add(selected.fields[i] as string);
  let fields = withField(withoutFields(selected.fields, dropped), 'content-range', `bytes */${length}`);
  fields = withField(fields, 'content-length', '0');
  return date === undefined ? fields : withField(fields, 'date', date);
}
