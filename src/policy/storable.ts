import { type CacheControl, hasDirective, qualifiedNames } from '../http/cache-control.ts';
import { parseEntityTag } from '../http/entity-tag.ts';
import { fieldLines, type Fields, noFields, withoutFields } from '../http/fields.ts';
import type { RequestHead } from '../http/message.ts';
import { cacheKey } from '../key/cache-key.ts';
import { nominatedFields, variantKey } from '../key/nominated-fields.ts';
import { correctedInitialAge } from './age.ts';
import { extentOf, fieldsOfWhole } from './combine.ts';
import type { PolicyConfig } from './config.ts';
import type { Refusal, RuleName, Storability } from './decision.ts';
import { freshness } from './freshness.ts';
import { cacheGroups } from './groups.ts';
import { nominatedWithOrigin } from './nominated-origin.ts';
import { searchVariation, significantTarget } from './search-variation.ts';
import { responseDates, semantics } from './semantics.ts';
import { staleRules } from './stale.ts';
import type { StoredResponse } from './stored.ts';
import {
  type Arrived,
  headRules,
  namesOf,
  type Reckoned,
  reckonedRules,
  type Storing,
  type StoringRule,
} from './storing-rules.ts';
import { responseTags } from './tags.ts';
import { type ResponseControl, responseControl } from './targeted.ts';
import { configFor, configForStatus, forceWithheld, withTtl } from './ttl-override.ts';

/** Told of each rule that is looked at, in order, and whether it refused. */
export type LookedAtStoring = (rule: RuleName, refused: boolean) => void;

/**
 * RFC 9111 §3: whether this response may be stored, and if so, what of it. Every refusal has its reason and its rule.
 */
export function storability(storing: Storing, given: PolicyConfig, looked?: LookedAtStoring): Storability {
  const config = configFor(storing.request.fields, given);
  if (config !== given && isOnlyForced(storing, { forced: given, unforced: config })) {
    looked?.(forceWithheld.rule, true);
    return forceWithheld;
  }
  return judge(storing, config, looked);
}

/** Whether it is an operator's force alone that would have the response stored, but for Authorization in the request. */
function isOnlyForced(
  storing: Storing,
  { forced, unforced }: { readonly forced: PolicyConfig; readonly unforced: PolicyConfig },
): boolean {
  const without = judge(storing, unforced);
  if (without.storable || without.reason === 'authorization') return false;
  const by = judge(storing, forced);
  return by.storable || by.reason === 'authorization';
}

function judge(storing: Storing, given: PolicyConfig, looked?: LookedAtStoring): Storability {
  const { response } = storing;
  const config = configForStatus(response.status, given);
  const chosen = responseControl(response.fields);
  const control = config.ttl === undefined ? chosen.control : withTtl(chosen.control, config.ttl);
  const nominated = config.allowUnkeyedEcho
    ? nominatedFields(response.fields)
    : nominatedWithOrigin(storing.request, response);
  const arrived: Arrived = { storing, control, nominated, config };
  const refusal = firstRefusal(headRules, arrived, looked);
  if (refusal !== undefined) return refusal;
  const reckoned = reckon(arrived, chosen);
  return firstRefusal(reckonedRules, reckoned, looked) ?? { storable: true, stored: reckoned.stored };
}

function firstRefusal<Context>(
  rules: readonly StoringRule<Context>[],
  context: Context,
  looked: LookedAtStoring | undefined,
): Refusal | undefined {
  for (const { refuses, refusal } of rules) {
    const refused = refuses(context);
    looked?.(refusal.rule, refused);
    if (refused) return refusal;
  }
  return undefined;
}

/** Lifetime, age and all that a reuse needs, once and for all. */
function reckon({ storing, control, nominated, config }: Arrived, chosen: ResponseControl): Reckoned {
  const { request, response, times, closeDelimited = false } = storing;
  const extent = response.status === 206 ? extentOf(request, response) : undefined;
  const fields = extent === undefined ? response.fields : fieldsOfWhole(response.fields, extent.length);
  const dates = responseDates(response.fields, times.responseWallTime);
  const said = {
    request,
    response,
    targeted: chosen.source !== 'cache-control',
    dates,
    receivedAt: times.responseWallTime,
    heuristicFraction: config.heuristicFraction,
  };
  const meaning = semantics({ ...said, control });
  const own = config.ttl === undefined ? meaning : semantics({ ...said, control: chosen.control });
  const dateValue = dates.date ?? times.responseWallTime;
  const names = namesOf(nominated);
  const stored: StoredResponse = {
    key: storing.key ?? cacheKey(request),
    nominatedFields: names,
    variant: variantKey(names, request.fields),
    // RFC 9111 §3.3: a part is stored as an incomplete 200.
    status: extent === undefined ? response.status : 200,
    fields: storedFields(fields, control, config),
    dateValue,
    responseTime: times.responseTime,
    correctedInitialAge: correctedInitialAge(meaning.ageValue, dateValue, times),
    freshness: freshness({ request, response, control, own }, meaning, config),
    ended: undefined,
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
    tags: responseTags(response.fields),
    search: searchOf(request, response.fields),
    generation: storing.generation,
    serial: 0,
  };
  return { storing, control, nominated, config, permitted: meaning.storable, stored };
}

function searchOf(request: RequestHead, fields: Fields): StoredResponse['search'] {
  const variation = request.method === 'GET' ? searchVariation(fields) : undefined;
  return variation === undefined ? undefined : { variation, significant: significantTarget(request.target, variation) };
}

/**
 * RFC 9111 §3.1: every field, but for Age (written anew on each reuse), those that a qualified `no-cache` or `private` names, and
 * Set-Cookie, which is somebody's own: by default, and always where it is the operator who has it stored.
 */
function storedFields(fields: Fields, control: CacheControl, config: PolicyConfig): Fields {
  const left = new Set(['age']);
  for (const directive of ['no-cache', 'private']) {
    const names = qualifiedNames(control, directive);
    if (names !== 'all' && names !== 'absent') for (const name of names) left.add(name);
  }
  if (config.setCookie === 'guard' || config.ttl !== undefined) left.add('set-cookie');
  return fields.length === 0 ? noFields : withoutFields(fields, left);
}
