import type { EpochMs } from '../http/message.ts';
import type { CacheKey } from '../key/cache-key.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { StoreSelection } from './selection.ts';

/** What has to be heard by everybody who shares a shelf: what was stored before it is not what it was any more. */
export type Order =
  | {
      readonly kind: 'purge';
      readonly selection: StoreSelection;
      /** Wall time at which the lifetimes end of what it is about; without it, that leaves the shelf. */
      readonly expiredAt?: EpochMs;
    }
  /** An unsafe request has changed the resource (RFC 9111 §4.4). */
  | { readonly kind: 'invalidate'; readonly key: CacheKey }
  /** The members of a group at one origin (RFC 9875), as `groupKey` names it. */
  | { readonly kind: 'invalidate-group'; readonly group: CacheKey };

/** An order in its place among all that were given through the same shelf: later ones have greater numbers, and no number is given twice. */
export interface NumberedOrder {
  readonly number: number;
  readonly order: Order;
  /** As what it was foretold, where it was. */
  readonly foretoldAs?: string;
}

/** An order that another is giving: it is in force from now on, and has no number until it is kept. */
export interface ForetoldOrder {
  /** No other has that. */
  readonly foretoldAs: string;
  readonly order: Order;
}

/** That one of those who share a shelf has put an order in force; or that it was expected to, and has not in time. */
export interface Heard {
  readonly instance: string;
  /** Milliseconds from the giving of the order; undefined where nothing was heard of that instance in time. */
  readonly ms: number | undefined;
}

/** Who has not heard of an order that a shelf has not kept: all who share it. `kind`: where that keeps what is on it. */
export function unheard(kind: string): Heard {
  return { instance: `all at ${kind}`, ms: undefined };
}

/** What is remembered of the orders after a number. */
export interface Remembered {
  /** The oldest first. */
  readonly orders: readonly NumberedOrder[];
  /** The greatest number of an order that is forgotten; 0 where none is. Whoever has not heard of it may hold what it was about; on the shelf there is nothing of that. */
  readonly forgotten: number;
  /** The greatest number of an order that had to go though nobody had said that it may; 0 where none had. Of what has a smaller number nothing may be used any more. */
  readonly lost: number;
}

/**
 * The orders given through a shelf that is shared, in their one order. Every record on such a shelf carries the number of the last order that its writer knew of: an order with a greater number
 * that is about it has come after it. So a record needs not be found to be purged, whoever wrote it.
 */
export interface OrderLog {
  /** The number of the last order; 0 where there was none. Rejects or throws where it can't be told now. */
  head(): MaybePromise<number>;
  /** Gives an order. Resolves with its number when it is kept; `heard` later, when those who share the shelf have put it in force, or were waited for long enough. Rejects where it could not be kept. */
  append(order: Order): Promise<{ readonly number: number; readonly heard: Promise<readonly Heard[]> }>;
  /** The orders after that number that are remembered. */
  since(number: number): MaybePromise<Remembered>;
  /**
   * Sets who hears of the orders that others give: it has put one in force when it returns. `gap` where some may have been missed, as this instance was cut off: then `since` tells. A log that can tell by
   * nothing but its `head` never calls it. One that was foretold is told again when it has its number.
   */
  listen(listener: (heard: NumberedOrder | ForetoldOrder | 'gap') => void): void;
  /** These orders are about nothing that is on the shelf, or may still come onto it: they may be forgotten, whatever others are remembered. One that is not there any more is forgotten already. */
  forget(numbers: readonly number[]): MaybePromise<void>;
}
