import type { Limits } from '../engine/limits.ts';
import type { CacheStatusMode } from '../http/cache-status.ts';
import type { EpochMs, Seconds } from '../http/message.ts';
import type { Certificate } from '../listener/certificates.ts';
import type { ListenAddress } from '../listener/node-http.ts';
import type { PolicyConfig } from '../policy/config.ts';

export type LogMode = 'auto' | 'json' | 'combined' | 'pretty' | 'off';

/**
 * Everything that a process needs to know, read and checked, with every default filled in. Plain data: two of them can be compared
 * (`changes.ts`) and shown (`shown.ts`).
 */
export interface Settings {
  /** One address at least. */
  readonly listen: readonly ListenAddress[];
  /** For addresses of https; the first is for clients that ask for a name of none. Empty: there are no such addresses. */
  readonly tlsCert: readonly CertificateSettings[];
  readonly limits: Limits;
  readonly store: StoreSettings;
  /** Processes that answer clients; `auto`: one on each core. With 1 there is no other process than the one that was started. */
  readonly workers: number | 'auto';
  readonly log: LogMode;
  /** Absolute. Undefined: the log goes to stdout. */
  readonly logFile: string | undefined;
  readonly cacheStatus: CacheStatusMode;
  /** Whether characters that a target may not have are percent-encoded, where they would be refused else. */
  readonly encodeTarget: boolean;
  /** Whether plain requests are answered past node:http. */
  readonly fastLane: boolean;
  /** Addresses and networks of the peers that are believed in what they say of their clients: for `trustedPeers()`. */
  readonly trustProxy: readonly string[];
  /** Undefined: there is no admin listener. */
  readonly admin: AdminSettings | undefined;
  /** Addresses and networks whose PURGE requests purge, on the public listeners: for `trustedPeers()`. Empty: PURGE is answered 501. */
  readonly purgeFrom: readonly string[];
  /** One at least; no two have the same name. */
  readonly origins: readonly OriginSettings[];
  /** In their order, the first that matches decides. One of them matches every request. No two have the same name. */
  readonly routes: readonly RouteSettings[];
}

/** Where responses are kept, beside memory. */
export type StoreSettings =
  | { readonly kind: 'memory' }
  /** Absolute. */
  | { readonly kind: 'disk'; readonly directory: string }
  /** `redis:`, `rediss:` or `redis+cluster:`; it may have a password in it. */
  | { readonly kind: 'redis'; readonly url: string };

/** A certificate with its key, as they were read. */
export interface CertificateSettings extends Certificate {
  /** Absolute, and so the next. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly expiresAt: EpochMs;
}

export interface AdminSettings {
  readonly listen: ListenAddress;
  /** What `Authorization: Bearer` has to be. Undefined only where the address is a loopback one. */
  readonly token: string | undefined;
}

/** How the servers of an origin are known, where they are asked over TLS, and how they know us. */
export interface OriginTlsSettings {
  /** Undefined: the authorities that Node trusts. */
  readonly ca: AuthoritySettings | undefined;
  /** What is shown to a server that asks for it. */
  readonly certificate: CertificateSettings | undefined;
  /** The name that is asked for, and that their certificates have to be for; undefined: that in the URL. */
  readonly serverName: string | undefined;
}

/** Certificates that are trusted in the place of the usual ones, as they were read. */
export interface AuthoritySettings {
  /** Absolute. */
  readonly file: string;
  /** One at least. */
  readonly pem: string;
}

/** Where requests go: servers that answer alike. */
export interface OriginSettings extends OriginLimits {
  readonly name: string;
  /** One at least. */
  readonly servers: readonly OriginServer[];
  /** Sends the Host that the client sent, in place of the server's own. */
  readonly preserveHost: boolean;
  readonly tls: OriginTlsSettings;
  /** What the requests that are sent anyway tell of a server. Undefined: nothing is concluded from them. */
  readonly ejection: EjectionSettings | undefined;
  /** Undefined: no request is sent to find out. */
  readonly healthCheck: HealthCheckSettings | undefined;
}

/** What each server of an origin may cost. */
export interface OriginLimits {
  readonly connections: number;
  /** Requests that may wait for one of them; one more is answered 503. */
  readonly queue: number;
  readonly queueTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** From the request sent to the response head. */
  readonly headTimeoutMs: number;
  /** Between two pieces of content. */
  readonly bodyTimeoutMs: number;
  readonly headBytes: number;
  /** Before a response; one more ends the request. */
  readonly interimResponses: number;
}

export interface OriginServer {
  /** `http://localhost:3000`: without a path. */
  readonly url: string;
  /** Its share of the requests, against the weights of the others: 1 or more. */
  readonly weight: number;
}

/** Passive health: a server with `failures` failures within `withinMs` gets no requests for `forMs`. */
export interface EjectionSettings {
  readonly failures: number;
  readonly withinMs: number;
  readonly forMs: number;
}

/** Active health: what is asked of each server, and how often in a row the answer has to differ to change what is thought of it. */
export interface HealthCheckSettings {
  /** Path and query. */
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Statuses that are good, from and to inclusive. */
  readonly statuses: readonly (readonly [from: number, to: number])[];
  /** Good answers until a server that was ill gets requests again. */
  readonly healthyAfter: number;
  /** Bad or missing answers until a server that was well gets none. */
  readonly unhealthyAfter: number;
}

/** What is done with the requests that match. */
export interface RouteSettings {
  readonly name: string;
  readonly match: RouteMatch;
  /** The name of an origin. */
  readonly origin: string;
  readonly policy: PolicyConfig;
  /** How long past its lifetime a response may be served, where the origin does not say so itself. */
  readonly stale: StaleSettings;
  /** Undefined: what the origin says of freshness counts. */
  readonly ttl: TtlSettings | undefined;
  readonly key: KeyRules;
  readonly bypass: BypassRules;
  readonly requestFields: FieldEdits;
  readonly responseFields: FieldEdits;
}

/** Every list that is not empty has to match; of a list, one member. */
export interface RouteMatch {
  /**
   * Lower case. `example.com`, whatever the port; `example.com:8443`, only that port; `*.example.com`, every name below it, but not
   * itself.
   */
  readonly hosts: readonly string[];
  /** Patterns for the path, without the query: `*` stands for any characters, also slashes; all else for itself. */
  readonly paths: readonly string[];
  /** `GET` is HEAD as well. */
  readonly methods: readonly string[];
}

export interface StaleSettings {
  /** While it is validated in the background (RFC 5861 §3). */
  readonly whileRevalidate: Seconds;
  /** While the origin answers 500, 502, 503 or 504 (RFC 5861 §4). */
  readonly ifServerError: Seconds;
  /** While the origin can't be reached, or does not answer in time. */
  readonly ifUnreachable: Seconds;
  /** While the origin answers 429. */
  readonly ifTooMany: Seconds;
}

/** A freshness lifetime in the place of what the origin says. */
export interface TtlSettings {
  readonly lifetime: Seconds;
  /** Counts against `private`, `no-store`, `no-cache` and Set-Cookie too, which no other setting can do. */
  readonly force: boolean;
  /** For 404 and 410; undefined: what the origin says counts. */
  readonly notFound: Seconds | undefined;
}

/**
 * What becomes of query and cookies before anything is looked up. The target that is left is keyed, and is what the origin is asked for: did the
 * origin see more than the key, one client could have the response for all made to its wishes.
 */
export interface KeyRules {
  readonly sortQuery: boolean;
  /** Names of parameters that are left out; `*` stands for any characters. */
  readonly dropQuery: readonly string[];
  /** The only names of parameters that are not left out; undefined: all. */
  readonly keepQuery: readonly string[] | undefined;
  /** Names of cookies that are left out of requests that change nothing; `*` stands for any characters. */
  readonly dropCookie: readonly string[];
}

/** Requests that are forwarded whatever is on the shelf, and whose responses are not stored. One match is enough. */
export interface BypassRules {
  /** Patterns as in `RouteMatch`. */
  readonly paths: readonly string[];
  /** Names of cookies, case-sensitive; `*` stands for any characters. */
  readonly cookies: readonly string[];
  /** Request fields; a value is a pattern with `*`, undefined: any. The name is lower case. */
  readonly fields: readonly { readonly name: string; readonly value: string | undefined }[];
}

/** In this order: remove, set, add. Names are lower case. */
export interface FieldEdits {
  readonly remove: readonly string[];
  /** In the place of all lines of that name. */
  readonly set: readonly FieldEdit[];
  /** Beside the lines of that name. */
  readonly add: readonly FieldEdit[];
}

export interface FieldEdit {
  readonly name: string;
  readonly value: string;
  /** Whether nobody should read the value: it came from a variable, or its name says so. */
  readonly secret: boolean;
}
