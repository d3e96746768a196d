import { isSecretName } from '../http/secret-names.ts';
import { redactedTarget } from '../http/redaction.ts';
import { type PolicyConfig, type PresetName, presets } from '../policy/config.ts';
import { hostAndPort, urlOf } from './addresses.ts';
import { type LimitName, limitFlags } from './limit-flags.ts';
import { camelCase } from './names.ts';
import { formatQuantity } from './quantities.ts';
import type { OriginTlsOptions } from './origin-tls-options.ts';
import { defaultName, isName } from './resolve-origins.ts';
import type {
  FieldEdit,
  FieldEdits,
  OriginSettings,
  OriginTlsSettings,
  RouteMatch,
  RouteSettings,
  Settings,
} from './settings.ts';
import { shownStore } from './store-setting.ts';
import { presetNames } from './values.ts';

/** What stands in the place of a secret. */
export const redacted = '[redacted]';

/** Names with values, as a configuration file has them. */
export type Shown = Readonly<Record<string, unknown>>;

/**
 * The settings as a configuration file that says everything, with secrets redacted. Read again, it gives the same settings but for them: what is
 * run can be compared with what was meant.
 */
export function shownSettings(settings: Settings): Shown {
  const { listen, tlsCert, admin, origins, routes } = settings;
  const [onTop] = origins.filter(({ name }) => name === defaultName);
  const named = origins.filter(({ name }) => name !== defaultName && isName(name));
  // Of origins that routes name by their URL, all is as it was said on top.
  const inherited = origins.find(({ name }) => !isName(name));
  const all: Shown & Readonly<Record<keyof Settings, unknown>> = {
    listen: listen.map((address) => (tlsCert.length === 0 ? hostAndPort(address) : urlOf(address))),
    tlsCert: orNothing(tlsCert.map(({ certFile }) => certFile)),
    tlsKey: orNothing(tlsCert.map(({ keyFile }) => keyFile)),
    admin: admin && hostAndPort(admin.listen),
    adminToken: admin?.token === undefined ? undefined : redacted,
    purgeFrom: orNothing(settings.purgeFrom),
    memory: formatQuantity('bytes', settings.limits.memoryBytes),
    store: shownStore(settings.store, redacted),
    disk: formatQuantity('bytes', settings.limits.diskBytes),
    workers: settings.workers,
    log: settings.log,
    logFile: settings.logFile,
    cacheStatus: settings.cacheStatus,
    encodeTarget: settings.encodeTarget,
    fastLane: settings.fastLane,
    trustProxy: orNothing(settings.trustProxy),
    ...shownOnTop(inherited),
    origin: onTop && shownOrigin(onTop),
    origins:
      named.length === 0 ? undefined : Object.fromEntries(named.map((origin) => [origin.name, shownOrigin(origin)])),
    routes: routes.map(shownRoute),
    limits: shownLimits(settings),
  };
  return without(all);
}

function shownLimits({ limits }: Settings): Shown {
  const names = Object.keys(limitFlags) as LimitName[];
  return Object.fromEntries(
    names.map((limit) => {
      const { name, kind } = limitFlags[limit];
      const value = limits[limit];
      return [camelCase(name), kind === 'count' || kind === 'share' ? value : formatQuantity(kind, value)];
    }),
  );
}

function shownOnTop(inherited: OriginSettings | undefined): Shown {
  if (inherited === undefined) return {};
  const { ca, cert, key, serverName } = shownTls(inherited.tls);
  const { preserveHost } = inherited;
  return { preserveHost, originCa: ca, originCert: cert, originKey: key, originServerName: serverName };
}

function shownTls({
  ca,
  certificate,
  serverName,
}: OriginTlsSettings): Readonly<Record<keyof OriginTlsOptions, unknown>> {
  return { ca: ca?.file, cert: certificate?.certFile, key: certificate?.keyFile, serverName };
}

function shownOrigin(origin: OriginSettings): Shown {
  const { servers, ejection, healthCheck } = origin;
  return without({
    url: servers.map(({ url, weight }) => (weight === 1 ? url : { url, weight })),
    preserveHost: origin.preserveHost,
    ...shownTls(origin.tls),
    connections: origin.connections,
    queue: origin.queue,
    queueTimeout: ms(origin.queueTimeoutMs),
    connectTimeout: ms(origin.connectTimeoutMs),
    headTimeout: ms(origin.headTimeoutMs),
    bodyTimeout: ms(origin.bodyTimeoutMs),
    headSize: formatQuantity('bytes', origin.headBytes),
    interimResponses: origin.interimResponses,
    ejection: ejection
      ? { failures: ejection.failures, within: ms(ejection.withinMs), for: ms(ejection.forMs) }
      : false,
    healthCheck: healthCheck && {
      path: redactedTarget(healthCheck.path),
      interval: ms(healthCheck.intervalMs),
      timeout: ms(healthCheck.timeoutMs),
      status: healthCheck.statuses.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)),
      healthyAfter: healthCheck.healthyAfter,
      unhealthyAfter: healthCheck.unhealthyAfter,
    },
  });
}

function shownRoute(route: RouteSettings): Shown {
  const { name, match, policy, stale, ttl } = route;
  return without({
    name: isName(name) ? name : undefined,
    match: shownMatch(match),
    origin: route.origin,
    preset: presetOf(policy),
    defaultTtl: s(policy.defaultTtl),
    staleWhileRevalidate: s(stale.whileRevalidate),
    staleIfError: { '5xx': s(stale.ifServerError), unreachable: s(stale.ifUnreachable), '429': s(stale.ifTooMany) },
    staleBesideSMaxage: policy.staleBesideSMaxage,
    allowUnkeyedEcho: policy.allowUnkeyedEcho,
    ttl:
      ttl &&
      without({
        lifetime: s(ttl.lifetime),
        force: ttl.force,
        notFound: ttl.notFound === undefined ? undefined : s(ttl.notFound),
      }),
    ...shownRules(route),
  });
}

function shownRules({ key, bypass, requestFields, responseFields }: RouteSettings): Shown {
  const { keepQuery } = key;
  return {
    key: orNothing(
      without({
        sortQuery: key.sortQuery || undefined,
        dropQuery: orNothing(key.dropQuery),
        keepQuery,
        dropCookie: orNothing(key.dropCookie),
      }),
    ),
    bypass: orNothing(
      without({
        path: orNothing(bypass.paths),
        cookie: orNothing(bypass.cookies),
        header: orNothing(bypass.fields.map(shownField)),
      }),
    ),
    headers: orNothing(without({ request: shownEdits(requestFields), response: shownEdits(responseFields) })),
  };
}

function shownField({ name, value }: RouteSettings['bypass']['fields'][number]): string {
  if (value === undefined) return name;
  return `${name}: ${isSecretName(name) ? redacted : value}`;
}

function shownMatch({ hosts, paths, methods }: RouteMatch): Shown | undefined {
  return orNothing(without({ host: orNothing(hosts), path: orNothing(paths), method: orNothing(methods) }));
}

function shownEdits({ remove, set, add }: FieldEdits): Shown | undefined {
  const values = (edits: readonly FieldEdit[]): Shown | undefined => {
    const byName: Record<string, string[]> = {};
    for (const { name, value, secret } of edits) (byName[name] ??= []).push(secret ? redacted : value);
    return orNothing(
      Object.fromEntries(Object.entries(byName).map(([name, all]) => [name, all.length === 1 ? all[0] : all])),
    );
  };
  return orNothing(without({ remove: orNothing(remove), set: values(set), add: values(add) }));
}

/** The preset that has all of this, but for what can be said beside it. */
function presetOf(policy: PolicyConfig): PresetName | undefined {
  return presetNames.find((name) => {
    const { defaultTtl, staleIfError, staleBesideSMaxage, allowUnkeyedEcho } = policy;
    const said = { defaultTtl, staleIfError, staleBesideSMaxage, allowUnkeyedEcho };
    const preset: PolicyConfig = { ...presets[name], ...said };
    return (Object.keys(preset) as (keyof PolicyConfig)[]).every((rule) => preset[rule] === policy[rule]);
  });
}

function ms(value: number): string {
  return formatQuantity('ms', value);
}

function s(value: number): string {
  return value === 0 ? '0s' : ms(value * 1_000);
}

/** Undefined for what is empty: it is said by saying nothing. */
function orNothing<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

function without(entries: Shown): Shown {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}
