import type { Seconds } from '../http/message.ts';
import type { CacheKey } from '../key/cache-key.ts';
import type { Aging } from '../policy/age.ts';
import type { PresentedFields } from '../policy/presented.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Content, GrowingContent } from './content.ts';

/** A value that may be there at once: the memory shelf answers without a turn of the event loop. */
export type MaybePromise<T> = T | Promise<T>;

/** What a request says of the fields that stored responses nominate. */
export type Nominating = Pick<PresentedFields, 'variant'>;

/** A stored response with its content. */
export interface Shelved {
  readonly stored: StoredResponse;
  readonly content: Content;
  /**
   * What is kept with it to answer the next request faster; the store neither reads nor makes it. It may hold 2 KiB and, up to 16 KiB, the content once more: that is counted.
   * Gone whenever the response was freshened, dropped, or merely not used for a while: whoever looks it up then gets another object without it.
   */
  ready?: unknown;
}

/**
 * The port to a shelf. A store may drop whatever it holds at any time; it never judges: freshness, Vary and whether to store are the
 * policy's. Trouble inside a store is a miss or a refusal, never an error to a client.
 */
export interface Store {
  /**
   * All stored responses of a target URI, of every variant. With `presented`, where the nominated fields match those of any (RFC 9111 §4.1), all of which they do will do: a shelf of
   * many variants need not read the others.
   */
  lookup(key: CacheKey, presented?: Nominating): MaybePromise<readonly Shelved[]>;
  /** The same for who only looks on: nothing is used by it, and nothing has to go for it. */
  peek(key: CacheKey): MaybePromise<readonly Shelved[]>;
  /** Makes room for a response whose content will come, or says why not. `expectedLength` is its Content-Length. */
  begin(stored: StoredResponse, expectedLength: number | undefined): StoreWriter | StoreRefusal;
  /** Puts `updated` in the place of `stored`, whose content stays; nothing happens if `stored` is no longer there. */
  freshen(stored: StoredResponse, updated: StoredResponse): MaybePromise<void>;
  /** Takes one response off the shelf. */
  remove(stored: StoredResponse): MaybePromise<void>;
  /**
   * Purges a selection of responses: in force when this returns, be the work done or not. Resolves when it is done, with the number of responses that it was about.
   */
  purge(purge: StorePurge): Promise<number>;
  /** The key of the response that a page named so; undefined where it is here no more. */
  keyOf(id: string): MaybePromise<CacheKey | undefined>;
  /** How many responses a purge would be about. */
  count(selection: StoreSelection): Promise<StoreCount>;
  /** Some of the responses that are here, in an order of the store's own; with a cursor, those after that of an earlier call. */
  page(query: StorePageQuery): Promise<StorePage>;
  /** Takes every variant of a target URI off the shelf (RFC 9111 §4.4). */
  invalidate(key: CacheKey): MaybePromise<void>;
  /** Says that of several variants this one was used: the least recently used goes first. */
  used(stored: StoredResponse): void;
  /** Says that a client is reading this content: should it leave the shelf, its bytes count until the result is called. */
  hold(content: Content): () => void;
  /** Counts bytes that are held for an exchange outside the shelf against its limit; false where they do not fit. */
  reserve(bytes: number): boolean;
  release(bytes: number): void;
  stats(): StoreStats;
}

/** Responses that are purged, counted or listed together. */
export type StoreSelection =
  /** All variants under these keys, and the responses to QUERY requests for the same targets. */
  | { readonly kind: 'targets'; readonly keys: readonly CacheKey[] }
  /** All whose key begins with one of these. */
  | { readonly kind: 'beginning'; readonly prefixes: readonly string[] }
  /** All with this tag, or in a group of this name. */
  | { readonly kind: 'tag'; readonly tag: string }
  /** The one that a page named so. */
  | { readonly kind: 'one'; readonly id: string }
  | { readonly kind: 'all' };

export interface StorePurge {
  readonly selection: StoreSelection;
  /** Only responses of an older generation than this. */
  readonly before: number;
  /** The lifetime that a response is to have from now on, as one that was purged (`StoredResponse.ended`); without it, responses are taken off the shelf. */
  readonly expire?: (aging: Aging) => Seconds;
}

export interface StoreCount {
  readonly matched: number;
  /** The keys of some of them. */
  readonly sample: readonly CacheKey[];
}

export interface StorePageQuery {
  readonly cursor: string | undefined;
  readonly limit: number;
  /** Of which selection; of those, the ones whose key this is true of. */
  readonly selection: StoreSelection;
  readonly matches: (key: CacheKey) => boolean;
}

export interface StorePage {
  readonly found: readonly { readonly id: string; readonly shelved: Shelved }[];
  /** Absent at the end. */
  readonly cursor?: string;
}

/** Larger than one response may be; or no room, or trouble inside. */
export type StoreRefusal = 'too-large' | 'store-refused';

/** One response on its way onto the shelf. Nothing of it can be looked up before `commit` (RFC 9111 §3.3). */
export interface StoreWriter {
  /** What was written so far, readable meanwhile. */
  readonly content: GrowingContent;
  /** False where the store takes no more of it: then it was aborted for `refusal`, and `content` stays readable but counts no longer. */
  write(chunk: Uint8Array): boolean;
  /** Why it was aborted by the store, if so. */
  readonly refusal: StoreRefusal | undefined;
  /** The content is complete; `stored` is the head to keep. False where it could not be kept. */
  commit(stored: StoredResponse): MaybePromise<boolean>;
  abort(): void;
}

export interface StoreStats {
  readonly responses: number;
  /** Bytes of the limit in use: content, heads, keys, and what is reserved for exchanges in progress. */
  readonly bytesUsed: number;
  readonly bytesLimit: number;
  /** Responses dropped to make room, since the start. */
  readonly evictions: number;
  /** Of these, those that had to go as their URI had as many variants as it may. */
  readonly variantEvictions: number;
}
