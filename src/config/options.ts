import { defaultLimits, type Limits } from '../engine/limits.ts';
import { type PolicyConfig, type PresetName, presets } from '../policy/config.ts';
import { parseListen, parseOrigin } from './addresses.ts';
import { resolveAdmin } from './admin-options.ts';
import { checkedLimit, type LimitName, limitFlags } from './limit-flags.ts';
import { originLimits } from './origin-options.ts';
import { checkShapes, type Shape, unknownName } from './option-shapes.ts';
import { parseDuration, parseSize } from './quantities.ts';
import type { LogMode, OriginSettings, RouteSettings, Settings } from './settings.ts';
import { trustedPeers } from './trusted-peers.ts';
import { at, UsageError } from './usage-error.ts';

/** What a program or a command line says. Everything but the origin has a default. */
export interface EtagereOptions {
  /** URL of the origin, without path: `http://localhost:3000`. */
  readonly origin: string;
  /** Where `listen()` listens: `HOST:PORT`, or only a port on the loopback address. Default `127.0.0.1:8080`. */
  readonly listen?: string | number;
  /** Everything that the shelf may hold: bytes, or text like `256mb` (the default). */
  readonly memory?: string | number;
  /** Freshness lifetime where the origin says nothing at all about it: seconds, or text like `5m`. Default 0: none. */
  readonly defaultTtl?: string | number;
  /**
   * How long past its lifetime a response is served when the origin fails and said nothing about that itself: seconds, or text like `1h`.
   * Default 0 with `safe`, without end with `rfc`.
   */
  readonly staleIfError?: string | number;
  /**
   * Whether `stale-while-revalidate` and `stale-if-error` count beside `s-maxage`. RFC 9111 §5.2.2.10 has it forbid to serve stale; Nuxt, Next and
   * others send the pair and mean both. Default false.
   */
  readonly staleBesideSMaxage?: boolean;
  /** `safe` (default), or `rfc`: every permission of RFC 9111 is used. */
  readonly preset?: PresetName;
  /** The only one of this version. */
  readonly store?: 'memory';
  /** The access log on stdout: `off` (default), `json`, `pretty`, or `auto`: pretty on a terminal, else JSON. */
  readonly log?: LogMode;
  /** Sends the Host that the client sent, in place of the origin's own. Default false. */
  readonly preserveHost?: boolean;
  /**
   * Percent-encodes the characters that browsers leave in a target although it may not have them (`| { } ^ \\ " < >` and the backtick), for the key and
   * for the origin alike. Default false: such requests are refused.
   */
  readonly encodeTarget?: boolean;
  /** Whether plain requests are read and answered past node:http, which makes a hit cost a fraction. Default true; the answers are the same. */
  readonly fastLane?: boolean;
  /** Addresses and networks of proxies before us, of which we believe what they say of their clients: `10.0.0.0/8`. Default none. */
  readonly trustProxy?: readonly string[];
  /** Where `listenAdmin()` listens: `HOST:PORT`, or only a port on the loopback address. Default: nowhere. Any other address needs a token. */
  readonly admin?: string | number;
  /** What the admin listener wants as `Authorization: Bearer`: 16 characters or more. Default: nothing, and only this machine may ask. */
  readonly adminToken?: string;
  /** A file that holds the token, in its place. */
  readonly adminTokenFile?: string;
  /** Addresses and networks whose PURGE requests purge: `127.0.0.1`. Default none, and PURGE is answered 501. */
  readonly purgeFrom?: readonly string[];
  /** Other limits than the default ones; the units are in the names. */
  readonly limits?: Partial<Pick<Limits, LimitName>>;
}

/** Every option with what it may be: a new one without a row here is a type error. */
const optionShapes: Readonly<Record<keyof EtagereOptions, readonly Shape[]>> = {
  origin: ['text'],
  listen: ['text', 'number'],
  memory: ['text', 'number'],
  defaultTtl: ['text', 'number'],
  staleIfError: ['text', 'number'],
  staleBesideSMaxage: ['true or false'],
  preset: ['text'],
  store: ['text'],
  log: ['text'],
  preserveHost: ['true or false'],
  encodeTarget: ['true or false'],
  fastLane: ['true or false'],
  trustProxy: ['list of texts'],
  admin: ['text', 'number'],
  adminToken: ['text'],
  adminTokenFile: ['text'],
  purgeFrom: ['list of texts'],
  limits: ['object'],
};

/** What the options are when nothing is said; also what the documentation shows. */
export const defaultListen = '127.0.0.1:8080';

/**
 * Reads and checks every option.
 * @throws UsageError that names the option
 */
export function resolveSettings(options: EtagereOptions): Settings {
  checkShapes(options, optionShapes);
  const limits = resolveLimits(options);
  const networks = options.trustProxy ?? [];
  at('trustProxy', () => trustedPeers(networks));
  const purgeFrom = options.purgeFrom ?? [];
  at('purgeFrom', () => trustedPeers(purgeFrom));
  return {
    listen: [at('listen', () => parseListen(String(options.listen ?? defaultListen)))],
    limits,
    store: at('store', () => checkedStore(options.store ?? 'memory')),
    log: at('log', () => oneOf(logModes, options.log ?? 'off')),
    encodeTarget: options.encodeTarget ?? false,
    fastLane: options.fastLane ?? true,
    trustProxy: networks,
    admin: resolveAdmin(options),
    purgeFrom,
    origins: [theOrigin(options, limits)],
    routes: [theRoute(resolvePolicy(options))],
  };
}

/** How the one origin and the one route of a configuration without names are called. */
const onlyName = 'default';

function theOrigin(options: EtagereOptions, limits: Limits): OriginSettings {
  return {
    name: onlyName,
    servers: [{ url: at('origin', () => parseOrigin(given(options.origin))), weight: 1 }],
    preserveHost: options.preserveHost ?? false,
    ...originLimits(limits),
    ejection: undefined,
    healthCheck: undefined,
  };
}

function theRoute(policy: PolicyConfig): RouteSettings {
  return {
    name: onlyName,
    match: { hosts: [], paths: [], methods: [] },
    origin: onlyName,
    policy,
    stale: { whileRevalidate: 0, ifServerError: policy.staleIfError, ifUnreachable: policy.staleIfError },
    ttl: undefined,
    key: { sortQuery: false, dropQuery: [], keepQuery: undefined },
    bypass: { paths: [], cookies: [], fields: [] },
    requestFields: { remove: [], set: [], add: [] },
    responseFields: { remove: [], set: [], add: [] },
  };
}

/** What the type says is there, and a program without types may have left out. */
function given(origin: string | undefined): string {
  if (origin !== undefined) return origin;
  throw new UsageError('it is missing', "write something like { origin: 'http://localhost:3000' }");
}

export const presetNames: readonly PresetName[] = ['safe', 'rfc'];
export const logModes: readonly LogMode[] = ['auto', 'json', 'pretty', 'off'];

/**
 * Whole seconds from a number of them or from a duration.
 * @throws UsageError
 */
export function seconds(value: string | number): number {
  const count = typeof value === 'number' ? value : parseDuration(value) / 1_000;
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw new UsageError(`"${value}" is not a whole number of seconds`, 'write something like 30s, 5m or 1h');
}

/**
 * Bytes from a number of them or from a size; a shelf under 64 KiB can hold nothing of use.
 * @throws UsageError
 */
export function memoryBytes(value: string | number): number {
  const bytes = typeof value === 'number' ? value : parseSize(value);
  if (Number.isSafeInteger(bytes) && bytes >= 64 * 2 ** 10) return bytes;
  throw new UsageError(`"${value}" is too small for a shelf`, 'give it 64kb or more');
}

/**
 * The one of `choices` that the text is.
 * @throws UsageError
 */
export function oneOf<T extends string>(choices: readonly T[], text: string): T {
  const choice = choices.find((candidate) => candidate === text);
  if (choice !== undefined) return choice;
  throw new UsageError(
    `"${text}" is not one of the choices`,
    `write ${choices.join(', ').replace(/, ([^,]*)$/, ' or $1')}`,
  );
}

/**
 * Accepts the only store of this version, and says so for the ones that are known to come.
 * @throws UsageError
 */
export function checkedStore(text: string): 'memory' {
  if (text === 'memory') return text;
  throw new UsageError(`there is no store "${text}": this version has only memory`, 'write memory, or leave it out');
}

function resolvePolicy(options: EtagereOptions): PolicyConfig {
  const preset = presets[at('preset', () => oneOf(presetNames, options.preset ?? 'safe'))];
  return {
    ...preset,
    defaultTtl: at('defaultTtl', () => seconds(options.defaultTtl ?? preset.defaultTtl)),
    staleIfError: at('staleIfError', () => seconds(options.staleIfError ?? preset.staleIfError)),
    staleBesideSMaxage: options.staleBesideSMaxage ?? preset.staleBesideSMaxage,
  };
}

function resolveLimits(options: EtagereOptions): Limits {
  const limits: { -readonly [K in keyof Limits]: Limits[K] } = { ...defaultLimits };
  if (options.memory !== undefined) limits.memoryBytes = at('memory', () => memoryBytes(options.memory ?? 0));
  for (const [name, value] of Object.entries(options.limits ?? {})) {
    if (!isLimitName(name)) throw unknownName(name, 'limit', Object.keys(limitFlags), 'limits.');
    limits[name] = at(`limits.${name}`, () => checkedLimit(name, value));
  }
  return limits;
}

function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(limitFlags, name);
}
