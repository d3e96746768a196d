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

/** What is said of a reload where there is nothing to read. */
export const nothingToReload = 'there is no configuration file to read anew: start with --config';

/** What is different where a process ran by the settings `before`, has read `next`, and runs by those `inForce` since (`settingsInForce`). */
export function changesOf(before: Settings, inForce: Settings, next: Settings): Changes {
  return {
    inPlace: [
      ...changedNames(before, inForce),
      ...changedOrigins(before, inForce),
      ...(before.admin?.token === inForce.admin?.token ? [] : ['adminToken']),
    ],
    restart: [
      ...changedNames(inForce, next),
      ...(isDeepStrictEqual(inForce.admin?.listen, next.admin?.listen) ? [] : ['admin']),
      ...changedLimits(inForce, next),
    ],
  };
}

/**
 * What runs once a process that was started with the first settings, and runs by the second, has read the third: of these, what is looked at for each connection or
 * request anew. All else is built in when the process starts.
 */
export function settingsInForce(started: Settings, before: Settings, next: Settings): Settings {
  const limits = { ...started.limits };
  for (const limit of Object.keys(limitFlags) as LimitName[]) if (isOfOrigin(limit)) limits[limit] = next.limits[limit];
  const { routes, origins, trustProxy, purgeFrom } = next;
  const tlsCert = started.tlsCert.length > 0 && next.tlsCert.length > 0 ? next.tlsCert : before.tlsCert;
  return {
    ...started,
    tlsCert,
    limits,
    routes,
    origins,
    trustProxy,
    purgeFrom,
    admin: adminInForce(before.admin, next.admin),
  };
}

/** An address at which everybody can be heard keeps its token: the next settings may do without because theirs is a loopback one. */
function adminInForce(before: AdminSettings | undefined, next: AdminSettings | undefined): AdminSettings | undefined {
  if (before === undefined || next === undefined) return before;
  const isSame = isDeepStrictEqual(before.listen, next.listen);
  return { listen: before.listen, token: isSame ? next.token : (next.token ?? before.token) };
}

function changedNames(before: Settings, after: Settings): string[] {
  const { origins: _, limits: __, admin: ___, ...plain } = before;
  return (Object.keys(plain) as (keyof typeof plain)[]).filter((name) => !isDeepStrictEqual(before[name], after[name]));
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

function changedLimits(before: Settings, after: Settings): string[] {
  const names = (Object.keys(limitFlags) as LimitName[]).filter(
    (limit) => before.limits[limit] !== after.limits[limit],
  );
  const memory = before.limits.memoryBytes === after.limits.memoryBytes ? [] : ['memory'];
  const disk = before.limits.diskBytes === after.limits.diskBytes ? [] : ['disk'];
  return [...memory, ...disk, ...names.map((limit) => `limits.${camelCase(limitFlags[limit].name)}`)];
}

/** Those are in the origins, and change with them. */
function isOfOrigin(limit: LimitName): boolean {
  return limitFlags[limit].group === 'Origin';
}
