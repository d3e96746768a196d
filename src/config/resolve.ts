import { resolve } from 'node:path';
import { defaultLimits, type Limits } from '../engine/limits.ts';
import type { ListenAddress } from '../listener/node-http.ts';
import { hostAndPort, parseClientListen } from './addresses.ts';
import { readAdmin, type Surroundings } from './admin-options.ts';
import { checkedLimit, type LimitName } from './limit-flags.ts';
import { written } from './names.ts';
import type { EtagereOptions } from './options.ts';
import { Place, type Problem, refuseProblems } from './problems.ts';
import { resolveOrigins } from './resolve-origins.ts';
import { resolveRoutes } from './resolve-routes.ts';
import type { Settings } from './settings.ts';
import { storeSetting } from './store-setting.ts';
import { readCertificates } from './tls-options.ts';
import { trustedPeers } from './trusted-peers.ts';
import { UsageError } from './usage-error.ts';
import { diskBytes, memoryBytes, readEach, workerCount } from './values.ts';

/** What the options are when nothing is said; also what the documentation shows. */
export const defaultListen = '127.0.0.1:8080';

/**
 * Reads and checks options whose shape is right.
 * @throws UsageError that names every option that is wrong
 */
export function resolveSettings(options: EtagereOptions): Settings {
  const found: Problem[] = [];
  const settings = readSettings(options, found);
  refuseProblems(found);
  return settings;
}

/**
 * The same, where whoever calls tells of the mistakes: they are added to `found`, and the settings are good for nothing then.
 * @param surroundings where the options come from a file
 */
export function readSettings(options: EtagereOptions, found: Problem[], surroundings?: Surroundings): Settings {
  const place = new Place(found, [], surroundings === undefined ? 'flags' : 'file');
  const limits = resolveLimits(options, place);
  const origins = resolveOrigins(options, limits, place, surroundings?.folder ?? '');
  const routes = resolveRoutes(options, origins, place, surroundings?.variables);
  if (origins.all.length === 0 && options.origin === undefined) {
    place.at('origin').refuse('it is missing', "write something like origin: 'http://localhost:3000'");
  }
  return {
    listen: resolveListen(options, place.at('listen')),
    tlsCert: readCertificates(options, place, surroundings),
    limits,
    store: place
      .at('store')
      .read({ kind: 'memory' }, () => storeSetting(options.store ?? 'memory', surroundings?.folder)),
    workers: place.at('workers').read(1, () => workerCount(options.workers ?? 1)),
    log: options.log ?? (options.logFile === undefined ? 'off' : 'auto'),
    logFile: options.logFile && resolve(surroundings?.folder ?? '', options.logFile),
    cacheStatus: options.cacheStatus ?? 'full',
    encodeTarget: options.encodeTarget ?? false,
    fastLane: options.fastLane ?? true,
    trustProxy: readEach(place.at('trustProxy'), options.trustProxy, network),
    admin: readAdmin(options, place, surroundings),
    purgeFrom: readEach(place.at('purgeFrom'), options.purgeFrom, network),
    origins: origins.all,
    routes,
  };
}

function resolveListen({ listen = defaultListen, tlsCert }: EtagereOptions, place: Place): ListenAddress[] {
  const addresses = readEach(place, listen, (address) => {
    const { scheme = tlsCert === undefined ? 'http' : 'https', host, port } = parseClientListen(String(address));
    if (scheme === 'https' && tlsCert === undefined) {
      throw new UsageError(
        `there is no certificate for ${String(address)}`,
        `name one: ${written(place.writing, ['tls-cert', 'FILE'], ['tls-key', 'FILE'])}`,
      );
    }
    return scheme === 'https' ? { host, port, scheme } : { host, port };
  });
  if (Array.isArray(listen) && listen.length === 0)
    place.refuse('it is empty', `write one address at least, like ${defaultListen}`);
  addresses.forEach(({ host, port }, i) => {
    const isAgain = port !== 0 && addresses.findIndex((other) => other.host === host && other.port === port) < i;
    if (isAgain) place.refuse(`${hostAndPort({ host, port })} is there twice`, 'leave one of them out');
  });
  return addresses;
}

/** @throws UsageError */
function network(text: string): string {
  trustedPeers([text]);
  return text;
}

function resolveLimits(options: EtagereOptions, place: Place): Limits {
  const limits: { -readonly [K in keyof Limits]: Limits[K] } = { ...defaultLimits };
  const { memory, disk } = options;
  if (memory !== undefined) limits.memoryBytes = place.at('memory').read(limits.memoryBytes, () => memoryBytes(memory));
  if (disk !== undefined) limits.diskBytes = place.at('disk').read(limits.diskBytes, () => diskBytes(disk));
  for (const [name, value] of Object.entries(options.limits ?? {}) as [LimitName, number][]) {
    limits[name] = place.at('limits', name).read(limits[name], () => checkedLimit(name, value));
  }
  return limits;
}
