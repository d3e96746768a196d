import { EtagereError } from '../errors.ts';
import type { CacheStatus } from '../http/cache-status.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { GrowingContent } from '../store/content.ts';
import type { Store, StoreWriter } from '../store/store.ts';
import type { Answer } from './answer.ts';
import { Feed } from './feed.ts';
import type { BodyControls } from './passage.ts';
import { type Prepared, send } from './respond.ts';

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

  get wanted(): boolean {
    return this.#storing || this.#feeds.size > 0;
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
    if (!this.#storing) this.content.append(chunk);
    else this.#storing = this.#writer.write(chunk);
    for (const feed of this.#feeds) this.#pump(feed);
    if (!this.#storing) this.#relieve();
  }

  /** The origin has ended cleanly; with `stored` it goes onto the shelf. */
  complete(stored: StoredResponse | undefined): void {
    if (this.#storing && stored !== undefined) void this.#writer.commit(stored);
    else this.content.seal();
    if (this.#storing && stored === undefined) this.#writer.abort();
    this.#storing = false;
    for (const feed of this.#feeds) this.#pump(feed);
    this.#hold(0);
  }

  abort(error: EtagereError | undefined): void {
    if (this.#storing) this.#writer.abort();
    this.#storing = false;
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
    if (this.content.complete) return;
    if (!this.#storing) this.#relieve();
    if (!this.wanted) this.#controls.unwanted();
  };

  /** Keeps the distance between the origin and the slowest reader within the window. */
  #relieve(): void {
    let slowest = this.#slowest();
    if (this.content.length - slowest > this.#windowBytes && this.#someoneWaits()) {
      for (const feed of this.#feeds) if (this.content.length - feed.offset > this.#windowBytes) this.#letGo(feed);
      slowest = this.#slowest();
    }
    this.content.releaseBefore(slowest);
    const fits = this.#hold(this.content.bytesHeld);
    const tooFar = this.content.length - slowest > this.#windowBytes || !fits;
    if (tooFar && this.#feeds.size > 0 && !this.#paused) this.#controls.pause();
    if (!tooFar && this.#paused) this.#controls.resume();
    this.#paused = tooFar && this.#feeds.size > 0;
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
