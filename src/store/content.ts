/** The content of a stored response, or of one that is still arriving. */
export interface Content {
  /** Bytes there so far. */
  readonly length: number;
  /** No more will come. */
  readonly complete: boolean;
  /** Bytes of memory that it holds: less than have come where some were let go, more while a block is being filled. */
  readonly bytesHeld: number;
  /**
   * A run of bytes that starts at `offset`, of at least one byte and at most what lies together in memory; undefined where nothing
   * is there yet. The bytes never change.
   */
  at(offset: number): Uint8Array | undefined;
  /**
   * Only where `complete` content lies elsewhere: `at` gives nothing of it then, below `length`, until this has brought what is at `offset`. False where it can't be had any more: whoever is
   * reading must break off. What was brought stays for a while, at least until the caller has had a turn. `end`: up to where it is going to be read, if not to its end.
   */
  load?(offset: number, end?: number): Promise<boolean>;
}

const blockBytes = 64 * 1024;

/** Content known to be smaller than this lies in one block of its own size. */
const singleBlockBytes = 2 ** 20;

/**
 * Content that grows at its end and is read from any place meanwhile. Blocks have one size, so that an offset finds its block by division; what has
 * been read by everybody can be let go from the front.
 */
export class GrowingContent implements Content {
  readonly #blockBytes: number;
  readonly #blocks: (Buffer | undefined)[] = [];
  #length = 0;
  #complete = false;
  #firstBlock = 0;
  /** Bytes by which the last block is shorter than the others. */
  #trimmed = 0;

  /** `expectedLength`: the Content-Length, where there is one. */
  constructor(expectedLength?: number) {
    const single = expectedLength !== undefined && expectedLength > 0 && expectedLength <= singleBlockBytes;
    this.#blockBytes = single ? expectedLength : blockBytes;
  }

  get length(): number {
    return this.#length;
  }

  get complete(): boolean {
    return this.#complete;
  }

  get bytesHeld(): number {
    return (this.#blocks.length - this.#firstBlock) * this.#blockBytes - this.#trimmed;
  }

  /** Bytes of memory that `append` of so many bytes would add. */
  growthFor(bytes: number): number {
    const blocks = Math.ceil((this.#length + bytes) / this.#blockBytes) - this.#blocks.length;
    return Math.max(0, blocks) * this.#blockBytes;
  }

  /** Copies the chunk to the end. */
  append(chunk: Uint8Array): void {
    let taken = 0;
    while (taken < chunk.length) {
      const place = this.#length % this.#blockBytes;
      if (place === 0) this.#blocks.push(Buffer.allocUnsafeSlow(this.#blockBytes));
      const block = this.#blocks.at(-1) as Buffer;
      const part = Math.min(chunk.length - taken, this.#blockBytes - place);
      block.set(part === chunk.length ? chunk : chunk.subarray(taken, taken + part), place);
      taken += part;
      this.#length += part;
    }
  }

  at(offset: number): Uint8Array | undefined {
    if (offset >= this.#length) return undefined;
    const index = Math.floor(offset / this.#blockBytes);
    const start = index * this.#blockBytes;
    return this.#blocks[index]?.subarray(offset - start, Math.min(this.#length - start, this.#blockBytes));
  }

  /** Marks it complete and gives back the unused part of the last block. */
  seal(): void {
    if (this.#complete) return;
    this.#complete = true;
    const last = this.#blocks.at(-1);
    const used = this.#length % this.#blockBytes;
    if (last === undefined || used === 0) return;
    const exact = Buffer.allocUnsafeSlow(used);
    last.copy(exact, 0, 0, used);
    this.#blocks[this.#blocks.length - 1] = exact;
    this.#trimmed = this.#blockBytes - used;
  }

  /** Lets go of whole blocks before `offset`: nobody will read there again. */
  releaseBefore(offset: number): void {
    const until = Math.floor(offset / this.#blockBytes);
    for (; this.#firstBlock < until; this.#firstBlock++) this.#blocks[this.#firstBlock] = undefined;
  }
}

/** Content that is all there, in one run. */
export class WholeContent implements Content {
  readonly complete = true;
  readonly #bytes: Uint8Array;

  /** The bytes must never change. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  get bytesHeld(): number {
    return this.#bytes.length;
  }

  at(offset: number): Uint8Array | undefined {
    if (offset >= this.#bytes.length) return undefined;
    return offset === 0 ? this.#bytes : this.#bytes.subarray(offset);
  }
}
