import type { Fields } from '../http/fields.ts';

/** Where the parts of a record lie: its numbers and lengths from `at` to `textAt`, its texts from there to `end`. */
export interface RecordPlace {
  readonly at: number;
  readonly textAt: number;
  readonly end: number;
}

const nothing: readonly string[] = [];

/**
 * Reads the parts of a record one after another. A length is believed only as far as there are bytes; what would be outside of them is read as nothing, and
 * `isAtEnd` says at the end whether that happened.
 */
export class RecordReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  /** All texts in one: a text is a slice of it, which costs no copy, and they live and die together. */
  readonly #text: string;
  #at: number;
  #textAt = 0;
  #sound = true;

  constructor(bytes: Buffer, { at, textAt, end }: RecordPlace) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = textAt;
    this.#text = bytes.toString('latin1', textAt, end);
  }

  /** Whether every byte was read, and none twice or from elsewhere. */
  get isAtEnd(): boolean {
    return this.#sound && this.#at === this.#end && this.#textAt === this.#text.length;
  }

  /** A double. */
  number(): number {
    if (this.#at + 8 > this.#end) return this.#broken();
    const number = this.#bytes.readDoubleLE(this.#at);
    this.#at += 8;
    return number;
  }

  /** How many texts follow: no more than there are bytes for their lengths. */
  count(): number {
    const count = this.#length();
    return count > this.#end - this.#at ? this.#broken() : count;
  }

  text(): string {
    const start = this.#textAt;
    this.#textAt += this.#length();
    return this.#text.slice(start, this.#textAt);
  }

  texts(count: number): readonly string[] {
    if (count === 0) return nothing;
    const texts: string[] = [];
    // Counts are bounded one by one: together they may still ask for more than there is.
    for (let left = count; left > 0 && this.#sound; left--) texts.push(this.text());
    return texts;
  }

  /** Texts that come in twos: names with their values. */
  pairs(count: number): Fields {
    if (count % 2 !== 0) this.#broken();
    return this.texts(count) as Fields;
  }

  /** A number of at most four bytes, seven bits in each, the lowest first. */
  #length(): number {
    let value = 0;
    for (let shift = 0; shift < 28 && this.#at < this.#end; shift += 7) {
      const byte = this.#bytes[this.#at++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return this.#broken();
  }

  #broken(): 0 {
    this.#sound = false;
    return 0;
  }
}
