import type { Limits } from '../engine/limits.ts';
import { redactedTarget } from '../http/redaction.ts';
import { parseOrigin } from './addresses.ts';
import { nearest } from './nearest.ts';
import type {
  EjectionOptions,
  EtagereOptions,
  HealthCheckOptions,
  OneOrMore,
  OriginOptions,
  ServerOptions,
} from './options.ts';
import { originLimits } from './origin-options.ts';
import { type OriginTlsOptions, readOriginTls, usualOriginTls } from './origin-tls-options.ts';
import type { Place } from './problems.ts';
import type {
  EjectionSettings,
  HealthCheckSettings,
  OriginLimits,
  OriginServer,
  OriginSettings,
  OriginTlsSettings,
} from './settings.ts';
import { UsageError } from './usage-error.ts';
import { bytes, milliseconds, readEach, wholeNumber } from './values.ts';

/** How the origin on top is called, and the route that matches what no other does. */
export const defaultName = 'default';

/** The origins of a configuration, by their names. */
export class Origins {
  readonly #byName = new Map<string, OriginSettings>();
  readonly #inherited: Inherited;

  constructor(inherited: Inherited) {
    this.#inherited = inherited;
  }

  get all(): readonly OriginSettings[] {
    return [...this.#byName.values()];
  }

  add(name: string, options: string | OriginOptions, place: Place): void {
    const origin = readOrigin(name, typeof options === 'string' ? { url: options } : options, place, {
      ...this.#inherited,
      // What is wrong with a text is wrong with all of it.
      urlPlace: typeof options === 'string' ? place : place.at('url'),
    });
    this.#byName.set(name, origin);
  }

  /**
   * The name of the origin that a route means: one that there is, or that of a URL, which becomes an origin.
   * @throws UsageError
   */
  named(reference: string, place: Place): string {
    if (this.#byName.has(reference)) return reference;
    const names = [...this.#byName.keys()].filter((name) => !name.includes('://'));
    const meant = nearest(reference, names);
    if (!reference.includes('://') && meant !== undefined) {
      throw new UsageError(`there is no origin "${reference}"`, `did you mean ${meant}?`);
    }
    if (isName(reference) && reference !== 'localhost') {
      const known =
        names.length === 0 ? 'there are none yet: name it under origins' : `the origins are ${names.join(', ')}`;
      throw new UsageError(`there is no origin "${reference}"`, `${known}; or write a URL, like http://localhost:3000`);
    }
    const url = parseOrigin(reference);
    if (!this.#byName.has(url)) this.add(url, url, place);
    return url;
  }
}

/** What an origin has that does not say otherwise. */
interface Inherited {
  readonly preserveHost: boolean;
  readonly tls: OriginTlsSettings;
  readonly limits: Limits;
  /** Names of files are relative to it. */
  readonly folder: string;
}

const tlsNamesOnTop: Readonly<Record<keyof OriginTlsOptions, keyof EtagereOptions>> = {
  ca: 'originCa',
  cert: 'originCert',
  key: 'originKey',
  serverName: 'originServerName',
};

/**
 * The origins that are named, and the one on top.
 * @param folder names of files are relative to it
 */
export function resolveOrigins(options: EtagereOptions, limits: Limits, place: Place, folder: string): Origins {
  const { originCa: ca, originCert: cert, originKey: key, originServerName: serverName } = options;
  const placeOf = (name: keyof OriginTlsOptions): Place => place.at(tlsNamesOnTop[name]);
  const tls = readOriginTls({ ca, cert, key, serverName }, placeOf, usualOriginTls, folder);
  const origins = new Origins({ preserveHost: options.preserveHost ?? false, tls, limits, folder });
  const named = Object.entries(options.origins ?? {});
  for (const [name, origin] of named) {
    const own = place.at('origins', name);
    if (!isName(name)) {
      own.refuse(`"${name}" is no name`, 'take letters, digits, - and _, at most 64 of them, like api', 'name');
    } else if (name === defaultName && options.origin !== undefined) {
      own.refuse('the origin on top has that name', 'give this one another, or leave the one on top out', 'name');
    } else origins.add(name, origin, own);
  }
  const top = options.origin;
  const isReference =
    typeof top === 'string' &&
    (Object.hasOwn(options.origins ?? {}, top) || (isName(top) && named.length > 0 && top !== 'localhost'));
  if (top !== undefined && !isReference) origins.add(defaultName, top, place.at('origin'));
  return origins;
}

/** Names stand in logs and metrics; none of them looks like a URL or a host with a port. */
export function isName(text: string): boolean {
  return /^[a-z0-9_-]{1,64}$/i.test(text);
}

function readOrigin(
  name: string,
  options: OriginOptions,
  place: Place,
  inherited: Inherited & { readonly urlPlace: Place },
): OriginSettings {
  const servers = resolveServers(options.url, inherited.urlPlace);
  return {
    name,
    servers,
    preserveHost: options.preserveHost ?? inherited.preserveHost,
    tls: readOriginTls(options, (each) => place.at(each), inherited.tls, inherited.folder),
    ...resolveLimits(options, originLimits(inherited.limits), place),
    ejection: resolveEjection(options.ejection, servers.length, place.at('ejection')),
    healthCheck: resolveHealthCheck(options.healthCheck, place.at('healthCheck')),
  };
}

function resolveServers(urls: OneOrMore<string | ServerOptions>, place: Place): OriginServer[] {
  const servers = readEach(place, urls, (server, own): OriginServer => {
    if (typeof server === 'string') return { url: parseOrigin(server), weight: 1 };
    return {
      url: own.at('url').read('', () => parseOrigin(server.url)),
      weight: own.at('weight').read(1, () => wholeNumber(server.weight ?? 1, 1, 1_000)),
    };
  });
  if (Array.isArray(urls) && urls.length === 0) place.refuse('it is empty', 'write one URL at least');
  servers.forEach(({ url }, i) => {
    if (url !== '' && servers.findIndex((other) => other.url === url) < i) {
      place.refuse(`${url} is there twice`, 'give it a weight instead: { url: …, weight: 2 }');
    }
  });
  return servers;
}

function resolveLimits(options: OriginOptions, byDefault: OriginLimits, place: Place): OriginLimits {
  const read = <T>(
    name: keyof OriginOptions,
    value: T | undefined,
    otherwise: number,
    parse: (value: T) => number,
  ): number => (value === undefined ? otherwise : place.at(name).read(otherwise, () => parse(value)));
  const { connections, queue, queueTimeout, connectTimeout, headTimeout, bodyTimeout, headSize } = options;
  const { interimResponses } = options;
  return {
    connections: read('connections', connections, byDefault.connections, (value) => wholeNumber(value, 1)),
    queue: read('queue', queue, byDefault.queue, (value) => wholeNumber(value, 0)),
    queueTimeoutMs: read('queueTimeout', queueTimeout, byDefault.queueTimeoutMs, milliseconds),
    connectTimeoutMs: read('connectTimeout', connectTimeout, byDefault.connectTimeoutMs, milliseconds),
    headTimeoutMs: read('headTimeout', headTimeout, byDefault.headTimeoutMs, milliseconds),
    bodyTimeoutMs: read('bodyTimeout', bodyTimeout, byDefault.bodyTimeoutMs, milliseconds),
    headBytes: read('headSize', headSize, byDefault.headBytes, (value) => bytes(value, 1_024)),
    interimResponses: read('interimResponses', interimResponses, byDefault.interimResponses, (value) =>
      wholeNumber(value, 0),
    ),
  };
}

const defaultEjection: EjectionSettings = { failures: 5, withinMs: 10_000, forMs: 30_000 };

/** With one server there is nothing to turn to, so that it has to be asked for. */
function resolveEjection(
  options: OriginOptions['ejection'],
  servers: number,
  place: Place,
): EjectionSettings | undefined {
  if (options === false) return undefined;
  if (options === undefined) return servers > 1 ? defaultEjection : undefined;
  const { failures, within, for: time }: EjectionOptions = options;
  return {
    failures: place.at('failures').read(1, () => wholeNumber(failures ?? defaultEjection.failures, 1)),
    withinMs: place
      .at('within')
      .read(1, () => (within === undefined ? defaultEjection.withinMs : milliseconds(within))),
    forMs: place.at('for').read(1, () => (time === undefined ? defaultEjection.forMs : milliseconds(time))),
  };
}

function resolveHealthCheck(options: HealthCheckOptions | undefined, place: Place): HealthCheckSettings | undefined {
  if (options === undefined) return undefined;
  const intervalMs = place.at('interval').read(1, () => milliseconds(options.interval ?? '10s', 100));
  const statuses = readEach(place.at('status'), options.status ?? '2xx', (text) => statusRange(String(text)));
  if (statuses.length === 0 && Array.isArray(options.status) && options.status.length === 0) {
    place.at('status').refuse('it is empty', 'write the statuses that are good, like 2xx');
  }
  return {
    path: place.at('path').read('/', () => checkedPath(options.path)),
    intervalMs,
    timeoutMs: place.at('timeout').read(1, () => milliseconds(options.timeout ?? '2s')),
    statuses,
    healthyAfter: place.at('healthyAfter').read(1, () => wholeNumber(options.healthyAfter ?? 2, 1)),
    unhealthyAfter: place.at('unhealthyAfter').read(1, () => wholeNumber(options.unhealthyAfter ?? 3, 1)),
  };
}

/** @throws UsageError for what could not be the target of a request */
function checkedPath(text: string): string {
  if (/^\/[\x21\x24-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]*$/.test(text)) return text;
  throw new UsageError(`"${redactedTarget(text)}" is not a path`, 'write one that begins with a slash, like /healthz');
}

/** @throws UsageError for what is not like `200`, `2xx` or `200-399` */
function statusRange(text: string): readonly [number, number] {
  const [, from = '', to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(text) ?? [];
  const [, hundred] = /^([1-5])xx$/i.exec(text) ?? [];
  const range =
    hundred === undefined
      ? ([Number(from), Number(to)] as const)
      : ([Number(`${hundred}00`), Number(`${hundred}99`)] as const);
  if (range[0] >= 200 && range[0] <= range[1]) return range;
  throw new UsageError(`"${text}" is no final status`, 'write something like 200, 2xx or 200-399');
}
