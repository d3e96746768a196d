import { defaultLimits } from '../engine/limits.ts';
import { type Matches, pattern } from '../http/pattern.ts';
import { hostMatch } from '../key/request-match.ts';
import { expiryWarnings } from './certificate-expiry.ts';
import type { RouteMatch, RouteSettings, Settings } from './settings.ts';

/** What is no mistake, and most likely not what was meant; one sentence each. */
export function warningsOf(settings: Settings): string[] {
  return [
    ...settings.routes.flatMap((route, i) => warningsOfRoute(route, settings.routes.slice(0, i))),
    ...settings.routes.flatMap((route) => strayMethods(route, settings.routes)),
    ...unusedOrigins(settings),
    ...unusedDisk(settings),
    ...unusedCertificates(settings),
    ...unusedOriginTls(settings),
    ...expiryWarnings(settings, Date.now()),
  ];
}

function warningsOfRoute(route: RouteSettings, before: readonly RouteSettings[]): string[] {
  const found: string[] = [];
  const covering = before.find(({ match }) => covers(match, route.match));
  if (covering !== undefined) {
    found.push(
      `route ${route.name} is never reached: ${covering.name}, which comes before it, matches all of its requests`,
    );
  }
  if (route.ttl?.force === true) {
    found.push(
      `route ${route.name} forces its ttl: what is private or no-store, or sets cookies, is stored too, and one client may get what was made for another`,
    );
  }
  for (const path of [...route.match.paths, ...route.bypass.paths]) {
    if (path.length > 1 && path.endsWith('/') && !path.includes('*')) {
      found.push(`route ${route.name}: ${path} is that path alone; write ${path}* for what is below it`);
    }
  }
  return found;
}

/** Where the other methods of a route's own paths go, if that is to another origin: a POST to an API that only GET was named for. */
function strayMethods({ name, match, origin }: RouteSettings, routes: readonly RouteSettings[]): string[] {
  const methods = withHead(match.methods);
  const next = routes.find((other) => {
    const takesOthers = match.methods.length > 0 && !isWithin(withHead(other.match.methods), methods, pattern);
    return takesOthers && covers({ ...other.match, methods: [] }, match);
  });
  if (next === undefined || next.origin === origin) return [];
  return [
    `route ${name} takes ${match.methods.join(', ')} alone: other methods at the same paths go to ${next.name}, which has another origin`,
  ];
}

/** Whether the first matches every request that the second matches. It may say no where the answer is yes only by several patterns together. */
function covers(general: RouteMatch, special: RouteMatch): boolean {
  return (
    isWithin(special.hosts, general.hosts, hostMatch) &&
    isWithin(special.paths, general.paths, pattern) &&
    isWithin(withHead(special.methods), withHead(general.methods), pattern)
  );
}

function withHead(methods: readonly string[]): readonly string[] {
  return methods.includes('GET') ? [...methods, 'HEAD'] : methods;
}

/** No patterns match everything. */
function isWithin(
  special: readonly string[],
  general: readonly string[],
  matchesOf: (pattern: string) => Matches,
): boolean {
  const matches = general.map(matchesOf);
  if (matches.length === 0) return true;
  return special.length > 0 && special.every((text) => matches.some((matchesIt) => matchesIt(text)));
}

function unusedOrigins({ origins, routes }: Settings): string[] {
  const used = new Set(routes.map(({ origin }) => origin));
  return origins.filter(({ name }) => !used.has(name)).map(({ name }) => `origin ${name} is used by no route`);
}

function unusedDisk({ store, limits }: Settings): string[] {
  if (store.kind === 'disk' || limits.diskBytes === defaultLimits.diskBytes) return [];
  return [`disk bounds nothing: it is for a store disk:DIRECTORY, and store is ${store.kind}`];
}

function unusedCertificates({ tlsCert, listen }: Settings): string[] {
  if (tlsCert.length === 0 || listen.some(({ scheme }) => scheme === 'https')) return [];
  return ['tlsCert is for no address: all of listen are http'];
}

/** What was meant to have an origin asked over TLS, and does not: only its URL says so. */
function unusedOriginTls({ origins }: Settings): string[] {
  const [secure, plain] = [new Set<string>(), new Set<string>()];
  for (const { servers, tls } of origins) {
    const isSecure = servers.some(({ url }) => url.startsWith('https:'));
    const said = [tls.ca?.file, tls.certificate?.certFile, tls.serverName && `the server name ${tls.serverName}`];
    for (const each of said) if (each !== undefined) (isSecure ? secure : plain).add(each);
  }
  return [...plain]
    .filter((each) => !secure.has(each))
    .map((each) => `${each} is for no origin: those that have it are asked over http; write https:// in their URLs`);
}
