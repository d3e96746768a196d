import type { CacheControl } from '../http/cache-control.ts';
import { type Fields, hasField } from '../http/fields.ts';
import type { RequestHead, ResponseHead } from '../http/message.ts';
import type { PolicyConfig } from './config.ts';
import type { Semantics } from './semantics.ts';
import { isHeuristicallyCacheable } from './status.ts';
import type { Freshness } from './stored.ts';

/** A response, the directives that count for it, and the request that it answers. */
export interface Judged {
  readonly request: RequestHead;
  readonly response: ResponseHead;
  readonly control: CacheControl;
}

const stale: Freshness = { lifetime: 0, source: 'none' };

/**
 * freshness_lifetime (RFC 9111 §4.2.1): explicit as the library has it; else heuristic (§4.2.2) or the operator's default, within what the
 * configuration allows. The default applies only where the origin says nothing about caching at all.
 */
export function freshness(judged: Judged, semantics: Semantics, config: PolicyConfig): Freshness {
  const { lifetime, source } = semantics;
  if (isExplicit(semantics)) return { lifetime, source: config.ttl === undefined ? source : 'route-ttl' };
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

/** Whether a lifetime is the origin's own word, or an operator's in its place; otherwise it is a guess of ours. */
export function isExplicit({ source }: Freshness): boolean {
  return source === 's-maxage' || source === 'max-age' || source === 'expires' || source === 'route-ttl';
}

function originSaysNothing({ response, control }: Judged): boolean {
  return control.directives.size === 0 && !control.malformed && !hasField(response.fields, 'pragma');
}

/** Whether a response whose freshness comes from there is withheld from a request with credentials, as it is a guess (RFC 9111 §7.3). */
export function isWithheld(from: Freshness, request: RequestHead, config: PolicyConfig): boolean {
  return !config.heuristicsForCredentials && !isExplicit(from) && hasCredentials(request.fields);
}
