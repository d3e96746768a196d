import { parseEntityTag, stronglyEqual, weaklyEqual } from '../http/entity-tag.ts';
import { fieldLines, type Fields, withoutFields } from '../http/fields.ts';
import { parseHttpDate } from '../http/date.ts';
import type { EpochMs, RequestHead, ResponseHead } from '../http/message.ts';
import { cacheKey } from '../key/cache-key.ts';
import type { ExchangeTimes } from './age.ts';
import type { PolicyConfig } from './config.ts';
import { type Freshening, liesInRequest, type Outdated } from './decision.ts';
import { storability } from './storable.ts';
import { updatedFields } from './update.ts';
import type { StoredResponse } from './stored.ts';

/** A response that brings news of a stored one. */
export interface Update {
  /** The request that was forwarded. */
  readonly request: RequestHead;
  readonly response: ResponseHead;
  readonly times: ExchangeTimes;
  /** As it was received (`isCloseDelimited`). */
  readonly closeDelimited?: boolean;
}

/**
 * RFC 9111 §4.3.4: what a 304 makes of the stored response whose validators were sent. The updated head is judged again as if it had just come: a 304 that adds `private` takes it off the shelf.
 */
export function freshen(stored: StoredResponse, update: Update, config: PolicyConfig): Freshening {
  const { response, times } = update;
  if (!identifies(response.fields, stored, times.responseWallTime)) return { kind: 'mismatch' };
  return updated(stored, update, config);
}

/**
 * RFC 9111 §4.3.5: what a 200 to a HEAD makes of a stored GET response that could have been chosen for it. Unless all that the head tells of the
 * representation agrees with it, the stored response is outdated: stale from now on, whatever its lifetime. What has been stale before its time stays so, unless the head has its strong
 * entity-tag.
 */
export function freshenWithHead(stored: StoredResponse, update: Update, config: PolicyConfig): Freshening | Outdated {
  const { response, times } = update;
  if (!describes(response.fields, stored, times.responseWallTime)) return outdated(stored);
  const freshening = updatedAsStored(stored, update, config);
  if (freshening.kind !== 'freshened' || stored.ended === undefined || hasStrongTagOf(stored, response))
    return freshening;
  return { ...freshening, stored: asEnded(stored, freshening.stored) };
}

/**
 * RFC 9111 §4.3.4: what a 304 makes of a stored response that it was not asked about, but identifies by a strong entity-tag; undefined where it does
 * not.
 */
export function freshenIdentified(
  stored: StoredResponse,
  update: Update,
  config: PolicyConfig,
): Freshening | Outdated | undefined {
  return hasStrongTagOf(stored, update.response) ? updatedAsStored(stored, update, config) : undefined;
}

/**
 * RFC 9111 §4.3.5: what a purge or news of the origin has ended stays so, with all that its age is counted from, whatever fields it gets. That a length or a date agrees does not show that
 * the content does.
 */
function asEnded(stored: StoredResponse, updatedStored: StoredResponse): StoredResponse {
  const { ended, freshness, responseTime, correctedInitialAge } = stored;
  return { ...updatedStored, ended, freshness, responseTime, correctedInitialAge };
}

function outdated(stored: StoredResponse): Outdated {
  return {
    kind: 'outdated',
    stored: { ...stored, freshness: { lifetime: 0, source: 'none' }, ended: 'outdated' },
  };
}

/**
 * The same as `updated`, by the answer to a request that did not bring the stored response, nor asked about it: it stays the variant of its own original request
 * (RFC 9111 §4.1). What that had in fields which are nominated only now is not known any more; then nobody can say whom the response suits.
 */
function updatedAsStored(stored: StoredResponse, update: Update, config: PolicyConfig): Freshening | Outdated {
  const freshening = updated(stored, update, config);
  if (freshening.kind !== 'freshened') return freshening;
  const { nominatedFields, variant } = stored;
  const isKnown = freshening.stored.nominatedFields.every((name) => nominatedFields.includes(name));
  return isKnown ? { ...freshening, stored: { ...freshening.stored, nominatedFields, variant } } : outdated(stored);
}

/** The stored head with the fields of the new one, judged as if it had just come in answer to the request of the update. */
function updated(stored: StoredResponse, update: Update, config: PolicyConfig): Freshening {
  const { times } = update;
  const request = { ...update.request, method: 'GET' };
  const response = { status: stored.status, fields: updatedFields(stored.fields, update.response.fields) };
  const storing = {
    request,
    requestHasContent: false,
    response,
    times,
    closeDelimited: stored.closeDelimited,
    generation: stored.generation,
    key: stored.key,
  };
  const judged = storability(storing, config);
  const fields = withoutFields(response.fields, new Set(['age']));
  if (judged.storable) {
    const { extent } = stored;
    // Asked about by an equivalent target, what matters of it is still what mattered of its own.
    const search = judged.stored.search?.significant === stored.search?.significant ? judged.stored.search : undefined;
    const own = stored.key === cacheKey(update.request);
    return {
      kind: 'freshened',
      stored: { ...judged.stored, extent, search: own ? judged.stored.search : search },
      fields,
    };
  }
  const answer = { ...stored, fields, responseTime: times.responseTime, correctedInitialAge: 0 };
  return { kind: 'unstorable', stored: answer, fields, leaves: !liesInRequest(judged.reason), reason: judged.reason };
}

/** Whether every validator and length that the head of a HEAD response brings is that of the stored response. */
function describes(fields: Fields, stored: StoredResponse, now: EpochMs): boolean {
  const tag = parseEntityTag(fieldLines(fields, 'etag')[0] ?? '');
  if (tag !== undefined && tag.text !== stored.entityTag?.text) return false;
  const lastModified = fieldLines(fields, 'last-modified')[0];
  if (lastModified !== undefined && parseHttpDate(lastModified, now) !== stored.lastModified) return false;
  const length = fieldLines(fields, 'content-length')[0];
  return length === undefined || length === fieldLines(stored.fields, 'content-length')[0];
}

/** Whether a response names this stored one by the same strong entity-tag (RFC 9110 §8.8.3.2). */
function hasStrongTagOf({ entityTag }: StoredResponse, { fields }: ResponseHead): boolean {
  const tag = parseEntityTag(fieldLines(fields, 'etag')[0] ?? '');
  return tag !== undefined && entityTag !== undefined && stronglyEqual(tag, entityTag);
}

/**
 * Whether the validators of the 304 point at this stored response. A strong one must be equal strongly; a weak one weakly; without any, the
 * 304 answers what was asked, which was about this response alone.
 */
function identifies(fields: Fields, stored: StoredResponse, now: EpochMs): boolean {
  const tag = parseEntityTag(fieldLines(fields, 'etag')[0] ?? '');
  if (tag !== undefined) {
    if (stored.entityTag === undefined) return false;
    return tag.weak ? weaklyEqual(tag, stored.entityTag) : stronglyEqual(tag, stored.entityTag);
  }
  const lastModified = fieldLines(fields, 'last-modified')[0];
  if (lastModified === undefined || stored.lastModified === undefined) return true;
  return parseHttpDate(lastModified, now) === stored.lastModified;
}
