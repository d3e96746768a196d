import { eachField, fieldsOf, noFields, withLine } from '../http/fields.ts';
import type { EpochMs, RequestHead, Seconds } from '../http/message.ts';
import type { ContentRange } from '../http/range.ts';
import { variantValues } from '../key/nominated-fields.ts';
import type { PolicyConfig } from '../policy/config.ts';
import { currentAge } from '../policy/age.ts';
import type { ReuseDetail } from '../policy/decision.ts';
import { decideReuse, selectCandidate } from '../policy/reuse.ts';
import { storability } from '../policy/storable.ts';
import type { Storing } from '../policy/storing-rules.ts';
import type { StoredResponse } from '../policy/stored.ts';

/** A response and the request that it is to answer next, to be judged again with something changed. */
export interface Trial {
  readonly request: RequestHead;
  readonly hasContent: boolean;
  /** How the response came. */
  readonly storing: Storing;
  /** Where it is a stored part: which bytes it is. What is stored of it reads like a whole. */
  readonly extent?: ContentRange | undefined;
  /** Whether it came in answer to that very request, so that a client that asks otherwise had asked otherwise then, too. */
  readonly isOwn: boolean;
  readonly config: PolicyConfig;
  /** When it is to be a hit: steady time. */
  readonly now: EpochMs;
}

/** Fresh, or served stale with the origin's leave; undefined where it is no hit. */
export interface TriedHit {
  readonly ttl: Seconds;
  readonly detail?: ReuseDetail;
}

/** What the policy makes of it: the same functions that decide about real requests. */
export function outcomeOf({ request, hasContent, storing, extent, isOwn, config, now }: Trial): TriedHit | undefined {
  const judged = storability(isOwn ? { ...storing, request, requestHasContent: hasContent } : storing, config);
  if (!judged.storable) return undefined;
  const stored = extent === undefined ? judged.stored : { ...judged.stored, extent };
  const reuse = decideReuse({ request, hasContent, candidates: [stored], now }, config);
  if (reuse.kind !== 'reuse') return undefined;
  const { ttl, detail } = reuse;
  return detail === undefined ? { ttl } : { ttl, detail };
}

/** How old its response is when it is to be a hit, in seconds: reckoned for one with the same Age and Date that may be stored. */
export function ageOf({ storing, config, now }: Trial): Seconds {
  const { response, times, generation } = storing;
  const timed = [...eachField(response.fields)].filter(([name]) => name === 'age' || name === 'date');
  const request = { ...storing.request, method: 'GET', fields: noFields };
  const plain = { status: 200, fields: fieldsOf(...timed, ['cache-control', 'max-age=1'], ['etag', '""']) };
  const judged = storability({ request, requestHasContent: false, response: plain, times, generation }, config);
  return judged.storable ? currentAge(judged.stored, now) : 0;
}

/** The stored response that is nearest to answering the request: the one that it selects, else the most recent. */
export function nearestTo(request: RequestHead, candidates: readonly StoredResponse[]): StoredResponse | undefined {
  return selectCandidate(request, candidates) ?? candidates.toSorted((a, b) => b.responseTime - a.responseTime)[0];
}

/**
 * How a stored response came, as far as what is stored tells: of its request the nominated fields, of its own fields those that were stored. Judged anew it
 * has the age and the variant that it had.
 */
export function storingOf(
  stored: StoredResponse,
  { scheme, authority, target }: Pick<RequestHead, 'scheme' | 'authority' | 'target'>,
): Storing {
  const nominated = [...variantValues(stored.variant)].flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const { responseTime, dateValue, correctedInitialAge, status, fields } = stored;
  return {
    request: { method: 'GET', scheme, authority, target, version: '1.1', fields: fieldsOf(...nominated) },
    requestHasContent: false,
    response: { status, fields: withLine(fields, 'age', String(Math.ceil(correctedInitialAge))) },
    // The wall clock of then is not known; the age says all that it would.
    times: { requestTime: responseTime, responseTime, responseWallTime: dateValue },
    closeDelimited: stored.closeDelimited,
    generation: 0,
    key: stored.key,
  };
}
