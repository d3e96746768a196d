import { hostAndPort, urlOf } from '../config/addresses.ts';
import { formatQuantity } from '../config/quantities.ts';
import { isGivenName } from '../config/resolve-routes.ts';
import { redactedTarget } from '../http/redaction.ts';
import type { OriginSettings, RouteMatch, RouteSettings, Settings, StaleSettings } from '../config/settings.ts';
import { redacted } from '../config/shown.ts';
import { shownStore } from '../config/store-setting.ts';

/** What would run, for people: where it listens, the origins, the routes in their order, and what is most likely not meant. */
export function settingsSummary(settings: Settings, warnings: readonly string[]): string {
  const { listen, admin, limits, workers, origins, routes } = settings;
  const lines = [
    `listens on  ${listen.map((address) => (address.scheme === 'https' ? urlOf(address) : hostAndPort(address))).join(', ')}`,
    ...(admin === undefined
      ? []
      : [`admin on    ${hostAndPort(admin.listen)}${admin.token === undefined ? '' : ', with a token'}`]),
    `memory      ${formatQuantity('bytes', limits.memoryBytes)}`,
    ...storeLines(settings),
    ...(workers === 1 ? [] : [`workers     ${workers === 'auto' ? 'one on each core' : workers}`]),
    '',
    'origins',
    ...origins.map((origin) => `  ${origin.name}: ${serversOf(origin)}`),
    '',
    'routes; the first that matches decides',
    ...routes.map((route, i) => `  ${i + 1}. ${routeText(route)}`),
    ...(warnings.length === 0 ? [] : ['', 'warnings', ...warnings.map((warning) => `  ${warning}`)]),
  ];
  return `${lines.join('\n')}\n`;
}

/** What lies beneath memory. */
function storeLines({ store, limits }: Settings): string[] {
  if (store.kind === 'memory') return [];
  const size = store.kind === 'disk' ? `, ${formatQuantity('bytes', limits.diskBytes)}` : '';
  return [`store       ${shownStore(store, redacted)}${size}`];
}

function serversOf({ servers, healthCheck }: OriginSettings): string {
  const urls = servers.map(({ url, weight }) => (weight === 1 ? url : `${url} (weight ${weight})`)).join(', ');
  return healthCheck === undefined
    ? urls
    : `${urls}; asked for ${redactedTarget(healthCheck.path)} every ${formatQuantity('ms', healthCheck.intervalMs)}`;
}

function matchText({ hosts, paths, methods }: RouteMatch): string {
  const parts = [methods, hosts, paths]
    .filter((patterns) => patterns.length > 0)
    .map((patterns) => patterns.join(' or '));
  return parts.length === 0 ? 'everything' : parts.join(', ');
}

function routeText(route: RouteSettings): string {
  const name = isGivenName(route.name, route.match) ? `${route.name}: ` : '';
  return `${name}${matchText(route.match)} -> ${route.origin}${rulesText(route)}`;
}

/** What is done beside what the origin says, in a few words each. */
function rulesText({ policy, stale, ttl, key, bypass, requestFields, responseFields }: RouteSettings): string {
  const edits = [requestFields, responseFields].flatMap(({ remove, set, add }) => [...remove, ...set, ...add]).length;
  const bypasses = bypass.paths.length + bypass.cookies.length + bypass.fields.length;
  const words = [
    ttl && `ttl ${seconds(ttl.lifetime)}${ttl.force ? ', forced' : ''}`,
    policy.defaultTtl > 0 && `default ttl ${seconds(policy.defaultTtl)}`,
    stale.whileRevalidate > 0 && `stale while revalidating ${seconds(stale.whileRevalidate)}`,
    staleIfErrorText(stale),
    key.sortQuery && 'query sorted',
    key.dropQuery.length > 0 && `query without ${key.dropQuery.join(' ')}`,
    key.keepQuery && `query of ${key.keepQuery.join(' ') || 'nothing'}`,
    key.dropCookie.length > 0 && `cookies without ${key.dropCookie.join(' ')}`,
    bypasses > 0 && `${bypasses} bypass ${bypasses === 1 ? 'rule' : 'rules'}`,
    edits > 0 && `${edits} header ${edits === 1 ? 'edit' : 'edits'}`,
  ].filter((text) => typeof text === 'string');
  return words.length === 0 ? '' : `; ${words.join(', ')}`;
}

function staleIfErrorText({ ifServerError, ifUnreachable, ifTooMany }: StaleSettings): string | undefined {
  const isOne = ifServerError === ifUnreachable && ifTooMany === 0;
  if (isOne) return ifServerError === 0 ? undefined : `stale if error ${seconds(ifServerError)}`;
  const tooMany = ifTooMany === 0 ? '' : `, ${seconds(ifTooMany)} (429)`;
  return `stale if error ${seconds(ifServerError)} (5xx), ${seconds(ifUnreachable)} (unreachable)${tooMany}`;
}

function seconds(count: number): string {
  return count === 0 ? '0s' : formatQuantity('ms', count * 1_000);
}
