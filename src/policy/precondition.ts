import { parseHttpDate } from '../http/date.ts';
import { parseEntityTagList, weaklyEqual } from '../http/entity-tag.ts';
import { fieldLines, type Fields, fieldValue, hasField, withoutFields } from '../http/fields.ts';
import type { EpochMs, RequestHead } from '../http/message.ts';
import type { StoredResponse } from './stored.ts';

/** The fields that make a request conditional (RFC 9110 §13.1), If-Range apart. */
const preconditions: ReadonlySet<string> = new Set([
  'if-none-match',
  'if-modified-since',
  'if-match',
  'if-unmodified-since',
]);

/** Whether only the origin may evaluate the request's preconditions (RFC 9111 §4.3.2). */
export function hasOriginPrecondition(fields: Fields): boolean {
  return hasField(fields, 'if-match') || hasField(fields, 'if-unmodified-since');
}

export function isConditional(fields: Fields): boolean {
  return hasField(fields, 'if-none-match') || hasField(fields, 'if-modified-since') || hasOriginPrecondition(fields);
}

export function withoutPreconditions(fields: Fields): Fields {
  return withoutFields(fields, preconditions);
}

/**
 * RFC 9111 §4.3.2: whether the client's own stored response is still the one selected here, so that 304 is the answer. If-None-Match has
 * precedence over If-Modified-Since (RFC 9110 §13.2.2); only a stored 200 is compared.
 */
export function isNotModified(request: RequestHead, selected: StoredResponse, now: EpochMs): boolean {
  if (selected.status !== 200) return false;
  const ifNoneMatch = fieldValue(request.fields, 'if-none-match');
  if (ifNoneMatch !== undefined) {
    const tags = parseEntityTagList(ifNoneMatch);
    if (tags === '*') return true;
    const { entityTag } = selected;
    return entityTag !== undefined && tags.some((tag) => weaklyEqual(tag, entityTag));
  }
  // RFC 9110 §13.1.3: it is for GET and HEAD alone.
  const since = request.method === 'QUERY' ? [] : fieldLines(request.fields, 'if-modified-since');
  if (since.length !== 1) return false;
  const date = parseHttpDate(since[0] as string, now);
  // Without Last-Modified the Date stands in: the representation can't be younger than its message.
  return date !== undefined && (selected.lastModified ?? selected.dateValue) <= date;
}

/** The fields of a 304 (RFC 9110 §15.4.5): those that a cache needs to update what it has, and no others about the content. */
const notModifiedFields: ReadonlySet<string> = new Set([
  'content-length',
  'content-type',
  'content-encoding',
  'content-language',
  'content-range',
  'last-modified',
]);

export function fieldsOfNotModified(selected: StoredResponse): Fields {
  // Last-Modified is a validator: it goes along only where there is no entity-tag to tell representations apart.
  if (selected.entityTag !== undefined) return withoutFields(selected.fields, notModifiedFields);
  const left = new Set(notModifiedFields);
  left.delete('last-modified');
  return withoutFields(selected.fields, left);
}
