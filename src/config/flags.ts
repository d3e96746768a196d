import { resolve } from 'node:path';
import { defaultLimits } from '../engine/limits.ts';
import { cacheStatusModes } from '../http/cache-status.ts';
import { parseClientListen, parseListen, parseOrigin } from './addresses.ts';
import { checkedToken, readToken, tokenVariable } from './admin-options.ts';
import { checkedLimit, type LimitName, limitFlags } from './limit-flags.ts';
import type { Draft, Flag, Sayable } from './flag.ts';
import { nearest } from './nearest.ts';
import { originTlsFlags } from './origin-tls-flags.ts';
import { formatQuantity, quantityParsers } from './quantities.ts';
import { defaultListen } from './resolve.ts';
import { trustedPeers } from './trusted-peers.ts';
import { at, UsageError } from './usage-error.ts';
import { storeSetting } from './store-setting.ts';
import { diskBytes, logModes, memoryBytes, oneOf, presetNames, seconds, workerCount } from './values.ts';

/** What a switch says: `true` on the command line, either as a variable. */
function isOn(text: string): boolean {
  return oneOf(['true', 'false'], text) === 'true';
}

/** Networks with commas between them. @throws UsageError */
function networksOf(text: string): string[] {
  const networks = text.split(',').map((network) => network.trim());
  trustedPeers(networks);
  return networks;
}

const mainFlags: readonly Flag[] = [
  {
    name: 'config',
    value: '<file>',
    group: 'Options',
    summary: 'a configuration file in YAML or JSON; variables and flags win over it',
    byDefault: '',
    read: (text, options) => {
      options.config = text;
    },
  },
  {
    name: 'listen',
    value: '<address>',
    group: 'Options',
    summary: 'where to listen; only a port means the loopback address; http:// or https:// may stand before it',
    byDefault: defaultListen,
    read: (text, options) => {
      parseClientListen(text);
      options.listen = text;
    },
  },
  {
    name: 'tls-cert',
    value: '<file>',
    group: 'Options',
    summary: 'a certificate in PEM, its chain behind it: clients are served by https then, with HTTP/2',
    byDefault: '',
    read: (text, options) => {
      options.tlsCert = resolve(text);
    },
  },
  {
    name: 'tls-key',
    value: '<file>',
    group: 'Options',
    summary: 'its private key in PEM, without a passphrase; SIGHUP has both read anew',
    byDefault: '',
    read: (text, options) => {
      options.tlsKey = resolve(text);
    },
  },
  {
    name: 'memory',
    value: '<size>',
    group: 'Options',
    summary: 'all that the shelf may hold: content, headers, keys',
    byDefault: formatQuantity('bytes', defaultLimits.memoryBytes),
    read: (text, options) => {
      options.memory = memoryBytes(text);
    },
  },
  {
    name: 'default-ttl',
    value: '<duration>',
    group: 'Options',
    summary: 'freshness of responses about which the origin says nothing at all',
    byDefault: '0s',
    read: (text, options) => {
      options.defaultTtl = seconds(text);
    },
  },
  {
    name: 'stale-if-error',
    value: '<duration>',
    group: 'Options',
    summary: 'how long stale responses are served while the origin fails, where it does not say so itself',
    byDefault: '0s',
    read: (text, options) => {
      options.staleIfError = seconds(text);
    },
  },
  {
    name: 'stale-beside-s-maxage',
    group: 'Options',
    summary: 'let stale-while-revalidate and stale-if-error count beside s-maxage, which RFC 9111 has forbid it',
    byDefault: '',
    read: (text, options) => {
      options.staleBesideSMaxage = isOn(text);
    },
  },
  {
    name: 'allow-unkeyed-echo',
    group: 'Options',
    summary:
      'store also what repeats a request field that neither the key nor Vary holds: one client could poison it for all',
    byDefault: '',
    read: (text, options) => {
      options.allowUnkeyedEcho = isOn(text);
    },
  },
  {
    name: 'preset',
    value: '<name>',
    group: 'Options',
    summary: 'safe, or rfc: every permission of RFC 9111 is used, also those that have leaked data elsewhere',
    byDefault: 'safe',
    read: (text, options) => {
      options.preset = oneOf(presetNames, text);
    },
  },
  {
    name: 'store',
    value: '<store>',
    group: 'Options',
    summary: 'where responses are kept: memory; and beside it disk:DIRECTORY or redis://HOST:PORT',
    byDefault: 'memory',
    read: (text, options) => {
      const store = storeSetting(text);
      options.store = store.kind === 'disk' ? `disk:${store.directory}` : text;
    },
  },
  {
    name: 'disk',
    value: '<size>',
    group: 'Options',
    summary: 'all that the shelf on a disk may hold, with --store disk:DIRECTORY',
    byDefault: formatQuantity('bytes', defaultLimits.diskBytes),
    read: (text, options) => {
      options.disk = diskBytes(text);
    },
  },
  {
    name: 'workers',
    value: '<count>',
    group: 'Options',
    summary: 'processes that answer clients, or auto for one on each core; they share a shelf, and --memory',
    byDefault: '1',
    read: (text, options) => {
      options.workers = workerCount(text);
    },
  },
  {
    name: 'log',
    value: '<mode>',
    group: 'Options',
    summary: 'access log: auto (pretty on a terminal, else JSON), json, combined, pretty or off',
    byDefault: 'auto',
    read: (text, options) => {
      options.log = oneOf(logModes, text);
    },
  },
  {
    name: 'log-file',
    value: '<file>',
    group: 'Options',
    summary: 'the file that the access log is appended to, in the place of stdout; SIGHUP opens it anew',
    byDefault: '',
    read: (text, options) => {
      options.logFile = resolve(text);
    },
  },
  {
    name: 'cache-status',
    value: '<mode>',
    group: 'Options',
    summary: 'what clients are told of the cache in Cache-Status: full, brief (a hit, or why not) or off',
    byDefault: 'full',
    read: (text, options) => {
      options.cacheStatus = oneOf(cacheStatusModes, text);
    },
  },
  {
    name: 'preserve-host',
    group: 'Options',
    summary: "send the client's Host to the origin, not the origin's own",
    byDefault: '',
    read: (text, options) => {
      options.preserveHost = isOn(text);
    },
  },
  ...originTlsFlags,
  {
    name: 'encode-target',
    group: 'Options',
    summary: 'percent-encode characters that browsers send raw (| { } ^ \\ " < > `), instead of refusing them',
    byDefault: '',
    read: (text, options) => {
      options.encodeTarget = isOn(text);
    },
  },
  {
    name: 'no-fast-lane',
    group: 'Options',
    summary: 'have node:http read every request; hits cost several times as much',
    byDefault: '',
    read: (text, options) => {
      options.fastLane = !isOn(text);
    },
  },
  {
    name: 'trust-proxy',
    value: '<networks>',
    group: 'Options',
    summary: 'proxies that are believed about their clients, with commas: 10.0.0.0/8,::1',
    byDefault: '',
    read: (text, options) => {
      options.trustProxy = networksOf(text);
    },
  },
  {
    name: 'admin',
    value: '<address>',
    group: 'Options',
    summary: 'where the admin API listens, like 127.0.0.1:8081; any but a loopback address needs a token',
    byDefault: '',
    read: (text, options) => {
      parseListen(text);
      options.admin = text;
    },
  },
  {
    name: 'admin-token-file',
    value: '<file>',
    group: 'Options',
    summary: `a file with the token that the admin API wants; ${tokenVariable} can be the token itself`,
    byDefault: '',
    read: (text, options) => {
      readToken(text);
      options.adminTokenFile = resolve(text);
    },
  },
  {
    name: 'purge-from',
    value: '<networks>',
    group: 'Options',
    summary: 'clients whose PURGE requests purge, with commas: 127.0.0.1,10.0.0.0/8; without it PURGE is off',
    byDefault: '',
    read: (text, options) => {
      options.purgeFrom = networksOf(text);
    },
  },
];

const placeholders = { bytes: '<size>', ms: '<duration>', count: '<count>', share: '<share>' } as const;

/** Every flag, in the order of the help. */
export const flags: readonly Flag[] = [
  ...mainFlags,
  ...(Object.keys(limitFlags) as LimitName[]).map((limit): Flag => {
    const { name, group, kind, summary } = limitFlags[limit];
    return {
      name,
      value: placeholders[kind],
      group: `Limits: ${group.toLowerCase()}`,
      summary,
      byDefault: formatQuantity(kind, defaultLimits[limit]),
      read: (text, options) => {
        options.limits[limit] = checkedLimit(limit, quantityParsers[kind](text));
      },
    };
  }),
];

/** The variable that says the same: `--default-ttl` is `ETAGERE_DEFAULT_TTL`. */
export function variableOf(name: string): string {
  return `ETAGERE_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** Texts by name; undefined or absent where nothing was said. */
type Texts = Readonly<Record<string, string | undefined>>;

/**
 * The options that were said: by flags (by name; `true` for a switch), else by variables; and the configuration file that was named.
 * @throws UsageError that names the flag or the variable
 */
export function readOptions(flagTexts: Texts, variables: Texts): Sayable & Pick<Draft, 'config' | 'limits'> {
  const draft: Draft = { limits: {} };
  for (const flag of flags) {
    const variable = variableOf(flag.name);
    const flagText = flagTexts[flag.name];
    // A variable that is set to nothing is how compose files and shells say "not set".
    const text = flagText ?? (variables[variable] || undefined);
    if (text !== undefined) {
      at(flagText === undefined ? variable : `--${flag.name}`, () => flag.read(text, draft));
    }
  }
  const token = variables[tokenVariable] || undefined;
  if (token !== undefined) draft.adminToken = at(tokenVariable, () => checkedToken(token));
  return draft;
}

/**
 * The origin's URL: the argument, else `ETAGERE_ORIGIN`; undefined where neither is given.
 * @throws UsageError, also for a variable that is set to nothing: whoever set it did not want the demo
 */
export function readOrigin(argument: string | undefined, variables: Texts): string | undefined {
  if (argument !== undefined) return at('origin', () => parseOrigin(argument));
  const text = variables[originVariable];
  if (text === '') {
    throw new UsageError(
      `${originVariable}: it is set to nothing`,
      'give it the URL of the origin, or unset it for the demo',
    );
  }
  return text === undefined ? undefined : at(originVariable, () => parseOrigin(text));
}

const originVariable = 'ETAGERE_ORIGIN';

/** What looks like a variable of ours and is none, in one line each: such a one would be passed over in silence. */
export function variableWarnings(variables: Texts): string[] {
  const known = [originVariable, tokenVariable, ...flags.map((flag) => variableOf(flag.name))];
  return Object.keys(variables)
    .filter((name) => name.startsWith('ETAGERE_') && !known.includes(name))
    .map((name) => {
      const meant = nearest(
        name.slice('ETAGERE_'.length),
        known.map((variable) => variable.slice('ETAGERE_'.length)),
      );
      return `${name} means nothing here${meant === undefined ? '' : `; did you mean ETAGERE_${meant}?`}`;
    });
}
