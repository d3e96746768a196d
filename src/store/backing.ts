import type { MaybePromise } from './maybe-promise.ts';
import type { OrderLog } from './orders.ts';

/** Content is kept in pieces of this size, but for the last of them. */
export const pieceBytes = 64 * 1024;

/** Where a record lies: its row is that of its cache key, its variant tells it from the others of the row. Digests in hexadecimal, of 32 and 16 characters. */
export interface Place {
  readonly row: string;
  readonly variant: string;
}

/** The content of a record, as it was put. */
export interface Pieces {
  /** Bytes of all of them. */
  readonly length: number;
  /** Whether it is one piece that takes no time to be had: `read` returns no promise then. */
  readonly isAtHand: boolean;
  /** The piece with that index, from 0; undefined where it is not there any more, or can't be read; shorter where some of it is lost. Its bytes never change. */
  read(index: number): MaybePromise<Uint8Array | undefined>;
}

/** A record that was found. */
export interface Lying {
  readonly place: Place;
  /** As it was put; a damaged one is told by who reads it. */
  readonly head: Buffer;
  readonly pieces: Pieces;
}

/** What was found, and the number of the last order at that time (`OrderLog.head`): never an older one. */
export interface Found {
  readonly orders: number;
  readonly lying: readonly Lying[];
}

/** What has come of a commit. */
export type Committed = boolean | 'ordered';

/** A record on its way to its place. Nothing of it can be found before `commit`, and then all of it, whatever happens to the process. */
export interface Draft {
  /** The next piece of its content, which is copied or will not change: of `pieceBytes`, but for the last. False where no more is taken: then it was aborted. Never waits: who can't keep pace gives up. */
  write(piece: Uint8Array): boolean;
  /**
   * Undefined where it keeps pace, and absent where it always does. Else as much waits to be kept as should: who can have its source wait does so until this resolves, and looks again. It resolves when some of that
   * was kept, or can't be.
   */
  readonly behind?: Promise<void> | undefined;
  /**
   * Puts it in its place, where it takes that of what lies there. False where it could not be kept. `ordered` where nothing was put as there is a later order than the head knows of; then it may be committed again.
   *
   * @param keepMs For how long it may be of use: after that it may be dropped.
   * @param orders The number of the last order that the head knows of. It is compared in the same step, where the log and the record lie together; absent: it is not.
   */
  commit(head: Uint8Array, keepMs: number, orders?: number): Promise<Committed>;
  /** Lets go of everything; nothing happens after a commit that was one. */
  abort(): void;
}

export interface BackingPage {
  readonly lying: readonly Lying[];
  /** Where to go on; undefined at the end. */
  readonly cursor: string | undefined;
}

export interface BackingStats {
  /** Records; undefined where nobody counts them. */
  readonly responses: number | undefined;
  /** Bytes in use, of heads, content and what keeps them; undefined where nobody counts them. */
  readonly bytesUsed: number | undefined;
  /** What they may take; undefined where something else limits it. */
  readonly bytesLimit: number | undefined;
  /** Records dropped to make room, since the start. */
  readonly evictions: number;
  /** Calls that failed, since the start. */
  readonly failures: number;
  /** Whether all of it works at the moment: otherwise nothing is put there, and it may be that nothing is found. */
  readonly isUp: boolean;
}

/**
 * The port to where records lie that outlast the process: a disk, a Redis. It knows bytes and where they lie, and nothing of HTTP; it drops what it has no room for. Trouble is an exception or a
 * rejection within a bounded time: whoever calls takes it for a miss or a refusal.
 */
export interface Backing {
  /**
   * All records of a row, each whole or not at all, as far as there is room for their heads. Content of one piece is at hand of those variants that are named, where `variants` is asked for them, and of the only one that there is; that of the others, and
   * of all where nothing is named, may not have been read.
   */
  row(row: string, variants?: () => readonly string[]): MaybePromise<Found>;
  /** With its content at hand, where that is of one piece. */
  at(place: Place): MaybePromise<Lying | undefined>;
  /** Begins to put a record somewhere. Undefined where there is no room for one of that length, or nothing is taken at the moment. */
  draft(place: Place, expectedLength: number | undefined): Draft | undefined;
  /** Puts another head in the place of exactly that one, over the same content; false where something else lies there. `keepMs` as for a commit. */
  replace(place: Place, before: Uint8Array, after: Uint8Array, keepMs: number): MaybePromise<boolean>;
  /** Takes a record away; with `before`, only where it has that head still. Whether there was one. */
  remove(place: Place, before?: Uint8Array): MaybePromise<boolean>;
  /**
   * Records in an order of its own, about as many as `limit`, at most twice as many. From the beginning to the end each that stays there is among them, at least once. A cursor that is none is one of the end.
   */
  scan(cursor: string | undefined, limit: number): MaybePromise<BackingPage>;
  /** Whether going over all of it is worth its time: otherwise what an order is about is not looked for, and leaves when it is met, or in its time. */
  readonly isSwept: boolean;
  readonly log: OrderLog;
  stats(): BackingStats;
  close(): Promise<void>;
}
