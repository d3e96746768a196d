import { EtagereError } from '../errors.ts';
import type { CacheStatus } from '../http/cache-status.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { GrowingContent } from '../store/content.ts';
import type { Store, StoreWriter } from '../store/store.ts';
import type { Answer } from './answer.ts';
import { Feed } from './feed.ts';
import type { BodyControls } from './passage.ts';
import { type Prepared, send } from './respond.ts';
import { settle } from './settle.ts';

/**
 * Content on its way to the shelf, read by any number of clients from byte 0, each at its own pace. When the shelf has no room for it, it goes on to
 * those who read already, through a window: then a reader that keeps the others waiting is let go.
 */
export class Retained {
  readonly content: GrowingContent;
  readonly #writer: StoreWriter;
  readonly #controls: BodyControls;
  readonly #store: Store;
  readonly #windowBytes: number;
  readonly #feeds = new Set<Feed>();
  #storing = true;
  #paused = false;
  #slowestOffset = 0;
  /** Complete or broken off: nothing more comes. */
  #closed = false;
  /** Bytes counted against the store's limit since the writer has let go of them. */
  #reserved = 0;

  constructor(writer: StoreWriter, controls: BodyControls, store: Store, windowBytes: number) {
    this.#writer = writer;
    this.content = writer.content;
    this.#controls = controls;
    this.#store = store;
    this.#windowBytes = windowBytes;
  }

  /** Whether it can still be read from byte 0. */
  get whole(): boolean {
    return this.#storing;
  }

  /** Whether a client reads it. */
  get read(): boolean {
    return this.#feeds.size > 0;
  }

  get wanted(): boolean {
    return this.#storing || this.read;
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
    if (!this.#storing) {
      this.content.append(chunk);
    } else if (!this.#writer.write(chunk)) {
      this.#storing = false;
      this.#controls.refused(this.#writer.refusal ?? 'store-refused');
    }
    for (const feed of this.#feeds) this.#pump(feed);
    if (this.#closed) return;
    if (this.#feeds.size === 0) this.#controls.unread();
    else if (!this.#storing) this.#relieve();
  }

  /** The origin has ended cleanly; with `stored` it goes onto the shelf. */
  complete(stored: StoredResponse | undefined): void {
    const wasStoring = this.#storing;
    this.#storing = false;
    this.#closed = true;
    if (wasStoring && stored !== undefined) {
      this.#commit(stored);
    } else {
      this.content.seal();
      if (wasStoring) this.#writer.abort();
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
    if (kept instanceof Promise) settle(kept.catch(() => false).then(hear));
    else hear(kept);
  }

  abort(error: EtagereError | undefined): void {
    if (this.#storing) this.#writer.abort();
    this.#storing = false;
    this.#closed = true;
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
    if (this.#closed) return;
    if (this.#feeds.size === 0) this.#controls.unread();
    else if (!this.#storing && this.#mayMatter(feed)) this.#relieve();
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
    this.content.releaseBefore(slowest);
    const fits = this.#hold(this.content.bytesHeld);
    // Where nobody is behind, what is held is the block in progress, and to wait would be to wait for nothing.
    const behind = this.#someoneIsBehind(slowest);
    const tooFar = behind && (this.content.length - slowest > this.#windowBytes || !fits);
    if (tooFar && !this.#paused) this.#controls.pause();
    if (!tooFar && this.#paused) this.#controls.resume();
    this.#paused = tooFar;
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

  /** Whether a reader has everything that is here, and so waits for the slowest. */
  #someoneWaits(): boolean {
    for (const feed of this.#feeds) if (feed.offset === this.content.length && !feed.blocked) return true;
    return false;
  }

  #letGo(feed: Feed): void {
    this.#feeds.delete(feed);
    feed.answer.abort(new EtagereError('READER_TOO_SLOW', `more than ${this.#windowBytes} bytes behind the others`));
  }

  #hold(bytes: number): boolean {
    const more = bytes - this.#reserved;
    if (more > 0 && !this.#store.reserve(more)) return false;
    if (more < 0) this.#store.release(-more);
    this.#reserved = bytes;
    return true;
  }
}
