import { isDeepStrictEqual } from 'node:util';
import { type LimitName, limitFlags } from './limit-flags.ts';
import { camelCase } from './names.ts';
import type { AdminSettings, OriginSettings, Settings } from './settings.ts';

/** What is different, by the names of a configuration file: `routes`, `origins.api`, `limits.maxVariants`. */
export interface Changes {
  /** Takes effect while the process runs, with the shelf as it is. */
  readonly inPlace: readonly string[];
  /** Takes effect with the next start. */
  readonly restart: readonly string[];
}

/** What is looked at for each connection or request anew. All else is built in when the process starts. */
const changeable: ReadonlySet<string> = new Set(['routes', 'trustProxy', 'purgeFrom']);

/** What has to be done to run by other settings. */
export function changesOf(before: Settings, after: Settings): Changes {
  const { origins: _, limits: __, admin: ___, ...plain } = before;
  const names = (Object.keys(plain) as (keyof typeof plain)[]).filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );
  return {
    inPlace: [
      ...names.filter((name) => changeable.has(name)),
      ...changedOrigins(before, after),
      ...(before.admin?.token === after.admin?.token || !before.admin || !after.admin ? [] : ['adminToken']),
    ],
    restart: [
      ...names.filter((name) => !changeable.has(name)),
      ...(isDeepStrictEqual(before.admin?.listen, after.admin?.listen) ? [] : ['admin']),
      ...changedLimits(before, after),
    ],
  };
}

/** What runs once a process that was started with the first settings, and runs by the second, has read the third. */
export function settingsInForce(started: Settings, before: Settings, next: Settings): Settings {
  const limits = { ...started.limits };
  for (const limit of Object.keys(limitFlags) as LimitName[]) if (isOfOrigin(limit)) limits[limit] = next.limits[limit];
  const { routes, origins, trustProxy, purgeFrom } = next;
  return { ...started, limits, routes, origins, trustProxy, purgeFrom, admin: adminInForce(before.admin, next.admin) };
}

/** An address at which everybody can be heard keeps its token: the next settings may do without because theirs is a loopback one. */
function adminInForce(before: AdminSettings | undefined, next: AdminSettings | undefined): AdminSettings | undefined {
  if (before === undefined || next === undefined) return before;
  const isSame = isDeepStrictEqual(before.listen, next.listen);
  return { listen: before.listen, token: isSame ? next.token : (next.token ?? before.token) };
}

function byName({ origins }: Settings): ReadonlyMap<string, OriginSettings> {
  return new Map(origins.map((origin) => [origin.name, origin]));
}

/** Those that came, went, or are different. */
function changedOrigins(before: Settings, after: Settings): string[] {
  const [old, young] = [byName(before), byName(after)];
  const names = [...new Set([...old.keys(), ...young.keys()])];
  return names.filter((name) => !isDeepStrictEqual(old.get(name), young.get(name))).map((name) => `origins.${name}`);
}

/** Limits of origins are in the origins, and change with them. */
function changedLimits(before: Settings, after: Settings): string[] {
  const names = (Object.keys(limitFlags) as LimitName[]).filter(
    (limit) => !isOfOrigin(limit) && before.limits[limit] !== after.limits[limit],
  );
  const memory = before.limits.memoryBytes === after.limits.memoryBytes ? [] : ['memory'];
  return [...memory, ...names.map((limit) => `limits.${camelCase(limitFlags[limit].name)}`)];
}

function isOfOrigin(limit: LimitName): boolean {
  return limitFlags[limit].group === 'Origin';
}
