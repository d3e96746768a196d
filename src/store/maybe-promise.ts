/** A value that may be there at once: the memory shelf answers without a turn of the event loop. */
export type MaybePromise<T> = T | Promise<T>;
