import type { Limits } from '../engine/limits.ts';
import type { CacheStatusMode } from '../http/cache-status.ts';
import type { PresetName } from '../policy/config.ts';
import type { LimitName } from './limit-flags.ts';
import type { LogMode } from './settings.ts';

/** Text with a unit, like `500ms`, `30s`, `5m`, `1h` or `2d`; in a program also a number of seconds. */
export type Duration = string | number;

/** Text with a unit, like `64kb`, `256mb` or `1gb`, or a number of bytes. */
export type Size = string | number;

/** What a program or a configuration file says, and with less words a command line. Everything but the origin has a default. */
export interface EtagereOptions extends RouteRules {
  /**
   * URL of the origin, without path: `http://localhost:3000`; or the name of one of `origins`; or all that may be said of one. It is for the routes that
   * name none, and for the requests that no route matches.
   */
  readonly origin?: string | OriginOptions;
  /** Origins by names: each a URL, or all that may be said of it. */
  readonly origins?: Readonly<Record<string, string | OriginOptions>>;
  /** In their order, the first that matches decides. What a route does not say is as it is on top, beside `routes`. */
  readonly routes?: readonly RouteOptions[];
  /** Where `listen()` listens: `HOST:PORT`, or only a port on the loopback address, with `http://` or `https://` before it or not; one or several. Default `127.0.0.1:8080`. */
  readonly listen?: string | number | readonly (string | number)[];
  /**
   * A file with a certificate, its chain behind it, in PEM; or several, of which a client gets the one for the name that it asks for. With it, addresses of `listen` that do not say otherwise are https, with
   * HTTP/2 and HTTP/1.1. Default: none.
   */
  readonly tlsCert?: OneOrMore<string>;
  /** The file with its private key, in PEM; as many as there are certificates. */
  readonly tlsKey?: OneOrMore<string>;
  /** Everything that the shelf may hold. Default `256mb`. */
  readonly memory?: Size;
  /**
   * Where responses are kept beside memory: `disk:DIRECTORY`, where they outlast the process, or `redis://HOST:PORT` (`rediss:`, `redis+cluster:`), where others share them. Default `memory`: nowhere
   * else.
   */
  readonly store?: string;
  /** Everything that the shelf on a disk may hold. Default `10gb`. */
  readonly disk?: Size;
  /**
   * Processes that answer clients, or `auto` for one on each core. Default 1. Only the command starts any; a program has its own, as with `node:cluster`.
   */
  readonly workers?: string | number;
  /** The access log: `off` (default without a `logFile`), `json`, `combined`, `pretty`, or `auto`: pretty on a terminal, else JSON. */
  readonly log?: LogMode;
  /** The file that the access log is appended to. Default: stdout. */
  readonly logFile?: string;
  /** How much of what became of a request its client is told in Cache-Status: `full` (default), `brief`, or `off`. */
  readonly cacheStatus?: CacheStatusMode;
  /** Sends the Host that the client sent, in place of the origin's own. Default false. */
  readonly preserveHost?: boolean;
  /** A file with the certificates, in PEM, of the authorities that origins of https are trusted by, and no others. Default: those that Node trusts. An origin may have its own, and so for the next three. */
  readonly originCa?: string;
  /** A file with a certificate, its chain behind it, in PEM, that is shown to origins which ask for one. Default: none. */
  readonly originCert?: string;
  /** The file with its private key, in PEM. */
  readonly originKey?: string;
  /** The name that origins of https are asked for in TLS, and that their certificates have to be for. Default: the host in the URL. */
  readonly originServerName?: string;
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

/** What may be said of a route, and on top for every route that does not say it itself. */
export interface RouteRules {
  /** `safe` (default), or `rfc`: every permission of RFC 9111 is used. */
  readonly preset?: PresetName;
  /** Freshness lifetime where the origin says nothing at all about it. Default 0: none. */
  readonly defaultTtl?: Duration;
  /** How long past its lifetime a response is served while it is validated in the background, where the origin did not say so itself. Default 0. */
  readonly staleWhileRevalidate?: Duration;
  /**
   * How long past its lifetime a response is served when the origin fails and said nothing about that itself: whatever the cause, or by cause.
   * Default 0 with `safe`, without end with `rfc`.
   */
  readonly staleIfError?: Duration | StaleIfErrorOptions;
  /**
   * Whether `stale-while-revalidate` and `stale-if-error` count beside `s-maxage`. RFC 9111 §5.2.2.10 has it forbid to serve stale; Nuxt, Next and
   * others send the pair and mean both. Default false.
   */
  readonly staleBesideSMaxage?: boolean;
  /**
   * Whether a response is stored also where it repeats what one client has sent in a field that neither the key nor Vary holds: one client can poison it
   * for all others then. Default false; true with `rfc`.
   */
  readonly allowUnkeyedEcho?: boolean;
  /** Freshness lifetime in the place of what the origin says, of successes and permanent redirects; against `private`, `no-store` and Set-Cookie only with `force`. Default none. */
  readonly ttl?: Duration | TtlOptions;
  /** What of the query is left out, of the key and of what the origin is asked for. */
  readonly key?: KeyOptions;
  /** Requests that are always forwarded, and whose responses are never stored. */
  readonly bypass?: BypassOptions;
  /** Fields that are set, added or removed. */
  readonly headers?: HeadersOptions;
}

export interface RouteOptions extends RouteRules {
  /** For logs and metrics. By default what it matches. */
  readonly name?: string;
  /** Left out, it matches every request. */
  readonly match?: MatchOptions;
  /** The name of one of `origins`, or a URL. By default the `origin` on top. */
  readonly origin?: string;
}

/** Each that is given has to match. */
export interface MatchOptions {
  /** `example.com`, `*.example.com` (every name below it), `example.com:8443`. */
  readonly host?: OneOrMore<string>;
  /** `/about`, or with `*` for any characters: `/static/*`, `*.png`. Without the query. */
  readonly path?: OneOrMore<string>;
  /** `GET` is HEAD as well. */
  readonly method?: OneOrMore<string>;
}

export type OneOrMore<T> = T | readonly T[];

export interface StaleIfErrorOptions {
  /** While the origin answers 500, 502, 503 or 504. */
  readonly '5xx'?: Duration;
  /** While the origin can't be reached, or does not answer in time. */
  readonly unreachable?: Duration;
  /** While the origin answers 429 (RFC 6585 §4). Not where there is only one window for all. */
  readonly '429'?: Duration;
}

export interface TtlOptions {
  readonly lifetime: Duration;
  /** Counts against `private`, `no-store`, `no-cache` and Set-Cookie too. Default false. */
  readonly force?: boolean;
  /** The same for 404 and 410. Default: what the origin says of them. */
  readonly notFound?: Duration;
}

export interface KeyOptions {
  /** Whether parameters are sorted by their names. Default false. */
  readonly sortQuery?: boolean;
  /** Names of parameters that are left out: `gclid`, `utm_*`. */
  readonly dropQuery?: OneOrMore<string>;
  /** The only names of parameters that are not left out. Not beside `dropQuery`. */
  readonly keepQuery?: OneOrMore<string>;
  /**
   * Names of cookies that make no difference: `_ga*`, `*`. They are left out of GET, HEAD and other requests that change nothing, before anything looks at them, and the origin does
   * not get them; but for those that `bypass` means.
   */
  readonly dropCookie?: OneOrMore<string>;
}

/** One that matches is enough. */
export interface BypassOptions {
  /** As in `match`. */
  readonly path?: OneOrMore<string>;
  /** Names of cookies: `session`, `wordpress_logged_in_*`. */
  readonly cookie?: OneOrMore<string>;
  /** Request fields: `X-Preview`, or with a value `X-Preview: yes`, which may have a `*`. */
  readonly header?: OneOrMore<string>;
}

export interface HeadersOptions {
  /** Of what the origin is asked. */
  readonly request?: EditOptions;
  /** Of what clients get. */
  readonly response?: EditOptions;
}

export interface EditOptions {
  readonly remove?: OneOrMore<string>;
  /** In the place of all lines of that name. */
  readonly set?: Readonly<Record<string, string>>;
  /** Beside the lines of that name. */
  readonly add?: Readonly<Record<string, OneOrMore<string>>>;
}

export interface OriginOptions {
  /** One, or several that answer alike. */
  readonly url: OneOrMore<string | ServerOptions>;
  /** By default that on top. */
  readonly preserveHost?: boolean;
  /** By default `originCa`; and so for the next three: `originCert` with `originKey`, and `originServerName`. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
  /** Connections to each URL. By default `limits.originConnections`; and so for the others. */
  readonly connections?: string | number;
  readonly queue?: string | number;
  readonly queueTimeout?: Duration;
  readonly connectTimeout?: Duration;
  readonly headTimeout?: Duration;
  readonly bodyTimeout?: Duration;
  readonly headSize?: Size;
  readonly interimResponses?: string | number;
  /** Passive health. By default on where there are several URLs; `false` turns it off. */
  readonly ejection?: false | EjectionOptions;
  /** Active health. Default none. */
  readonly healthCheck?: HealthCheckOptions;
}

export interface ServerOptions {
  readonly url: string;
  /** Share of the requests, against the other weights. Default 1. */
  readonly weight?: string | number;
}

/** A server with `failures` failures `within` that time gets no requests `for` that time. Defaults 5, 10s and 30s. */
export interface EjectionOptions {
  readonly failures?: string | number;
  readonly within?: Duration;
  readonly for?: Duration;
}

export interface HealthCheckOptions {
  /** What is asked for, with GET: `/healthz`. */
  readonly path: string;
  /** Default `10s`. */
  readonly interval?: Duration;
  /** Default `2s`. */
  readonly timeout?: Duration;
  /** `200`, `2xx`, `200-399`. Default `2xx`. */
  readonly status?: OneOrMore<string | number>;
  /** Good answers in a row until a server that was ill gets requests again. Default 2. */
  readonly healthyAfter?: string | number;
  /** Bad or missing answers in a row until a server gets none. Default 3. */
  readonly unhealthyAfter?: string | number;
}
