import type { EpochMs, Seconds } from '../http/message.ts';
import type { CacheKey } from '../key/cache-key.ts';
import type { Aging } from '../policy/age.ts';
import type { PresentedFields } from '../policy/presented.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Claims } from './claims.ts';
import type { Content, GrowingContent } from './content.ts';
import type { LowerKind, LowerStats } from './lower-stats.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { Heard, Order } from './orders.ts';
import type { StoreSelection } from './selection.ts';

/** What a request says of the fields that stored responses nominate. */
export type Nominating = Pick<PresentedFields, 'variant'>;

/** A stored response with its content. */
export interface Shelved {
  readonly stored: StoredResponse;
  readonly content: Content;
  /** Where it was found, if not in memory. */
  readonly tier?: LowerKind;
  /**
   * What is kept with it to answer the next request faster; the store neither reads nor makes it. It may hold 2 KiB and, up to 16 KiB, the content once more: that is counted.
   * Gone whenever the response was freshened, dropped, or merely not used for a while: whoever looks it up then gets another object without it.
   */
  ready?: unknown;
}

/**
 * A shelf, wherever it keeps what is on it. It may drop whatever it holds at any time; it never judges: freshness, Vary and whether to store are the
 * policy's. Trouble inside is a miss or a refusal, never an error to a client.
 */
export interface Shelf {
  /**
   * All stored responses of a target URI, of every variant. With `presented`, where the nominated fields match those of any (RFC 9111 §4.1), all of which they do will do: a shelf of
   * many variants need not read the others.
   *
   * @param generation The current one, as whoever asks counts them: that of what is found where others put it too, who count otherwise. What was purged or invalidated here before has been taken away or changed by then; what is
   *   later, has a greater number.
   */
  lookup(key: CacheKey, presented?: Nominating, generation?: number): MaybePromise<readonly Shelved[]>;
  /** The same for who only looks on: nothing is used by it, and nothing has to go for it. */
  peek(key: CacheKey, generation?: number): MaybePromise<readonly Shelved[]>;
  /** Makes room for a response whose content will come, or says why not. `expectedLength` is its Content-Length. */
  begin(stored: StoredResponse, expectedLength: number | undefined): StoreWriter | StoreRefusal;
  /** Puts `updated` in the place of `stored`, whose content stays; nothing happens if `stored` is no longer there. */
  freshen(stored: StoredResponse, updated: StoredResponse): MaybePromise<void>;
  /** Takes one response off the shelf. */
  remove(stored: StoredResponse): MaybePromise<void>;
  /**
   * Purges a selection of responses: in force when this returns, be the work done or not. Resolves when it is done.
   */
  purge(purge: StorePurge): Promise<StorePurged>;
  /** The key of the response that a page named so; undefined where it is here no more. */
  keyOf(id: string): MaybePromise<CacheKey | undefined>;
  /** How many responses a purge would be about. */
  count(selection: StoreSelection): Promise<StoreCount>;
  /** Some of the responses that are here, in an order of the store's own; with a cursor, those after that of an earlier call. */
  page(query: StorePageQuery): Promise<StorePage>;
  /** Takes every variant of a target URI off the shelf (RFC 9111 §4.4). Resolves when those who share it do not use them either, as far as they were heard of in time; so does `invalidateGroup`. */
  invalidate(key: CacheKey): MaybePromise<void>;
  /** Says that the members of a group are invalidated (RFC 9875): a shelf that others share has to tell them. Which ones they are `Generations` knows, here. */
  invalidateGroup(group: CacheKey): MaybePromise<void>;
  stats(): StoreStats;
}

/** The port to the shelf of this process: it counts against one limit whatever is held in memory, on the shelf or for an exchange. */
export interface Store extends Shelf {
  /**
   * What `lookup` would find without asking anybody else, where there is somebody to ask: absent where that is all there is. What is found so may have been replaced by another who shares the shelf: when it
   * does not do, `lookup` is worth its time.
   */
  atHand?(key: CacheKey, presented?: Nominating): readonly Shelved[];
  /**
   * Sets who hears of the orders that others have given who share the shelf. It has put one in force for what it holds itself when it returns, with the generation from which on responses are not what the order
   * is about (as `StorePurge.before`): what is on the shelf is not what it was by then.
   */
  onOrder?(listener: (order: Order) => number): void;
  /** Sets who hears of what comes into memory though nobody has looked for it: before it is there. */
  onBrought?(listener: (stored: StoredResponse) => void): void;
  /** So that one of those who share the shelf asks the origin; absent where nobody does. */
  readonly claims?: Claims | undefined;
  /** Says that of several variants this one was used: the least recently used goes first. */
  used(stored: StoredResponse): void;
  /** Says that a client is reading this content: should it leave the shelf, its bytes count until the result is called. */
  hold(content: Content): () => void;
  /** Counts bytes that are held for an exchange outside the shelf against its limit; false where they do not fit. */
  reserve(bytes: number): boolean;
  /** The same for bytes that are held already, whether they fit or not: what is stored gives way to them. */
  charge(bytes: number): void;
  release(bytes: number): void;
}

export interface StorePurge {
  readonly selection: StoreSelection;
  /** Only responses of an older generation than this. */
  readonly before: number;
  /** The lifetime that a response is to have from now on, as one that was purged (`StoredResponse.ended`); without it, responses are taken off the shelf. */
  readonly expire?: (aging: Aging) => Seconds;
  /** With `expire`, the steady time at which lifetimes end; for who has to tell others. */
  readonly expiredAt?: EpochMs;
}

/** What a purge has done. */
export interface StorePurged {
  /** Responses that it was about, as far as they are counted: on a shelf that is shared some may leave it uncounted, when they are met. */
  readonly matched: number;
  /** What the others have said who share the shelf. */
  readonly heard: readonly Heard[];
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

/** Larger than one response may be; no room for it but that of what is asked for more often; or no room at all, or trouble inside. */
export type StoreRefusal = 'too-large' | 'not-admitted' | 'store-refused';

/** One response on its way onto the shelf. Nothing of it can be looked up before `commit` (RFC 9111 §3.3). */
export interface StoreWriter {
  /** What was written so far, readable meanwhile. */
  readonly content: GrowingContent;
  /**
   * Whether memory is to keep all of `content`, and counts it. Where that is false, now or after a `write`, storing goes on all the same, elsewhere: whoever reads it counts what it holds from
   * then on (`bytesHeld`), and lets go of what lies before its readers. Whole blocks have been taken over when `write` returns.
   */
  readonly keepsWhole: boolean;
  /** False where the store takes no more of it: then it was aborted for `refusal`, and `content` stays readable but counts no longer. */
  write(chunk: Uint8Array): boolean;
  /** As of a `Draft`, of a slower shelf that takes what is written. */
  readonly behind?: Promise<void> | undefined;
  /** Goes on without a shelf that is behind. False as for `write`. */
  leaveBehind?(): boolean;
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
  /** Of these, those that were new, and not asked for often enough to have others go for them. */
  readonly unprovenEvictions: number;
  /** Of the shelf beneath memory, where there is one: all else is that of memory. */
  readonly lower?: LowerStats;
}
