import {
  eachField,
  fieldLines,
  type Fields,
  fieldsOf,
  fieldValue,
  hasField,
  withField,
  withoutFields,
} from '../http/fields.ts';
import { type ByteRange, bytesOf, type ContentRange, type EnclosedRange, parseContentRange } from '../http/range.ts';
import { hasContent, type RequestHead, type ResponseHead } from '../http/message.ts';
import { isSameVariant } from '../key/nominated-fields.ts';
import type { PolicyConfig } from './config.ts';
import { hasStrongDate } from './partial.ts';
import type { StoredResponse } from './stored.ts';
import { updatedFields } from './update.ts';

/**
 * Partial content as it is stored and put together (RFC 9111 §3.3, §3.4). A stored partial response is one run of bytes; runs of the same
 * representation are joined where they meet.
 */

/** The one run of bytes that a 206 says to enclose (RFC 9110 §14.4, §15.3.7); undefined where it does not, or encloses several parts. */
export function enclosedRange({ status, fields }: ResponseHead): EnclosedRange | undefined {
  const lines = fieldLines(fields, 'content-range');
  if (status !== 206 || lines.length !== 1 || enclosesParts(fields)) return undefined;
  return parseContentRange(lines[0] as string);
}

/** RFC 9110 §15.3.7.2: what each part is, its own head says; a Content-Range beside them is about none of them. */
function enclosesParts(fields: Fields): boolean {
  return fieldLines(fields, 'content-type').some((type) => /^[ \t]*multipart\/byteranges[ \t]*(?:;|$)/i.test(type));
}

/** The part that a 206 brings, taken from its own words; undefined where they can't be believed, or there are several parts. */
export function extentOf(request: RequestHead, response: ResponseHead): ContentRange | undefined {
  const described = wholeLengthKnown(enclosedRange(response));
  if (!hasField(request.fields, 'range') || described === undefined) return undefined;
  const bytes = fieldLines(response.fields, 'content-length')[0];
  if (bytes === undefined) return described;
  const held = fitted(described, Number(bytes));
  // There are origins that count a byte too many: the representation ends where they say that the content does. With a length of its own such a part is
  // never joined with others, and never taken for the whole.
  return held !== undefined && isSuffix(described) ? { ...held, length: held.last + 1 } : held;
}

/** Whether it reaches from somewhere inside to the end. */
function isSuffix({ first, last, length }: ContentRange): boolean {
  return first > 0 && last === length - 1;
}

/** A part of a representation of unknown length fits nowhere. */
function wholeLengthKnown(range: EnclosedRange | undefined): ContentRange | undefined {
  return range?.length === undefined ? undefined : { ...range, length: range.length };
}

/**
 * The extent once its content is known to have so many bytes: fewer than announced are an incomplete part (RFC 9111 §3.3), of a representation that is as
 * long as before; more are nonsense.
 */
function fitted(announced: ContentRange, bytes: number): ContentRange | undefined {
  const expected = bytesOf(announced);
  if (bytes === expected) return announced;
  if (bytes === 0 || bytes > expected) return undefined;
  return { ...announced, last: announced.first + bytes - 1 };
}

/**
 * The head to keep once the content has come to its end after so many bytes, however it was framed. Undefined where a part has more bytes than
 * it announced.
 */
export function withLength(stored: StoredResponse, bytes: number): StoredResponse | undefined {
  if (!hasContent('GET', stored.status)) return stored;
  if (stored.extent === undefined)
    return { ...stored, fields: withField(stored.fields, 'content-length', String(bytes)) };
  const extent = fitted(stored.extent, bytes);
  if (extent === undefined) return undefined;
  const isWhole = extent.first === 0 && extent.last === extent.length - 1;
  return { ...stored, extent: isWhole ? undefined : extent, fields: fieldsOfWhole(stored.fields, extent.length) };
}

/** The head that a 206 is stored with: that of the 200 of which it is a part. */
export function fieldsOfWhole(fields: Fields, length: number): Fields {
  return withField(withoutFields(fields, new Set(['content-range'])), 'content-length', String(length));
}

/** What to ask for to complete a partial stored response (RFC 9111 §3.3): the one run of bytes that is missing. */
export interface Completion {
  readonly missing: ByteRange;
  /** Range, and If-Range with the strong validator if there is one. */
  readonly fields: Fields;
}

/**
 * Undefined where bytes are missing on both sides, or where without a strong validator nothing could be combined. With `rfc` it is tried without
 * one: the origin may answer with the whole.
 */
export function completionOf(stored: StoredResponse, config: PolicyConfig): Completion | undefined {
  const { extent } = stored;
  if (extent === undefined) return undefined;
  const ifRange = strongValidator(stored);
  if (ifRange === undefined && !config.completeWithoutValidator) return undefined;
  const condition = ifRange === undefined ? [] : [['if-range', ifRange] as const];
  const end = extent.length - 1;
  if (extent.first === 0 && extent.last < end) {
    const missing = { first: extent.last + 1, last: end };
    return { missing, fields: fieldsOf(['range', `bytes=${missing.first}-`], ...condition) };
  }
  if (extent.first > 0 && extent.last === end) {
    const missing = { first: 0, last: extent.first - 1 };
    return { missing, fields: fieldsOf(['range', `bytes=0-${missing.last}`], ...condition) };
  }
  return undefined;
}

/** What tells for sure that other bytes are of the same representation (RFC 9110 §8.8.1): a strong entity-tag, or without any a Last-Modified that is strong by its date. */
export function strongValidator(stored: StoredResponse): string | undefined {
  if (stored.entityTag !== undefined) return stored.entityTag.weak ? undefined : stored.entityTag.text;
  return hasStrongDate(stored) ? fieldLines(stored.fields, 'last-modified')[0] : undefined;
}

/**
 * The whole response that a stored part and a 206 make together (RFC 9111 §3.4): they must share a strong validator, and the 206 must be
 * just what is missing. Undefined where they can't be combined.
 */
export function completedBy(stored: StoredResponse, missing: ByteRange, part: ResponseHead): ResponseHead | undefined {
  const { extent } = stored;
  if (extent === undefined || !brings(stored, { missing, length: extent.length }, part)) return undefined;
  return { status: 200, fields: fieldsOfWhole(updatedFields(stored.fields, part.fields), extent.length) };
}

/** Whether a 206 is just those bytes of the representation, which has so many in all, and shares the strong validator of what is stored. */
export function brings(
  stored: StoredResponse,
  { missing, length }: { readonly missing: ByteRange; readonly length: number },
  part: ResponseHead,
): boolean {
  const range = enclosedRange(part);
  const bytes = fieldLines(part.fields, 'content-length')[0];
  const isFramed = bytes === undefined || Number(bytes) === bytesOf(missing);
  const fits = range?.first === missing.first && range.last === missing.last && range.length === length;
  return isFramed && fits && isOfSame(stored, part.fields);
}

/**
 * RFC 9111 §3.4: whether a response with these fields is of the same representation as the stored one: both have the same strong validator, and neither
 * tells of another that the other lacks. A content coding, if one is told (an answer to If-Range need not), is the same, since it is what the bytes are in.
 */
export function isOfSame(stored: StoredResponse, fields: Fields): boolean {
  const validator = strongValidator(stored);
  const tag = fieldLines(fields, 'etag')[0];
  const compared = stored.entityTag === undefined && tag === undefined ? fieldLines(fields, 'last-modified')[0] : tag;
  if (validator === undefined || compared !== validator) return false;
  const coding = fieldValue(fields, 'content-encoding');
  return coding === undefined || coding === fieldValue(stored.fields, 'content-encoding');
}

/** One run of bytes made of two stored parts: `older` gives what lies before and after `newer`. */
export interface Junction {
  readonly stored: StoredResponse;
  /** Bytes of the older part's beginning. */
  readonly before: number;
  /** Bytes of the older part's end. */
  readonly after: number;
}

/**
 * RFC 9111 §3.4; undefined where the parts do not meet, are not of one representation, or the newer holds all of the older. Nor are they
 * joined where the newer lacks a field of the older: the head of what they make together would be that of neither, and was judged by nobody.
 */
export function junction(older: StoredResponse, newer: StoredResponse): Junction | undefined {
  const [a, b] = [older.extent, newer.extent];
  if (a === undefined || b === undefined || a.length !== b.length) return undefined;
  if (older.variant !== newer.variant || !isOfSame(older, newer.fields)) return undefined;
  if (!bringsEveryField(newer.fields, older.fields)) return undefined;
  if (a.last + 1 < b.first || b.last + 1 < a.first) return undefined;
  const before = Math.max(0, b.first - a.first);
  const after = Math.max(0, a.last - b.last);
  if (before + after === 0) return undefined;
  const [first, last] = [b.first - before, b.last + after];
  const isWhole = first === 0 && last === b.length - 1;
  const extent = isWhole ? undefined : { first, last, length: b.length };
  return { stored: { ...newer, extent }, before, after };
}

/** Whether an update of the older fields (RFC 9111 §3.2) leaves nothing of them. */
function bringsEveryField(newer: Fields, older: Fields): boolean {
  const names = new Set<string>();
  for (const [name] of eachField(newer)) names.add(name);
  for (const [name] of eachField(older)) if (!names.has(name)) return false;
  return true;
}

/** A part joined to a much larger one would have that copied for nearly nothing: then the larger one stays alone. */
const leastShare = 1 / 8;

/**
 * Whether a response that lies on the shelf is to stay there rather than give way to one of the same variant that comes now: it is more recent, or it
 * is of the same representation and holds more of it.
 */
export function isBetter(shelved: StoredResponse, coming: StoredResponse): boolean {
  if (!isSameVariant(shelved, coming)) return false;
  // A part that came while the whole was still arriving is more recent, and holds nothing that the whole lacks.
  if (shelved.extent !== undefined && coming.extent === undefined && isOfSame(shelved, coming.fields)) return false;
  if (shelved.responseTime > coming.responseTime && shelved.dateValue >= coming.dateValue) return true;
  if (coming.extent === undefined || !isOfSame(shelved, coming.fields)) return false;
  if (shelved.extent === undefined) return true;
  return bytesOf(coming.extent) < bytesOf(shelved.extent) * leastShare;
}
