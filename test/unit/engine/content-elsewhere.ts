import type { Content } from '../../../src/store/content.ts';

/** A piece that somebody wants to be brought. */
export interface Errand {
  readonly offset: number;
  /** Brings it; or says that it can't be had. */
  done(isThere: boolean): void;
  fail(error: Error): void;
}

/** Content that lies elsewhere, in small pieces: each is brought when the test says so, and the one brought last is here. */
export class ContentElsewhere implements Content {
  readonly complete = true;
  readonly bytesHeld = 0;
  readonly errands: Errand[] = [];
  readonly #bytes: Buffer;
  readonly #pieceBytes: number;
  #here: number | undefined;

  constructor(text: string, pieceBytes: number) {
    this.#bytes = Buffer.from(text, 'latin1');
    this.#pieceBytes = pieceBytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  at(offset: number): Uint8Array | undefined {
    const index = Math.floor(offset / this.#pieceBytes);
    if (index !== this.#here || offset >= this.length) return undefined;
    return this.#bytes.subarray(offset, (index + 1) * this.#pieceBytes);
  }

  load(offset: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const done = (isThere: boolean): void => {
        if (isThere) this.#here = Math.floor(offset / this.#pieceBytes);
        resolve(isThere);
      };
      this.errands.push({ offset, done, fail: reject });
    });
  }

  /** Runs every errand, as they come. */
  async bring(): Promise<void> {
    for (let errand = this.errands.shift(); errand !== undefined; errand = this.errands.shift()) {
      errand.done(true);
      await new Promise(setImmediate);
    }
  }
}
