import { EtagereError } from '../errors.ts';
import type { CacheStatus } from '../http/cache-status.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { GrowingContent } from '../store/content.ts';
import type { Store, StoreWriter } from '../store/store.ts';
import type { Answer } from './answer.ts';
import { Feed } from './feed.ts';
import type { BodyControls } from './passage.ts';
import { type Prepared, send } from './respond.ts';
import { ShelfPace, type ShelfPatience } from './shelf-pace.ts';

export interface RetainedRules extends ShelfPatience {
  /** Content that may lie between the origin and the slowest reader where memory does not keep all of it. */
  readonly windowBytes: number;
}

/**
 * Content on its way to the shelf, read by any number of clients from byte 0, each at its own pace. When memory has no room for all of it, it goes on to
 * those who read already, and to a slower shelf if there is one that takes it, through a window: then a reader that keeps the others waiting is let go.
 */
export class Retained {
  readonly content: GrowingContent;
  readonly #writer: StoreWriter;
  readonly #controls: BodyControls;
  readonly #store: Store;
  readonly #windowBytes: number;
  readonly #pace: ShelfPace;
  readonly #feeds = new Set<Feed>();
  #stores = true;
  /** Whether the slowest reader is too far behind for more. */
  #tooFar = false;
  #paused = false;
  #slowestOffset = 0;
  /** Complete or broken off: nothing more comes. */
  #closed = false;
  /** Bytes counted against the store's limit since the writer has let go of them. */
  #reserved = 0;

  constructor(writer: StoreWriter, controls: BodyControls, store: Store, rules: RetainedRules) {
    this.#writer = writer;
    this.content = writer.content;
    this.#controls = controls;
    this.#store = store;
    this.#windowBytes = rules.windowBytes;
    this.#pace = new ShelfPace(writer, rules, (takes) => this.#paced(takes));
  }

  /** Whether it is still on its way to the shelf. */
  get stores(): boolean {
    return this.#stores;
  }

  /** Whether others may join who read it from byte 0: it is on its way to the shelf, and nothing was let go of. */
  get whole(): boolean {
    return this.#stores && (this.content.length === 0 || this.content.at(0) !== undefined);
  }

  /** Whether a client reads it. */
  get read(): boolean {
    return this.#feeds.size > 0;
  }

  get wanted(): boolean {
    return this.#stores || this.read;
  }

  /** Sends all of it to a client whose head is out. */
  add(answer: Answer): void {
    const feed = new Feed(answer, this.content, { first: 0, end: undefined });
    feed.pump();
    this.#follow(feed);
  }

  /** Sends a response made from it, head and all. */
  addPrepared(answer: Answer, prepared: Prepared, status: CacheStatus): void {
    const feed = send(answer, prepared, status);
    if (feed !== undefined) this.#follow(feed);
  }

  write(chunk: Uint8Array): void {
    if (!this.#stores) {
      this.content.append(chunk);
    } else if (this.#writer.write(chunk)) {
      this.#pace.look();
    } else {
      this.#refused();
    }
    for (const feed of this.#feeds) this.#pump(feed);
    this.#moved();
  }

  /** Keeps it off the shelf. It goes on to those who read it. */
  withhold(): void {
    this.#stores = false;
    this.#pace.end();
    this.#writer.abort();
  }

  #refused(): void {
    this.#stores = false;
    this.#pace.end();
    this.#controls.refused(this.#writer.refusal ?? 'store-refused');
  }

  /** A slower shelf keeps pace again, or was left behind. */
  #paced(takes: boolean): void {
    if (!takes) this.#refused();
    this.#moved();
  }

  /** Something has come, or somebody has taken something, or left. */
  #moved(): void {
    if (!this.#closed && this.#feeds.size === 0) this.#controls.unread();
    // Where nobody wants it any more, that was the end.
    if (!this.#closed && !(this.#stores && this.#writer.keepsWhole)) this.#relieve();
    if (!this.#closed) this.#paceOrigin();
  }

  #paceOrigin(): void {
    const waits = this.#tooFar || this.#pace.waits;
    if (waits === this.#paused) return;
    this.#paused = waits;
    if (waits) this.#controls.pause();
    else this.#controls.resume();
  }

  /** The origin has ended cleanly; with `stored` it goes onto the shelf. */
  complete(stored: StoredResponse | undefined): void {
    const stores = this.#stores;
    this.#stores = false;
    this.#closed = true;
    this.#pace.end();
    if (stores && stored !== undefined) {
      this.#commit(stored);
    } else {
      this.content.seal();
      if (stores) this.#writer.abort();
    }
    for (const feed of this.#feeds) this.#pump(feed);
    this.#hold(0);
    // Those who still read keep it in memory, on the shelf or not.
    for (const feed of this.#feeds) feed.holdIn(this.#store, this.content);
    this.#feeds.clear();
  }

  #commit(stored: StoredResponse): void {
    const hear = (kept: boolean): void => {
      if (!kept) this.#controls.refused('store-refused');
    };
    const kept = this.#writer.commit(stored);
    if (kept instanceof Promise) this.#controls.storing(kept.catch(() => false).then(hear));
    else hear(kept);
  }

  abort(error: EtagereError | undefined): void {
    if (this.#stores) this.#writer.abort();
    this.#stores = false;
    this.#closed = true;
    this.#pace.end();
    for (const feed of this.#feeds) feed.answer.abort(error);
    this.#feeds.clear();
    this.#hold(0);
  }

  #follow(feed: Feed): void {
    if (feed.answer.ended) return;
    feed.watch(this.#onProgress);
    this.#feeds.add(feed);
  }

  #pump(feed: Feed): void {
    feed.pump();
    if (feed.answer.ended) this.#feeds.delete(feed);
  }

  readonly #onProgress = (feed: Feed): void => {
    if (feed.answer.ended) this.#feeds.delete(feed);
    if (this.#mayMatter(feed)) this.#moved();
  };

  /** Whether the progress of one reader can change what is done about the slowest. */
  #mayMatter(feed: Feed): boolean {
    return feed.answer.ended || feed.previousOffset <= this.#slowestOffset || feed.offset === this.content.length;
  }

  /** Keeps the distance between the origin and the slowest reader within the window. */
  #relieve(): void {
    let slowest = this.#slowest();
    if (this.content.length - slowest > this.#windowBytes && this.#someoneWaits()) {
      for (const feed of this.#feeds) if (this.content.length - feed.offset > this.#windowBytes) this.#letGo(feed);
      slowest = this.#slowest();
    }
    this.#slowestOffset = slowest;
    this.content.releaseBefore(this.#taken());
    const fits = this.#hold(this.content.bytesHeld);
    // Where nobody is behind, what is held is the block in progress, and to wait would be to wait for nothing.
    const behind = this.#someoneIsBehind(slowest);
    this.#tooFar = behind && (this.content.length - slowest > this.#windowBytes || !fits);
  }

  #someoneIsBehind(slowest: number): boolean {
    if (slowest < this.content.length) return true;
    for (const feed of this.#feeds) if (feed.blocked) return true;
    return false;
  }

  #slowest(): number {
    let slowest = this.content.length;
    for (const feed of this.#feeds) slowest = Math.min(slowest, feed.offset);
    return slowest;
  }

  /** Up to here every reader has taken everything. */
  #taken(): number {
    let taken = this.content.length;
    for (const feed of this.#feeds) taken = Math.min(taken, feed.takenOffset);
    return taken;
  }

  /** Whether a reader has everything that is here, and so waits for the slowest. */
  #someoneWaits(): boolean {
    for (const feed of this.#feeds) if (feed.offset === this.content.length && !feed.blocked) return true;
    return false;
  }

  #letGo(feed: Feed): void {
    this.#feeds.delete(feed);
    feed.answer.abort(new EtagereError('READER_TOO_SLOW', `more than ${this.#windowBytes} bytes behind the others`));
  }

  /** Counts what is held; false where there is no room for all that is counted. */
  #hold(bytes: number): boolean {
    const more = bytes - this.#reserved;
    this.#reserved = bytes;
    if (more < 0) this.#store.release(-more);
    const fits = this.#store.reserve(Math.max(0, more));
    if (!fits) this.#store.charge(Math.max(0, more));
    return fits;
  }
}
