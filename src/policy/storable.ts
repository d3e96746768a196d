import { isUnkeyedClaim } from '../http/claims.ts';
import { type CacheControl, hasDirective, qualifiedNames } from '../http/cache-control.ts';
import { parseEntityTag } from '../http/entity-tag.ts';
import { fieldLines, type Fields, hasField, noFields, withoutFields } from '../http/fields.ts';
import type { RequestHead, ResponseHead } from '../http/message.ts';
import { type CacheKey, cacheKey, sameOriginKey } from '../key/cache-key.ts';
import { type NominatedFields, nominatedFields, variantKey } from '../key/nominated-fields.ts';
import { correctedInitialAge, type ExchangeTimes } from './age.ts';
import { extentOf, fieldsOfWhole } from './combine.ts';
import type { PolicyConfig } from './config.ts';
import type { NotStorableReason, Storability } from './decision.ts';
import { freshness, hasCredentials, isExplicit } from './freshness.ts';
import { areTooMany, cacheGroups } from './groups.ts';
import { searchVariation, significantTarget } from './search-variation.ts';
import { isConditional } from './precondition.ts';
import { presentedFields } from './presented.ts';
import { responseDates, semantics } from './semantics.ts';
import { staleRules } from './stale.ts';
import { isUnderstood, mayBeStored } from './status.ts';
import type { StoredResponse } from './stored.ts';
import { type ResponseControl, responseControl } from './targeted.ts';

/** A response with what led to it: all that storing depends on. */
export interface Storing {
  readonly request: RequestHead;
  /** Whether the request had content; such a request is never answered from the shelf, nor fills it. */
  readonly requestHasContent: boolean;
  /** Hop-by-hop fields removed, Date present. */
  readonly response: ResponseHead;
  readonly times: ExchangeTimes;
  /** Whether nothing but the end of the connection told the length of the content; not so unless said. */
  readonly closeDelimited?: boolean;
  readonly generation: number;
  /** Where it is not that of the target: the key of a QUERY holds its content. */
  readonly key?: CacheKey;
}

/**
 * RFC 9111 §3: whether this response may be stored, and if so, what of it. Every refusal has its reason.
 */
export function storability(storing: Storing, config: PolicyConfig): Storability {
  const { request, response } = storing;
  const chosen = responseControl(response.fields);
  const { control } = chosen;
  const plain = refusedByRequest(storing, config) ?? refusedByDirective(response.status, control);
  if (plain !== undefined) return { storable: false, reason: plain };
  const nominated = nominatedFields(response.fields);
  const refusal =
    refusedByFields(response.fields, control, nominated, config) ?? refusedByClaims(request.fields, nominated);
  if (refusal !== undefined) return { storable: false, reason: refusal };
  return judge(storing, chosen, nominated === 'never' ? [] : nominated, config);
}

function refusedByRequest(
  { request, requestHasContent, response, key }: Storing,
  config: PolicyConfig,
): NotStorableReason | undefined {
  const isPost = request.method === 'POST' && config.storePost;
  const isKeyedQuery = request.method === 'QUERY' && key !== undefined && key !== cacheKey(request);
  if (request.method !== 'GET' && !isPost && !isKeyedQuery) return 'method';
  if (requestHasContent && !isPost && !isKeyedQuery) return 'request-content';
  const { control } = presentedFields(request.fields);
  // In doubt what can't be read is no-store.
  if (hasDirective(control, 'no-store') || control.malformed) return 'request-no-store';
  if (response.status === 304) return 'not-modified';
  // Like 416, the answer to a condition of this very request.
  if (response.status === 412 && isConditional(request.fields)) return 'status';
  return mayBeStored(response.status) ? undefined : 'status';
}

function refusedByDirective(status: number, control: CacheControl): NotStorableReason | undefined {
  if (hasDirective(control, 'must-understand')) {
    // RFC 9111 §5.2.2.3: beside must-understand, no-store is for caches that do not understand the status.
    if (!isUnderstood(status)) return 'must-understand';
  } else if (hasDirective(control, 'no-store')) {
    return 'no-store';
  }
  if (qualifiedNames(control, 'private') === 'all') return 'private';
  return control.malformed ? 'cache-control-malformed' : undefined;
}

/** Fields that tell the origin of the client's connection: the origin sees them, the presented request does not have them. */
const writtenHere: ReadonlySet<string> = new Set(['forwarded', 'x-forwarded-for', 'via']);

function refusedByFields(
  fields: Fields,
  control: CacheControl,
  nominated: NominatedFields,
  config: PolicyConfig,
): NotStorableReason | undefined {
  if (nominated === 'never') return 'vary-star';
  if (nominated.some((name) => writtenHere.has(name))) return 'vary-forwarded';
  if (nominated.length > config.maxNominatedFields) return 'vary-too-wide';
  if (areTooMany(cacheGroups(fields), config.maxGroups)) return 'too-many-groups';
  const sharedOnPurpose = hasDirective(control, 'public') || hasDirective(control, 's-maxage');
  if (config.setCookie === 'guard' && hasField(fields, 'set-cookie') && !sharedOnPurpose) return 'set-cookie';
  return undefined;
}

/** RFC 9111 §4.1: what no key and no Vary distinguishes, a cache can't tell apart; so what was made for one claim must not answer others. */
function refusedByClaims(request: Fields, nominated: NominatedFields): NotStorableReason | undefined {
  for (let i = 0; i < request.length; i += 2) {
    const name = request[i] as string;
    if (isUnkeyedClaim(name) && !nominated.includes(name)) return 'unkeyed-claim';
  }
  return undefined;
}

/** What only the calculations can tell. */
function judge(
  storing: Storing,
  { control, source }: ResponseControl,
  nominated: readonly string[],
  config: PolicyConfig,
): Storability {
  const { request, response, times, closeDelimited = false } = storing;
  const extent = response.status === 206 ? extentOf(request, response) : undefined;
  // RFC 9110 §15.3.7: who sent If-Range has the representation's own fields, and may have got none of them again.
  const lacksFields = response.status === 206 && hasField(request.fields, 'if-range');
  if (response.status === 206 && (extent === undefined || lacksFields)) return { storable: false, reason: 'partial' };
  const fields = extent === undefined ? response.fields : fieldsOfWhole(response.fields, extent.length);
  const dates = responseDates(response.fields, times.responseWallTime);
  const meaning = semantics({
    request,
    response,
    control,
    targeted: source !== 'cache-control',
    dates,
    receivedAt: times.responseWallTime,
    heuristicFraction: config.heuristicFraction,
  });
  if (!meaning.storable) return { storable: false, reason: unstorableReason(request, control) };
  const dateValue = dates.date ?? times.responseWallTime;
  const stored: StoredResponse = {
    key: storing.key ?? cacheKey(request),
    nominatedFields: nominated,
    variant: variantKey(nominated, request.fields),
    // RFC 9111 §3.3: a part is stored as an incomplete 200.
    status: extent === undefined ? response.status : 200,
    fields: storedFields(fields, control, config),
    dateValue,
    responseTime: times.responseTime,
    correctedInitialAge: correctedInitialAge(meaning.ageValue, dateValue, times),
    freshness: freshness({ request, response, control }, meaning, config),
    alwaysValidate: qualifiedNames(control, 'no-cache') === 'all' || meaning.noCacheByPragma,
    // RFC 8246 §3: what may have been cut short can be mended by a reload.
    immutable: hasDirective(control, 'immutable') && !closeDelimited,
    closeDelimited,
    ...staleRules(control, config),
    entityTag: parseEntityTag(fieldLines(response.fields, 'etag')[0] ?? ''),
    lastModified: dates.lastModified,
    preconditions: meaning.preconditions,
    extent,
    groups: cacheGroups(response.fields),
    search: searchOf(request, response.fields),
    generation: storing.generation,
    serial: 0,
  };
  if (request.method === 'POST' && !standsForGet(stored, request)) return { storable: false, reason: 'method' };
  const reason = notWorthStoring(request, stored, config);
  return reason === undefined ? { storable: true, stored } : { storable: false, reason };
}

function searchOf(request: RequestHead, fields: Fields): StoredResponse['search'] {
  const variation = request.method === 'GET' ? searchVariation(fields) : undefined;
  return variation === undefined ? undefined : { variation, significant: significantTarget(request.target, variation) };
}

/** RFC 9110 §9.3.3: a response to POST answers a later GET if it has an explicit lifetime and says that it is what lies at the target. */
function standsForGet(stored: StoredResponse, request: RequestHead): boolean {
  const locations = fieldLines(stored.fields, 'content-location');
  const names = locations.length === 1 ? sameOriginKey(locations[0] as string, request) : undefined;
  return isExplicit(stored.freshness) && names === stored.key;
}

/** The library says only that; with RFC 9111 §3.5 unmet it is that, else nothing made it storable. */
function unstorableReason(request: RequestHead, control: CacheControl): NotStorableReason {
  const allowed = ['public', 's-maxage', 'must-revalidate'].some((name) => hasDirective(control, name));
  return hasField(request.fields, 'authorization') && !allowed ? 'authorization' : 'no-explicit-freshness';
}

/** RFC 9111 §3 lets us leave out what could never be reused; RFC 9111 §7.3 is why a guess is not made for requests with credentials. */
function notWorthStoring(
  request: RequestHead,
  stored: StoredResponse,
  config: PolicyConfig,
): NotStorableReason | undefined {
  const explicit = isExplicit(stored.freshness) || stored.alwaysValidate;
  const validatable = stored.preconditions.length > 0;
  const window = Math.max(stored.staleIfError, stored.staleWhileRevalidate);
  const usable = validatable || stored.lastModified !== undefined || config.defaultTtl > 0 || window > 0;
  if (!explicit && usable && !config.heuristicsForCredentials && hasCredentials(request.fields)) return 'credentials';
  if (validatable) return undefined;
  if (stored.alwaysValidate) return 'no-validator';
  if (stored.freshness.lifetime + window > stored.correctedInitialAge) return undefined;
  return explicit ? 'expired' : 'no-freshness';
}

/**
 * RFC 9111 §3.1: every field, but for Age (written anew on each reuse), those that a qualified `no-cache` or `private` names, and
 * by default Set-Cookie, which is somebody's own.
 */
function storedFields(fields: Fields, control: CacheControl, config: PolicyConfig): Fields {
  const left = new Set(['age']);
  for (const directive of ['no-cache', 'private']) {
    const names = qualifiedNames(control, directive);
    if (names !== 'all' && names !== 'absent') for (const name of names) left.add(name);
  }
  if (config.setCookie === 'guard') left.add('set-cookie');
  return fields.length === 0 ? noFields : withoutFields(fields, left);
}
