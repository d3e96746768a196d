import { EtagereError } from '../errors.ts';
import type { Content } from '../store/content.ts';
import type { Store } from '../store/store.ts';
import type { Answer, Feeder } from './answer.ts';

/** From `first` up to but not including `end`; to the end of the content where that is undefined. */
export interface ContentRun {
  readonly first: number;
  readonly end: number | undefined;
}

/** A client has taken something when it has taken a piece: content that lies together in memory can be much longer. */
const maxPieceBytes = 64 * 1024;

/** Sends content to one client, as fast as that client reads and as far as the content has come. */
export class Feed implements Feeder {
  readonly answer: Answer;
  readonly #content: Content;
  readonly #end: number | undefined;
  #onProgress: ((feed: Feed) => void) | undefined;
  #offset: number;
  #previousOffset: number;
  #blocked = false;
  #loading = false;

  constructor(answer: Answer, content: Content, { first, end }: ContentRun) {
    this.answer = answer;
    this.#content = content;
    this.#offset = first;
    this.#previousOffset = first;
    this.#end = end;
    answer.fedBy(this);
  }

  /** The next byte to send. */
  get offset(): number {
    return this.#offset;
  }

  /** The same, before what was written last. */
  get previousOffset(): number {
    return this.#previousOffset;
  }

  /** The first byte that the client may not have taken yet: what was written stays in memory until it has. */
  get takenOffset(): number {
    return this.#blocked ? this.#previousOffset : this.#offset;
  }

  /** Whether the client does not take more at the moment. */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** Sets who hears when the client has taken something, or has gone. */
  watch(onProgress: (feed: Feed) => void): void {
    this.#onProgress = onProgress;
  }

  pump(): void {
    if (!this.#blocked) this.#previousOffset = this.#offset;
    while (!this.#blocked && !this.#loading && !this.answer.ended) {
      const chunk = this.#end !== undefined && this.#offset >= this.#end ? undefined : this.#content.at(this.#offset);
      if (chunk === undefined) {
        this.#pause();
        return;
      }
      const part = chunk.subarray(0, Math.min(maxPieceBytes, (this.#end ?? Number.POSITIVE_INFINITY) - this.#offset));
      this.#offset += part.length;
      this.#blocked = !this.answer.write(part);
    }
  }

  /** Nothing more is here: that is the end, or more is to come, or to be brought. */
  #pause(): void {
    const { complete, length } = this.#content;
    if (this.#offset === this.#end || (complete && this.#offset >= length)) this.answer.end();
    else if (complete) this.#load();
  }

  #load(): void {
    const loading = this.#content.load?.(this.#offset, this.#end);
    if (loading === undefined) {
      this.#breakOff(undefined);
      return;
    }
    this.#loading = true;
    loading.then(
      (isThere) => this.#loaded(isThere),
      (error: unknown) => this.#loaded(false, error),
    );
  }

  #loaded(isThere: boolean, cause?: unknown): void {
    this.#loading = false;
    // The client may have gone meanwhile.
    if (this.answer.ended) return;
    if (isThere && this.#content.at(this.#offset) !== undefined) this.pump();
    else this.#breakOff(cause);
    this.#onProgress?.(this);
  }

  #breakOff(cause: unknown): void {
    const detail = `nothing at byte ${this.#offset} of ${this.#content.length}`;
    this.answer.abort(new EtagereError('STORE_UNREADABLE', detail, { cause }));
  }

  /** Keeps content that is read counted, should it leave the shelf meanwhile. */
  holdIn(store: Pick<Store, 'hold'>, content: Content): void {
    const release = store.hold(content);
    this.watch((feed) => {
      if (feed.answer.ended) release();
    });
  }

  onDrain(): void {
    this.#blocked = false;
    this.pump();
    this.#onProgress?.(this);
  }

  onLeave(): void {
    this.#onProgress?.(this);
  }
}
