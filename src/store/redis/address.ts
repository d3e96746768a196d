import { isIPv6 } from 'node:net';

/** Where a server is, and what it wants to know. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
}

/** What the URL of a shelf in Redis says. */
export interface RedisAddress {
  /** One server; of a cluster, some of them. */
  readonly endpoints: readonly [Endpoint, ...Endpoint[]];
  readonly isCluster: boolean;
  /** What all names there begin with: several caches can share a server. */
  readonly prefix: string;
  /** Where it is, in a few words for lines about it: the URL without who asks. */
  readonly place: string;
  /** All of the URL but the password, in whose place something else stands. */
  shown(instead: string): string;
}

const defaultPort = 6379;
const defaultPrefix = 'etagere:';
const maxEndpoints = 32;

/** Without what means something in a pattern, or parts a key from its hash tag. */
const validPrefix = /^[\w.:-]{1,64}$/;

const form = /^(rediss?)(\+cluster)?:\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/;

const example = 'write redis://USER:PASSWORD@HOST:PORT/DATABASE';
const encoding = 'percent-encode user and password: / is %2F, ? is %3F, # is %23, @ is %40, % is %25';

/** That a URL is none of a Redis. Neither `message` nor `advice` has anything of the URL in it: where it is not what was meant, any part may be one of the password. */
export class NoRedisUrl extends RangeError {
  override readonly name = 'NoRedisUrl';
  /** What to write instead. */
  readonly advice: string;

  constructor(problem: string, advice: string) {
    super(problem);
    this.advice = advice;
  }
}

/**
 * `redis://[user:password@]host[:port][/database]`, `rediss://…` for TLS, `redis+cluster://host:port[,host:port]` and `rediss+cluster://…`, each with `?prefix=`.
 * @throws NoRedisUrl, which never shows what may be secret
 */
export function redisAddressOf(url: string): RedisAddress {
  const [, scheme, cluster = '', userinfo, hosts = '', path = '', query = ''] = form.exec(url) ?? [];
  // An "@" further on was to end a user and password that had such a character in them.
  if (/^rediss?(?:\+cluster)?:\/\/.*[/?#].*@/s.test(url) && (scheme === undefined || `${path}${query}`.includes('@'))) {
    throw new NoRedisUrl(
      'a "/", "?" or "#" in the URL of a Redis ends its user and password before their "@"',
      encoding,
    );
  }
  if (scheme === undefined) throw new NoRedisUrl('that is no URL of a Redis', example);
  const isCluster = cluster !== '';
  const credentials = credentialsOf(userinfo);
  const common = { tls: scheme === 'rediss', ...credentials, database: databaseOf(path, isCluster) };
  const [first, ...others] = hosts.split(',').map((host) => ({ ...hostAndPortOf(host), ...common }));
  if (first === undefined || others.length >= (isCluster ? maxEndpoints : 1)) {
    throw new NoRedisUrl(
      'the URL of a Redis names more servers than there may be',
      isCluster
        ? `name ${maxEndpoints} at most: they know the others`
        : 'write redis+cluster:// for those of a cluster',
    );
  }
  const prefix = prefixOf(query);
  const [kind, where] = [`${scheme}${cluster}://`, `${hosts}${path === '' ? '' : `/${path}`}`];
  return {
    endpoints: [first, ...others],
    isCluster,
    prefix,
    place: `${kind}${where}`,
    shown: (instead) => {
      const named = prefix === defaultPrefix ? '' : `?prefix=${prefix}`;
      return `${kind}${shownCredentials(credentials, instead)}${where}${named}`;
    },
  };
}

/** `host:port`, with an IPv6 address in brackets (RFC 3986 §3.2.2). */
export function nameOf({ host, port }: Pick<Endpoint, 'host' | 'port'>): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

function hostAndPortOf(text: string): { host: string; port: number } {
  const [, bracketed, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::(\d+))?$/i.exec(text) ?? [];
  const host = bracketed ?? name;
  const port = digits === undefined ? defaultPort : Number(digits);
  if (host === undefined || (bracketed !== undefined && !isIPv6(bracketed))) {
    throw new NoRedisUrl('the URL of a Redis has no host, or one that can be none', `${example}; ${encoding}`);
  }
  if (port < 1 || port > 65_535) {
    throw new NoRedisUrl('the port in the URL of a Redis is none', 'write a number from 1 to 65535');
  }
  return { host, port };
}

type Credentials = Pick<Endpoint, 'username' | 'password'>;

function credentialsOf(userinfo: string | undefined): Credentials {
  if (userinfo === undefined || userinfo === '') return { username: undefined, password: undefined };
  const colon = userinfo.indexOf(':');
  // Half of the programs that read such URLs take it for the one, half for the other.
  if (colon < 0) {
    throw new NoRedisUrl(
      'what stands before the "@" in the URL of a Redis may be a user or a password',
      'write redis://:PASSWORD@HOST, redis://USER:PASSWORD@HOST, or redis://USER:@HOST for a user without one',
    );
  }
  return { username: decoded(userinfo.slice(0, colon)), password: decoded(userinfo.slice(colon + 1)) };
}

function decoded(text: string): string | undefined {
  try {
    return text === '' ? undefined : decodeURIComponent(text);
  } catch {
    throw new NoRedisUrl('a "%" in the URL of a Redis is not followed by the number of a character', encoding);
  }
}

function shownCredentials({ username, password }: Credentials, instead: string): string {
  if (username === undefined && password === undefined) return '';
  return `${encodeURIComponent(username ?? '')}:${password === undefined ? '' : instead}@`;
}

function databaseOf(path: string, isCluster: boolean): number {
  if (path === '') return 0;
  if (isCluster) {
    throw new NoRedisUrl('a Redis cluster has one database', 'leave its number out: write nothing after the last port');
  }
  if (!/^\d{1,4}$/.test(path)) {
    throw new NoRedisUrl(
      'what follows the host in the URL of a Redis is not the number of a database',
      `write something like /0; ${encoding}`,
    );
  }
  return Number(path);
}

function prefixOf(query: string): string {
  const parameters = [...new URLSearchParams(query)];
  if (parameters.some(([name]) => name !== 'prefix')) {
    throw new NoRedisUrl('the query in the URL of a Redis says what it can not say', `write ?prefix=NAME: or none`);
  }
  if (parameters.length > 1) {
    throw new NoRedisUrl('the prefix is said twice in the URL of a Redis', 'leave one of them out');
  }
  const [[, prefix] = ['', defaultPrefix]] = parameters;
  if (!validPrefix.test(prefix)) {
    throw new NoRedisUrl(
      "the prefix in the URL of a Redis can't begin the names of keys",
      'write 1 to 64 letters, digits and any of .:_-',
    );
  }
  return prefix;
}
