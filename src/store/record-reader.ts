import { type Fields, noFields } from '../http/fields.ts';
import { wellKnown } from './well-known.ts';

/** Where the parts of a record lie: its numbers and marks from `at` to `textAt`, its texts from there to `end`. */
export interface RecordPlace {
  readonly at: number;
  readonly textAt: number;
  readonly end: number;
}

const nothing: readonly string[] = [];

/**
 * Reads the parts of a record one after another, as a `RecordWriter` has put them. A number is believed only as far as there are bytes; what would be outside of them is read as
 * nothing, and `isAtEnd` says at the end whether that happened.
 */
export class RecordReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  /** All texts in one: a text is a slice of it, which costs no copy, and they live and die together. */
  readonly #text: string;
  #fields = noFields;
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

  /** How many texts follow: no more than there are bytes for their marks. */
  count(): number {
    const count = this.#mark();
    return count > this.#end - this.#at ? this.#broken() : count;
  }

  text(): string {
    const mark = this.#mark();
    if (mark % 2 === 1) return this.#elsewhere(mark >>> 1);
    const start = this.#textAt;
    this.#textAt += mark >>> 1;
    return this.#text.slice(start, this.#textAt);
  }

  texts(count: number): readonly string[] {
    if (count === 0) return nothing;
    const texts = new Array<string>(count);
    // Counts are bounded one by one: together they may still ask for more than there is.
    for (let i = 0; i < count && this.#sound; i++) texts[i] = this.text();
    return texts;
  }

  /** Names with their values. */
  pairs(count: number): Fields {
    if (count % 2 !== 0) this.#broken();
    return this.texts(count) as Fields;
  }

  /** The list of fields, to which texts after it may refer. */
  fields(count: number): Fields {
    this.#fields = this.pairs(count);
    return this.#fields;
  }

  #elsewhere(place: number): string {
    const text = place < wellKnown.length ? wellKnown[place] : this.#fields[place - wellKnown.length];
    if (text === undefined) this.#broken();
    return text ?? '';
  }

  /** A number of at most four bytes, seven bits in each, the lowest first. */
  #mark(): number {
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
