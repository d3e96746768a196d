import type { Route, Routes } from '../engine/route.ts';
import { fieldEditor } from '../http/field-edits.ts';
import type { RequestHead } from '../http/message.ts';
import { cookieDropper } from '../key/cookie-rules.ts';
import { queryRewriter } from '../key/query-rules.ts';
import { bypassMatch, requestMatch } from '../key/request-match.ts';
import type { Origin } from '../origin/origin.ts';
import type { PolicyConfig } from '../policy/config.ts';
import type { OriginSettings, RouteSettings, Settings } from './settings.ts';

/** How an origin of the settings is reached. */
export interface ReachedOrigin {
  readonly settings: OriginSettings;
  /** What the strictest of its routes says. */
  readonly unknownTransferCodings: PolicyConfig['unknownTransferCodings'];
  readonly origin: Origin;
  /** The authority of its first server. */
  readonly authority: string;
}

/** The routes of the settings, in their order. `origins` by name; `viaName`: our pseudonym in Via. */
export function routesOf(
  { routes }: Pick<Settings, 'routes'>,
  origins: ReadonlyMap<string, ReachedOrigin>,
  viaName: string,
): Routes {
  const made = routes.map((settings) => ({
    matches: requestMatch(settings.match),
    route: routeOf(settings, originOf(settings, origins), viaName),
  }));
  const first = made[0];
  // Nothing to match is the usual case, and costs nothing.
  if (first !== undefined && first.matches === undefined) return { of: () => first.route };
  return {
    of: (request: RequestHead): Route => {
      const found = made.find(({ matches }) => matches === undefined || matches(request));
      if (found === undefined) throw new Error('the last route matches every request');
      return found.route;
    },
  };
}

function originOf({ name, origin }: RouteSettings, origins: ReadonlyMap<string, ReachedOrigin>): ReachedOrigin {
  const reached = origins.get(origin);
  if (reached === undefined) throw new Error(`route ${name}: there is no origin ${origin}`);
  return reached;
}

function routeOf(settings: RouteSettings, { origin, authority, settings: of }: ReachedOrigin, viaName: string): Route {
  return {
    name: settings.name,
    origin,
    policy: policyOf(settings),
    forwarding: { originAuthority: authority, preserveHost: of.preserveHost, viaName },
    rewrite: queryRewriter(settings.key),
    dropCookies: cookieDropper(settings.key.dropCookie),
    bypasses: bypassMatch(settings.bypass),
    editRequest: fieldEditor(settings.requestFields),
    editResponse: fieldEditor(settings.responseFields),
  };
}

/** The rules of a route with what it says itself of lifetimes. */
function policyOf({ policy, stale, ttl }: RouteSettings): PolicyConfig {
  return {
    ...policy,
    staleWhileRevalidate: stale.whileRevalidate,
    staleIfError: stale.ifServerError,
    staleIfUnreachable: stale.ifUnreachable,
    staleIfTooMany: stale.ifTooMany,
    ttl,
  };
}
