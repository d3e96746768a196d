import type { EntityTag } from '../http/entity-tag.ts';
import type { Fields } from '../http/fields.ts';
import type { ContentRange } from '../http/range.ts';
import type { EpochMs, Seconds } from '../http/message.ts';
import type { CacheKey } from '../key/cache-key.ts';
import type { VariantKey } from '../key/nominated-fields.ts';
import type { StoredSearch } from './search-variation.ts';

/** Where a freshness lifetime came from (RFC 9111 §4.2.1, §4.2.2). */
export type LifetimeSource =
  | 's-maxage'
  | 'max-age'
  | 'expires'
  | 'heuristic'
  | 'default-ttl'
  /** An operator's, in the place of one that the origin gave. */
  | 'route-ttl'
  /** An operator's, where the origin gave none: a guess. */
  | 'assumed-ttl'
  /** An operator's, against whatever the origin said. */
  | 'forced-ttl'
  | 'none';

export interface Freshness {
  readonly lifetime: Seconds;
  readonly source: LifetimeSource;
}

/** What has ended a freshness lifetime before its time: a purge by an operator, or news from the origin (RFC 9111 §4.3.5). */
export type LifetimeEnd = 'purged' | 'outdated';

/**
 * The head of a stored response with everything that a reuse needs, computed once when it was stored: nothing parses its fields on
 * a hit. Immutable; freshening makes a new one.
 */
export interface StoredResponse {
  readonly key: CacheKey;
  readonly nominatedFields: readonly string[];
  /** The nominated fields' values in the original request. */
  readonly variant: VariantKey;
  readonly status: number;
  /** As sent when reused, but for Age: hop-by-hop fields and Age removed, Date present (RFC 9111 §3.1). */
  readonly fields: Fields;
  /** The Date field, or the time of receipt. */
  readonly dateValue: EpochMs;
  /** Steady time at which the response was received or last validated (RFC 9111 §4.2.3). */
  readonly responseTime: EpochMs;
  /** At `responseTime` (RFC 9111 §4.2.3). */
  readonly correctedInitialAge: Seconds;
  readonly freshness: Freshness;
  /** Then it is reused without validation only while the origin fails, whatever windows there are after the lifetime. */
  readonly ended: LifetimeEnd | undefined;
  /** `no-cache`: never reused without validation (RFC 9111 §5.2.2.4). */
  readonly alwaysValidate: boolean;
  /** `immutable`: while fresh it is not validated because a client reloads (RFC 8246 §2.1). */
  readonly immutable: boolean;
  /** Nothing but the end of its connection told the length of its content (RFC 9112 §6.3). */
  readonly closeDelimited: boolean;
  /** A directive forbids to serve it stale (RFC 9111 §4.2.4). */
  readonly staleProhibited: boolean;
  /** After the lifetime (RFC 5861 §3); 0 where prohibited. */
  readonly staleWhileRevalidate: Seconds;
  /** After the lifetime (RFC 5861 §4); 0 where prohibited. */
  readonly staleIfError: Seconds;
  readonly entityTag: EntityTag | undefined;
  readonly lastModified: EpochMs | undefined;
  /** If-None-Match and If-Modified-Since for a request that validates it (RFC 9111 §4.3.1); empty without a validator. */
  readonly preconditions: Fields;
  /** The names of the groups that it belongs to, at its own origin (RFC 9875 §2). */
  readonly groups: readonly string[];
  /** By which it can be purged together with others (policy/tags.ts). */
  readonly tags: readonly string[];
  /** Which query parameters do not matter, and what of its own target does; undefined where all of it does. */
  readonly search: StoredSearch | undefined;
  /** Which bytes of the representation its content is; undefined where it is all of them (RFC 9111 §3.3). */
  readonly extent: ContentRange | undefined;
  /** Of the invalidations of its key, when its fill began: an older one than the current is never served. */
  readonly generation: number;
  /**
   * Which stored response it is: given by the shelf whenever it puts one there, and 0 before. By it a response is known again that a shelf has read anew
   * meanwhile; what was made from one to answer with, and not put there, has its number still.
   */
  readonly serial: number;
}
