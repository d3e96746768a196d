import type { MaybePromise } from '../maybe-promise.ts';
import type { ForetoldOrder, Heard, NumberedOrder } from '../orders.ts';

/** The way from one process to the others that share a shelf on the same machine. */
export interface Bus {
  /** Tells the others of an order that is being given here: it is on its way to them when this returns, before whatever they are told later. Resolves when all of them have put it in force, or were waited for long enough. */
  foretell(order: ForetoldOrder): Promise<unknown>;
  /** Tells the others of an order that was given here. Resolves when all of them have put it in force, or were waited for long enough. */
  tell(order: NumberedOrder): Promise<readonly Heard[]>;
  /** Sets who hears what the others tell: it has put it in force when it returns. Once that is done, or has resolved, none is missed any more. */
  listen(listener: (order: NumberedOrder | ForetoldOrder) => void): MaybePromise<void>;
}
