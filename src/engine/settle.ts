import type { MaybePromise } from '../store/maybe-promise.ts';

/** Lets an operation of a store go on by itself. Trouble inside a store is the store's to count: to everyone else it is as if nothing were there. */
export function settle(operation: MaybePromise<unknown>): void {
  if (operation instanceof Promise) operation.catch(() => undefined);
}
