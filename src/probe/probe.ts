import { received } from '../engine/received.ts';
import type { ErrorCode } from '../errors.ts';
import type { OriginAnswer } from '../explain/answer.ts';
import { explain } from '../explain/explain.ts';
import type { Explanation } from '../explain/explanation.ts';
import { usualNominated } from '../explain/vary-edits.ts';
import { cacheStatusMember } from '../http/cache-status.ts';
import { withField } from '../http/fields.ts';
import type { RequestHead, ResponseHead } from '../http/message.ts';
import { nominatedFields } from '../key/nominated-fields.ts';
import { believedRequest } from '../origin/forwarding.ts';
import type { PolicyConfig } from '../policy/config.ts';
import { type NotStoredReason, storeReasons } from '../policy/decision.ts';
import type { Settings } from '../config/settings.ts';
import { PrivateCache, trustsEverybody } from './private-cache.ts';
import type { OriginVisit } from './recording-origin.ts';

/** One request through a cache of its own, with what was foretold and what came. */
export interface ProbedRequest {
  /** `first` on an empty shelf; `second`, the same again; `varied`, with other values in the fields that Vary nominates. */
  readonly which: 'first' | 'second' | 'varied';
  readonly explanation: Explanation;
  /** What the client got: the status, and the member of Cache-Status. */
  readonly status: number;
  readonly cacheStatus: string;
  readonly error?: ErrorCode;
  /** Why the origin gave no answer, as a client is told. */
  readonly errorDetail?: string;
  /** Within what the answer had no end, in words, where it was broken off for that. */
  readonly endless?: string;
}

/** What the origin was seen to do. */
export interface Probed {
  readonly requests: readonly ProbedRequest[];
  /** The rules of the route that the request takes. */
  readonly policy: PolicyConfig;
  /** Its answer to the first request; undefined where it gave none. */
  readonly first: Fetched | undefined;
  /** Its answer to the same request again, without conditions. */
  readonly again: Fetched | undefined;
}

/** An answer of the origin with what its content is known by. */
export interface Fetched extends OriginAnswer {
  readonly request: RequestHead;
  readonly contentBytes: number;
  readonly digest: string | undefined;
}

/**
 * Asks an origin through a cache with an empty shelf, as many times as it takes to see what becomes of a request there: the same twice, once with other
 * values in nominated fields of which there are many, and once without the cache, to compare validators.
 */
export async function probe(presented: RequestHead, settings: Settings): Promise<Probed> {
  const cache = new PrivateCache(settings);
  const request = believedRequest(presented, '', { trusts: trustsEverybody });
  try {
    const { config: policy } = await cache.inspect(request);
    const first = await ask(cache, request, { which: 'first' });
    const fetched = first.visit && fetchedOf(request, first.visit, first.reason);
    // What has no end once has none the next time.
    if (fetched === undefined || first.asked.endless !== undefined)
      return { requests: [first.asked], policy, first: fetched, again: undefined };
    const second = await ask(cache, request, { which: 'second', answer: fetched });
    const requests = [first.asked, second.asked];
    const varied = otherVariant(request, fetched.response);
    if (varied !== undefined) requests.push((await ask(cache, varied, { which: 'varied' })).asked);
    const visit = await first.visit?.again();
    return { requests, policy, first: fetched, again: visit && fetchedOf(request, visit, undefined) };
  } finally {
    await cache.close();
  }
}

interface Asking {
  readonly which: ProbedRequest['which'];
  /** What the origin is known to answer. */
  readonly answer?: OriginAnswer;
}

interface Outcome {
  readonly asked: ProbedRequest;
  /** What the origin was asked for it. */
  readonly visit: OriginVisit | undefined;
  readonly reason: NotStoredReason | undefined;
}

/** The explanation is made from what is on the shelf before, and what the origin has answered to this request or is known to answer. */
async function ask(cache: PrivateCache, request: RequestHead, { which, answer }: Asking): Promise<Outcome> {
  const before = await cache.inspect(request);
  const visits = cache.visits.length;
  const record = await cache.ask(request);
  const visit = cache.visits[visits];
  const reason = refusalOf(record.cacheStatus.detail);
  const own = visit && fetchedOf(request, visit, reason);
  // A 304 to a validation is no answer that would be stored.
  const known = own?.response.status === 304 ? answer : (own ?? answer);
  const asked = {
    which,
    explanation: explain(before, { request }, known),
    status: record.status,
    cacheStatus: cacheStatusMember('etagere', record.cacheStatus),
    ...(record.error === undefined ? {} : { error: record.error }),
    ...(record.error === undefined || visit?.fault === undefined ? {} : { errorDetail: visit.fault }),
    ...(visit?.endless === undefined ? {} : { endless: visit.endless }),
  };
  return { asked, visit, reason };
}

function refusalOf(detail: string | undefined): NotStoredReason | undefined {
  return storeReasons.find((reason) => reason === detail);
}

/** The answer as the engine judges it; undefined where no head came. */
function fetchedOf(request: RequestHead, visit: OriginVisit, reason: NotStoredReason | undefined): Fetched | undefined {
  const { heard, requestTime, contentBytes, digest } = visit;
  if (heard === undefined) return undefined;
  const { response, times, closeDelimited } = received(request, heard.head, requestTime, heard.at);
  const answer = { request, response, times, closeDelimited: closeDelimited ?? false, contentBytes, digest };
  return reason === undefined ? answer : { ...answer, reason };
}

/** Other values for nominated fields, of which an origin that knows them may make another answer. */
const otherValues: ReadonlyMap<string, string> = new Map([
  ['cookie', 'etagere-explain=1'],
  ['user-agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
]);

/**
 * The request with other values in the fields that Vary nominates, but for those by which a representation is usually chosen: of these there are few. Undefined
 * where it nominates no others, or a star.
 */
function otherVariant(request: RequestHead, { fields }: ResponseHead): RequestHead | undefined {
  const names = nominatedFields(fields);
  const unusual = names === 'never' ? [] : names.filter((name) => !usualNominated.has(name));
  if (unusual.length === 0) return undefined;
  let varied = request.fields;
  for (const name of unusual) varied = withField(varied, name, otherValues.get(name) ?? 'etagere-explain');
  return { ...request, fields: varied };
}
