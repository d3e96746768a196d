import { parseEntityTag, stronglyEqual, weaklyEqual } from '../http/entity-tag.ts';
import { fieldLines, type Fields, withLine, withoutFields } from '../http/fields.ts';
import { parseHttpDate } from '../http/date.ts';
import type { EpochMs, RequestHead, ResponseHead } from '../http/message.ts';
import type { ExchangeTimes } from './age.ts';
import type { PolicyConfig } from './config.ts';
import type { Freshening } from './decision.ts';
import { storability } from './storable.ts';
import type { StoredResponse } from './stored.ts';

/**
 * RFC 9111 §4.3.4: what a 304 makes of the stored response whose validators were sent. `request` is the one that was forwarded,
 * without its preconditions. The updated head is judged again as if it had just come: a 304 that adds `private` takes it off the shelf.
 */
export function freshen(
  stored: StoredResponse,
  request: RequestHead,
  notModified: ResponseHead,
  times: ExchangeTimes,
  config: PolicyConfig,
): Freshening {
  if (!identifies(notModified.fields, stored, times.responseWallTime)) return { kind: 'mismatch' };
  const response = { status: stored.status, fields: updatedFields(stored.fields, notModified.fields) };
  const storing = { request: { ...request, method: 'GET' }, requestHasContent: false, response, times, generation: stored.generation };
  const judged = storability(storing, config);
  if (judged.storable) return { kind: 'freshened', stored: judged.stored };
  const updated = { ...stored, fields: withoutFields(response.fields, new Set(['age'])), responseTime: times.responseTime, correctedInitialAge: 0 };
  return { kind: 'unstorable', updated, reason: judged.reason };
}

/**
 * Whether the validators of the 304 point at this stored response. A strong one must be equal strongly; a weak one weakly; without any, the
 * 304 answers what was asked, which was about this response alone.
 */
function identifies(fields: Fields, stored: StoredResponse, now: EpochMs): boolean {
  const tag = parseEntityTag(fieldLines(fields, 'etag')[0] ?? '');
  if (tag !== undefined) {
    if (stored.entityTag === undefined) return false;
    return tag.weak || stored.entityTag.weak ? weaklyEqual(tag, stored.entityTag) : stronglyEqual(tag, stored.entityTag);
  }
  const lastModified = fieldLines(fields, 'last-modified')[0];
  if (lastModified === undefined || stored.lastModified === undefined) return true;
  return parseHttpDate(lastModified, now) === stored.lastModified;
}

/** Fields that describe the stored content or its framing, which a 304 does not bring (RFC 9111 §3.2). */
const notUpdated: ReadonlySet<string> = new Set(['content-length', 'content-encoding', 'content-range', 'transfer-encoding', 'age']);

/** RFC 9111 §3.2: every field of the new head is added, replacing all lines of its name. */
export function updatedFields(stored: Fields, update: Fields): Fields {
  const incoming = withoutFields(update, notUpdated);
  const replaced = new Set<string>();
  for (let i = 0; i < incoming.length; i += 2) replaced.add(incoming[i] as string);
  let fields = withoutFields(stored, replaced);
  for (let i = 0; i < incoming.length; i += 2) fields = withLine(fields, incoming[i] as string, incoming[i + 1] as string);
  return fields;
}
