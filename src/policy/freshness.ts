import type { CacheControl } from '../http/cache-control.ts';
import { type Fields, hasField } from '../http/fields.ts';
import type { RequestHead, ResponseHead } from '../http/message.ts';
import type { PolicyConfig, TtlOverride } from './config.ts';
import type { Semantics } from './semantics.ts';
import { isHeuristicallyCacheable } from './status.ts';
import type { Freshness, LifetimeSource } from './stored.ts';

/** A response, the directives that count for it, and the request that it answers. */
export interface Judged {
  readonly request: RequestHead;
  readonly response: ResponseHead;
  readonly control: CacheControl;
  /** What the origin's own directives mean, whatever lifetime of the operator stands in `control`. */
  readonly own: Semantics;
}

const stale: Freshness = { lifetime: 0, source: 'none' };

/**
 * freshness_lifetime (RFC 9111 §4.2.1): explicit as the library has it; else heuristic (§4.2.2) or the operator's default, within what the
 * configuration allows. The default applies only where the origin says nothing about caching at all.
 */
export function freshness(judged: Judged, semantics: Semantics, config: PolicyConfig): Freshness {
  const { lifetime, source } = semantics;
  if (isExplicit(semantics)) {
    const { ttl } = config;
    return { lifetime, source: ttl === undefined ? source : sourceOfTtl(ttl, judged.own) };
  }
  if (!mayGuess(judged, config)) return stale;
  if (source === 'heuristic')
    return {
      lifetime: Math.min(Math.floor(lifetime), config.heuristicMax),
      source,
    };
  return config.defaultTtl > 0 && originSaysNothing(judged)
    ? { lifetime: config.defaultTtl, source: 'default-ttl' }
    : stale;
}

/** An operator's lifetime is the origin's own word only where it stands for one: a page about which nothing is said may be somebody's own (RFC 9111 §7.3). */
function sourceOfTtl({ force }: TtlOverride, own: Semantics): LifetimeSource {
  if (force) return 'forced-ttl';
  return isExplicit(own) && own.lifetime > 0 ? 'route-ttl' : 'assumed-ttl';
}

/** Whether an operator's force let it be stored, and is there no more. */
export function isForcedNoMore({ source }: Freshness, { ttl }: PolicyConfig): boolean {
  return source === 'forced-ttl' && ttl?.force !== true;
}

/**
 * RFC 9111 §4.2.2 permits heuristics for these statuses and for what is marked `public`. By default we go less far: a request with credentials
 * may have a personal answer (RFC 9111 §7.3), and an error must not stay for as long as its page would unless it says `public` itself.
 */
function mayGuess({ request, response, control }: Judged, config: PolicyConfig): boolean {
  const isPublic = control.directives.has('public');
  if (!isHeuristicallyCacheable(response.status) && !isPublic) return false;
  if (response.status >= 400 && !isPublic && !config.heuristicsForErrors) return false;
  return config.heuristicsForCredentials || !hasCredentials(request.fields);
}

/** Whether the answer to a request may be a personal one although nothing says so (RFC 9111 §7.3). */
export function hasCredentials(request: Fields): boolean {
  return hasField(request, 'cookie') || hasField(request, 'authorization');
}

const explicitSources: ReadonlySet<LifetimeSource> = new Set([
  's-maxage',
  'max-age',
  'expires',
  'route-ttl',
  'forced-ttl',
]);

/** Whether a lifetime is the origin's own word, or an operator's in its place; otherwise it is a guess of ours. */
export function isExplicit({ source }: Freshness): boolean {
  return explicitSources.has(source);
}

function originSaysNothing({ response, control }: Judged): boolean {
  return control.directives.size === 0 && !control.malformed && !hasField(response.fields, 'pragma');
}

/** Whether a response whose freshness comes from there is withheld from a request with credentials, as it is a guess (RFC 9111 §7.3). */
export function isWithheld(from: Freshness, request: RequestHead, config: PolicyConfig): boolean {
  return !config.heuristicsForCredentials && !isExplicit(from) && hasCredentials(request.fields);
}
