import type { StoredResponse } from '../policy/stored.ts';
import type { Place } from './backing.ts';
import type { Claims } from './claims.ts';
import type { GrowingContent } from './content.ts';
import type { LowerStats } from './lower-stats.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { Order } from './orders.ts';
import type { Shelf, Shelved, StoreRefusal, StoreWriter } from './store.ts';

/** What says where a response lies: its key, and which variant it is. */
export type Placed = Pick<StoredResponse, 'key' | 'nominatedFields' | 'variant'>;

/**
 * The shelf beneath the memory of this process: it outlasts that, and others may share it. What is put there has the serial that it is given (of the head of a commit, and of `updated`), so that memory knows it by the same;
 * and only where that is 0, one of its own.
 */
export interface LowerShelf extends Omit<Shelf, 'stats'> {
  /** `content`: where somebody else keeps what is written. It grows before each `write`, by the same chunk, and is read from there; without it, the writer keeps it itself. */
  begin(
    stored: StoredResponse,
    expectedLength: number | undefined,
    content?: GrowingContent,
  ): StoreWriter | StoreRefusal;
  /** The name that a page has for what lies there: the same in every process. */
  idOf(placed: Placed): string;
  placeOf(placed: Placed): Place;
  /** What lies there, if it may still be used. */
  at(place: Place): MaybePromise<Shelved | undefined>;
  /** Sets who hears of orders of others, which are in force here by then. */
  onOrder(listener: (order: Order) => void): void;
  readonly claims?: Claims | undefined;
  stats(): LowerStats;
  /** Resolves when what was being put there is there, and nothing is open any more. */
  close(): Promise<void>;
}

/** What was used most, remembered for the next start. */
export interface HotList {
  /** The most used first. */
  save(places: readonly Place[]): MaybePromise<void>;
  /** As it was saved last, by whomever; at most so many. */
  read(limit: number): MaybePromise<readonly Place[]>;
}
