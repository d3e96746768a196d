import { isUnkeyedClaim } from '../http/claims.ts';
import { type CacheControl, hasDirective, qualifiedNames } from '../http/cache-control.ts';
import { fieldLines, type Fields, hasField } from '../http/fields.ts';
import type { RequestHead, ResponseHead } from '../http/message.ts';
import { type CacheKey, cacheKey, sameOriginKey } from '../key/cache-key.ts';
import type { NominatedFields } from '../key/nominated-fields.ts';
import type { ExchangeTimes } from './age.ts';
import { extentOf } from './combine.ts';
import type { PolicyConfig } from './config.ts';
import type { NotStorableReason, Refusal } from './decision.ts';
import { hasCredentials, isExplicit } from './freshness.ts';
import { areTooMany, cacheGroups } from './groups.ts';
import { isConditional } from './precondition.ts';
import { presentedFields } from './presented.ts';
import { storedTarget } from './search-variation.ts';
import { isUnderstood, mayBeStored } from './status.ts';
import type { StoredResponse } from './stored.ts';
import { areTooManyTags, responseTags } from './tags.ts';
import { areRepeated, unkeyedValues } from './unkeyed-values.ts';

/**
 * RFC 9111 §3: what keeps a response from being stored. Two ordered tables, read from the top: the first rule that refuses decides. The first table
 * needs the heads alone, the second what was reckoned from them.
 */

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
  /** Whether an operator's rule has it go past the shelf; not so unless said. */
  readonly isBypassed?: boolean;
}

export interface StoringRule<Context> {
  readonly refuses: (context: Context) => boolean;
  /** What is answered then; the same object each time. */
  readonly refusal: Refusal;
}

/** A response whose head was read. */
export interface Arrived {
  readonly storing: Storing;
  /** After RFC 9213 has chosen the field. */
  readonly control: CacheControl;
  readonly nominated: NominatedFields;
  readonly config: PolicyConfig;
}

/** What the heads alone tell. */
export const headRules: readonly StoringRule<Arrived>[] = [
  rule('method', 'the method is one whose responses are not stored', 'RFC 9111 §3', ({ storing, config }) => {
    return !isStoredMethod(storing, config);
  }),
  rule('bypass-rule', 'a rule of the operator sends the request past the shelf', 'RFC 9111 §3', ({ storing }) => {
    return storing.isBypassed === true;
  }),
  rule(
    'request-content',
    'the request has content, which is no part of the key',
    'RFC 9110 §9.3.1',
    ({ storing, config }) => storing.requestHasContent && !isStoredPost(storing, config) && !isKeyedQuery(storing),
  ),
  rule('request-no-store', 'the request says no-store', 'RFC 9111 §5.2.1.5', ({ storing }) => {
    const { control } = presentedFields(storing.request.fields);
    // In doubt what can't be read is no-store.
    return hasDirective(control, 'no-store') || control.malformed;
  }),
  rule(
    'not-modified',
    'it is a 304, which is about a response that the client has',
    'RFC 9111 §4.3.3',
    ({ storing }) => storing.response.status === 304,
  ),
  rule('status', 'its status is not one that is stored', 'RFC 9111 §3', ({ storing: { request, response } }) => {
    // Like 416, the answer to a condition of this very request.
    if (response.status === 412 && isConditional(request.fields)) return true;
    return !mayBeStored(response.status);
  }),
  rule(
    'must-understand',
    'it wants its status to be understood, and it is not',
    'RFC 9111 §5.2.2.3',
    ({ storing, control }) => hasDirective(control, 'must-understand') && !isUnderstood(storing.response.status),
  ),
  rule(
    'no-store',
    'the response says no-store',
    'RFC 9111 §5.2.2.5',
    // RFC 9111 §5.2.2.3: beside must-understand, it is for caches that do not understand the status.
    ({ control }) => hasDirective(control, 'no-store') && !hasDirective(control, 'must-understand'),
  ),
  rule(
    'private',
    'the response says private',
    'RFC 9111 §5.2.2.7',
    ({ control }) => qualifiedNames(control, 'private') === 'all',
  ),
  rule(
    'cache-control-malformed',
    'its Cache-Control can not be read',
    'RFC 9111 §4.2.1',
    ({ control }) => control.malformed,
  ),
  rule('vary-star', 'its Vary has a star', 'RFC 9111 §4.1', ({ nominated }) => nominated === 'never'),
  rule('vary-forwarded', 'its Vary names a field that this proxy writes itself', 'RFC 9111 §4.1', ({ nominated }) =>
    namesOf(nominated).some((name) => writtenHere.has(name)),
  ),
  rule(
    'vary-too-wide',
    'its Vary names more fields than are allowed',
    'RFC 9111 §4.1',
    ({ nominated, config }) => namesOf(nominated).length > config.maxNominatedFields,
  ),
  rule('too-many-groups', 'it belongs to more groups than are remembered', 'RFC 9875 §2.1', ({ storing, config }) =>
    areTooMany(cacheGroups(storing.response.fields), config.maxGroups),
  ),
  rule('too-many-tags', 'it has more tags than are remembered', '—', ({ storing, config }) =>
    areTooManyTags(responseTags(storing.response.fields), config.maxTags),
  ),
  rule('set-cookie', 'it sets a cookie, and was not said to be for all', 'RFC 9111 §7.3', (arrived) => {
    const { storing, control, config } = arrived;
    const isGuarded = config.ttl === undefined ? config.setCookie === 'guard' : !config.ttl.force;
    if (!isGuarded || !hasField(storing.response.fields, 'set-cookie')) return false;
    return !hasDirective(control, 'public') && !hasDirective(control, 's-maxage');
  }),
  rule(
    'unkeyed-claim',
    'the request has a claim about its client that Vary does not name',
    'RFC 9111 §4.1',
    ({ storing, nominated }) => hasUnkeyedClaim(storing.request.fields, nominated),
  ),
  rule(
    'unkeyed-echo',
    'it repeats what is neither in the key nor in Vary',
    'RFC 9111 §7.1',
    ({ storing, nominated, config }) => !config.allowUnkeyedEcho && repeatsUnkeyed(storing, namesOf(nominated)),
  ),
  rule(
    'partial',
    'it is a part that does not say plainly what of the whole it is',
    'RFC 9111 §3.3',
    ({ storing: { request, response } }) => {
      if (response.status !== 206) return false;
      // RFC 9110 §15.3.7: who sent If-Range has the representation's own fields, and may have got none of them again.
      return hasField(request.fields, 'if-range') || extentOf(request, response) === undefined;
    },
  ),
];

/** A response with what was reckoned from it. */
export interface Reckoned extends Arrived {
  /** Whether the directives and the status let it be stored by anyone (RFC 9111 §3). */
  readonly permitted: boolean;
  /** As it would be stored. */
  readonly stored: StoredResponse;
}

/** What only the calculations can tell. RFC 9111 §3 lets us leave out what could never be reused. */
export const reckonedRules: readonly StoringRule<Reckoned>[] = [
  rule(
    'authorization',
    'the request has Authorization, and nothing allows the response to be shared',
    'RFC 9111 §3.5',
    ({ permitted, storing, control }) => {
      if (permitted || !hasField(storing.request.fields, 'authorization')) return false;
      return !['public', 's-maxage', 'must-revalidate'].some((name) => hasDirective(control, name));
    },
  ),
  rule('no-explicit-freshness', 'nothing makes it storable', 'RFC 9111 §3', ({ permitted }) => !permitted),
  rule(
    'method',
    'it answers a POST, and does not stand for what lies at the target',
    'RFC 9110 §9.3.3',
    ({ storing, stored }) => storing.request.method === 'POST' && !standsForGet(stored, storing.request),
  ),
  rule(
    'credentials',
    'the origin gives it no lifetime above 0, and the request has credentials',
    'RFC 9111 §7.3',
    ({ storing, stored, config }) => {
      if (config.heuristicsForCredentials || isExplicit(stored.freshness) || stored.alwaysValidate) return false;
      return hasCredentials(storing.request.fields) && isUsable(stored, config);
    },
  ),
  rule(
    'no-validator',
    'it wants validation before each use, and has no validator',
    'RFC 9111 §5.2.2.4',
    ({ stored }) => stored.preconditions.length === 0 && stored.alwaysValidate,
  ),
  rule(
    'expired',
    'its lifetime is over already, and it has no validator',
    'RFC 9111 §4.2',
    ({ stored }) => isExplicit(stored.freshness) && isSpent(stored),
  ),
  rule('no-freshness', 'nothing makes it fresh, and it has no validator', 'RFC 9111 §4.2', ({ stored }) =>
    isSpent(stored),
  ),
];

function rule<Context>(
  reason: NotStorableReason,
  name: string,
  section: string,
  refuses: (context: Context) => boolean,
): StoringRule<Context> {
  return { refuses, refusal: { storable: false, reason, rule: { name, section } } };
}

/** Whether responses to requests of this method are stored, if nothing else forbids it. */
export function isStoredMethod(asked: Pick<Storing, 'request' | 'key'>, config: PolicyConfig): boolean {
  return asked.request.method === 'GET' || isStoredPost(asked, config) || isKeyedQuery(asked);
}

function isStoredPost({ request }: Pick<Storing, 'request'>, config: PolicyConfig): boolean {
  return request.method === 'POST' && config.storePost;
}

function isKeyedQuery({ request, key }: Pick<Storing, 'request' | 'key'>): boolean {
  return request.method === 'QUERY' && key !== undefined && key !== cacheKey(request);
}

/** Fields that tell the origin of the client's connection: the origin sees them, the presented request does not have them. */
export const writtenHere: ReadonlySet<string> = new Set(['forwarded', 'x-forwarded-for', 'via']);

const none: readonly string[] = [];

/** The rule about a star stands before those that look at names. */
export function namesOf(nominated: NominatedFields): readonly string[] {
  return nominated === 'never' ? none : nominated;
}

/** RFC 9111 §4.1: what no key and no Vary distinguishes, a cache can't tell apart; so what was made for one claim must not answer others. */
function hasUnkeyedClaim(request: Fields, nominated: NominatedFields): boolean {
  for (let i = 0; i < request.length; i += 2) {
    const name = request[i] as string;
    if (isUnkeyedClaim(name) && !namesOf(nominated).includes(name)) return true;
  }
  return false;
}

/** RFC 9111 §7.1: whether a field of the response has what one client alone has sent. */
function repeatsUnkeyed({ request, response }: Storing, nominated: readonly string[]): boolean {
  const values = unkeyedValues(request, nominated, storedTarget(request.target, response.fields));
  if (values === 'too-many') return true;
  if (values.length === 0) return false;
  return areRepeated(
    values,
    response.fields.filter((_, i) => i % 2 === 1),
  );
}

/** RFC 9110 §9.3.3: a response to POST answers a later GET if it has an explicit lifetime and says that it is what lies at the target. */
function standsForGet(stored: StoredResponse, request: RequestHead): boolean {
  const locations = fieldLines(stored.fields, 'content-location');
  const names = locations.length === 1 ? sameOriginKey(locations[0] as string, request) : undefined;
  return isExplicit(stored.freshness) && names === stored.key;
}

/** Whether it could be of use without an explicit lifetime. */
function isUsable(stored: StoredResponse, config: PolicyConfig): boolean {
  const datable = stored.preconditions.length > 0 || stored.lastModified !== undefined;
  return datable || config.defaultTtl > 0 || stored.freshness.lifetime > 0 || staleWindow(stored) > 0;
}

/** Whether it could never be used: neither as it is, nor after a validation. */
function isSpent(stored: StoredResponse): boolean {
  if (stored.preconditions.length > 0) return false;
  return stored.freshness.lifetime + staleWindow(stored) <= stored.correctedInitialAge;
}

function staleWindow({ staleIfError, staleWhileRevalidate }: StoredResponse): number {
  return Math.max(staleIfError, staleWhileRevalidate);
}
