import type { EpochMs, RequestHead, Seconds } from '../http/message.ts';
import type { TargetUri } from '../key/target-uri.ts';
import type { PolicyConfig } from '../policy/config.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { NotStored } from './not-stored.ts';

/** What a purge is about. */
export type Selection =
  /** An absolute http(s) URL: every variant of it, and the responses to its QUERY requests. */
  | { readonly kind: 'url'; readonly url: string }
  /** One stored response, as `Entry.id` names it. */
  | { readonly kind: 'entry'; readonly id: string }
  /** An absolute http(s) URL that the URLs begin with, compared byte by byte: scheme and authority as in a key, then the target. */
  | { readonly kind: 'prefix'; readonly prefix: string }
  /** The authority that clients ask for, whatever the scheme: lower case, without a default port. */
  | { readonly kind: 'host'; readonly host: string }
  /** A member of Surrogate-Key, Cache-Tag, xkey or Cache-Groups. */
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'all' };

/** `soft`: stale from now on, validated before its next use, and still there while the origin fails. `hard`: gone. */
export type PurgeMode = 'soft' | 'hard';

/** That one instance has done it: this one first, then those who share the shelf with it. */
export interface Acknowledgement {
  readonly instance: string;
  /** Milliseconds from the request for it to its being in force there: what was stored or asked for before is not used as it is any more. */
  readonly inForceMs: number;
  /** Milliseconds from the request for it to its being done there, and all that matched counted; absent for another one, whose memory is not waited for. */
  readonly ms?: number;
}

/** What a purge has done. Every stored response that matched is in `stale` or in `removed`. */
export interface PurgeReceipt {
  readonly matched: number;
  readonly stale: number;
  readonly removed: number;
  /** Fills that were under way to the shelf: what they bring goes to the client that caused them, and is not stored. Others who wait for it are answered by a fill that begins after the purge. */
  readonly fillsDoomed: number;
  readonly acknowledged: readonly Acknowledgement[];
  /** Those who share the shelf and have not said in time that it is in force there; absent where all have. Before they use anything of the shelf, they hear of it. */
  readonly unheard?: readonly string[];
}

/** What a purge would match. */
export interface PurgePreview {
  readonly matched: number;
  /** URLs of some of them. */
  readonly sample: readonly string[];
}

/** Which stored responses to list, and from where on. */
export interface EntriesQuery {
  /** A part of the URL; with `*`, a pattern for all of it in which a star stands for any bytes. */
  readonly match?: string;
  readonly tag?: string;
  /** `EntriesPage.cursor` of the page before. */
  readonly cursor?: string;
  /** Most entries of a page. */
  readonly limit: number;
}

/** One stored response, for a person to read. */
export interface Entry {
  /** Names it for a purge, as long as it is on the shelf. */
  readonly id: string;
  readonly url: string;
  readonly method: 'GET' | 'QUERY';
  readonly status: number;
  /** The nominated fields with their values in the request that it was stored for (RFC 9111 §4.1). */
  readonly variant: Readonly<Record<string, string>>;
  readonly contentBytes: number;
  readonly age: Seconds;
  /** What is left of its lifetime; negative when stale. */
  readonly ttl: Seconds;
  readonly state: 'fresh' | 'stale' | 'purged';
  /** Its entity-tag, or else its Last-Modified. */
  readonly validator?: string;
  readonly tags: readonly string[];
  /** The fields of the response as stored. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

export interface EntriesPage {
  readonly entries: readonly Entry[];
  /** Where the next page begins; absent on the last one. */
  readonly cursor?: string;
}

/** Everything that the policy would look at for a request. */
export interface Inspection {
  /** The parts of its key. */
  readonly key: TargetUri;
  /** Every stored response of that key, of whatever variant. */
  readonly candidates: readonly StoredResponse[];
  /** Steady time (RFC 9111 §4.2.3). */
  readonly now: EpochMs;
  /** Whether the origin is being asked just now for what this request may wait for. */
  readonly fillInProgress: boolean;
  /** The rules of the route that the request takes. */
  readonly config: PolicyConfig;
  /** The name of that route. */
  readonly route: string;
  /** Whether a rule of the route sends the request past the shelf; not so unless said. */
  readonly isBypassed?: boolean;
  /** The last response for that key that did not go onto the shelf, as far as it is remembered. */
  readonly lastNotStored?: NotStored;
}

/** What an operator may do with a cache, beside asking it. */
export interface Operations {
  /** Rejects with PURGES_FULL where as many as may be are under way that are about more than a URL or an entry. */
  purge(selection: Selection, mode: PurgeMode): Promise<PurgeReceipt>;
  /** What a purge would match, without doing it. Rejects as that would. */
  preview(selection: Selection): Promise<PurgePreview>;
  /** A page of what is on the shelf. */
  entries(query: EntriesQuery): Promise<EntriesPage>;
  /** Everything that the policy would look at for this GET or HEAD, which has passed the gate. Asks nobody and changes nothing. */
  inspect(request: RequestHead): Promise<Inspection>;
}
