import type { Seconds } from '../http/message.ts';

/** What an operator may decide about the rules. Everything else is the RFCs'. */
export interface PolicyConfig {
  /** Freshness lifetime where the origin says nothing at all about it; 0 = none. */
  readonly defaultTtl: Seconds;
  /** Fraction of the time since Last-Modified (RFC 9111 §4.2.2). */
  readonly heuristicFraction: number;
  /** Longest heuristic lifetime. */
  readonly heuristicMax: Seconds;
  /** Whether heuristics and the default TTL apply to requests with Cookie or Authorization (RFC 9111 §7.3). */
  readonly heuristicsForCredentials: boolean;
  /** Whether heuristics apply to 4xx and 5xx: a poisoned error would stay for months. */
  readonly heuristicsForErrors: boolean;
  /**
   * `guard`: a response with Set-Cookie is shared only if the origin said `public` or `s-maxage`, and then without Set-Cookie.
   * `replay`: stored and replayed like any field (RFC 9111 §3.1 and §7.3 allow it).
   */
  readonly setCookie: 'guard' | 'replay';
  /** Whether a client's `max-stale` permits a stale response (RFC 9111 §5.2.1.2). */
  readonly honourMaxStale: boolean;
  /**
   * How long past its lifetime a response without `stale-if-error` may be served when the origin fails (RFC 9111 §4.2.4 permits it to a
   * disconnected cache).
   */
  readonly staleIfError: Seconds;
  /** The same where the origin can't be reached, or does not answer in time; undefined: no other. */
  readonly staleIfUnreachable: Seconds | undefined;
  /** The same where the origin answers 429: no other window counts then. */
  readonly staleIfTooMany: Seconds;
  /** How long past its lifetime a response without `stale-while-revalidate` may be served while it is validated. */
  readonly staleWhileRevalidate: Seconds;
  /** A freshness lifetime in the place of what the origin says; undefined: what it says counts. */
  readonly ttl: TtlOverride | undefined;
  /** Whether a response to POST that names its own target answers a later GET (RFC 9110 §9.3.3). */
  readonly storePost: boolean;
  /** Whether the missing part of a stored response is asked for without a strong validator too (RFC 9111 §3.3): the origin may send the whole. */
  readonly completeWithoutValidator: boolean;
  /** Whether a response with a transfer coding that is not registered is taken for one without (RFC 9112 §6.3), or refused. */
  readonly unknownTransferCodings: 'refuse' | 'pass';
  /** Whether `stale-while-revalidate` and `stale-if-error` count beside `s-maxage`, which forbids to serve stale (RFC 9111 §5.2.2.10). */
  readonly staleBesideSMaxage: boolean;
  /** Whether a response that repeats what one client has sent in a field that neither the key nor Vary holds is stored all the same (RFC 9111 §7.1). */
  readonly allowUnkeyedEcho: boolean;
  /** Most field names that a Vary may nominate; beyond it a response is not stored. */
  readonly maxNominatedFields: number;
  /** Most groups that a response may belong to (RFC 9875 §2.1 wants at least 32), of 64 characters each; beyond it a response is not stored. */
  readonly maxGroups: number;
  /** Most tags that a response may have (Surrogate-Key, Cache-Tag, xkey), of 16 KiB together; beyond it a response is not stored: a purge might miss it. */
  readonly maxTags: number;
}

export interface TtlOverride {
  readonly lifetime: Seconds;
  /** Whether it counts against `private`, `no-store`, `no-cache` and Set-Cookie too, but for the answers to Authorization. */
  readonly force: boolean;
  /** For 404 and 410; undefined: what the origin says counts. */
  readonly notFound: Seconds | undefined;
}

export type PresetName = 'safe' | 'rfc';

export const presets: Readonly<Record<PresetName, PolicyConfig>> = {
  /** No permission of the RFC is used that has leaked or poisoned elsewhere. */
  safe: {
    defaultTtl: 0,
    heuristicFraction: 0.1,
    heuristicMax: 86_400,
    heuristicsForCredentials: false,
    heuristicsForErrors: false,
    setCookie: 'guard',
    honourMaxStale: false,
    storePost: false,
    completeWithoutValidator: false,
    unknownTransferCodings: 'refuse',
    staleIfError: 0,
    staleIfUnreachable: undefined,
    staleIfTooMany: 0,
    staleWhileRevalidate: 0,
    ttl: undefined,
    staleBesideSMaxage: false,
    allowUnkeyedEcho: false,
    maxNominatedFields: 16,
    maxGroups: 64,
    maxTags: 1_000,
  },
  /** Every permission of the RFC is used: for conformance runs. */
  rfc: {
    defaultTtl: 0,
    heuristicFraction: 0.1,
    heuristicMax: 2 ** 31,
    heuristicsForCredentials: true,
    heuristicsForErrors: true,
    setCookie: 'replay',
    honourMaxStale: true,
    storePost: true,
    completeWithoutValidator: true,
    unknownTransferCodings: 'pass',
    staleIfError: 2 ** 31,
    staleIfUnreachable: undefined,
    staleIfTooMany: 0,
    staleWhileRevalidate: 0,
    ttl: undefined,
    staleBesideSMaxage: false,
    allowUnkeyedEcho: true,
    maxNominatedFields: 16,
    maxGroups: 64,
    maxTags: 1_000,
  },
};
