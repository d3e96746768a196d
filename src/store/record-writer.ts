import type { Fields } from '../http/fields.ts';
import { wellKnown } from './well-known.ts';

const places: ReadonlyMap<string, number> = new Map(wellKnown.map((text, place) => [text, place]));

/** What four bytes of seven bits hold, less the bit that tells a length from a place. */
const longestText = 2 ** 27 - 1;

const beyondLatin1 = /[^\0-\xff]/;

/** Puts the parts of a record one after another, for a `RecordReader` that takes them in the same order. */
export class RecordWriter {
  readonly #numbers: number[] = [];
  /** Counts, and for each text its length or its place elsewhere. */
  readonly #marks: number[] = [];
  #fields: Fields | undefined;
  #text = '';

  /** Bytes of the texts that are written out. */
  get textLength(): number {
    return this.#text.length;
  }

  /** A double; all of them come before everything else. */
  number(value: number): void {
    this.#numbers.push(value);
  }

  count(value: number): void {
    this.#marks.push(value);
  }

  text(text: string): void {
    const place = places.get(text);
    if (place !== undefined) {
      this.#marks.push(place * 2 + 1);
      return;
    }
    this.#marks.push(text.length * 2);
    this.#text += text;
  }

  texts(texts: Iterable<string>): void {
    for (const text of texts) this.text(text);
  }

  /** The list of fields, to which `repeated` refers. */
  fields(fields: Fields): void {
    this.texts(fields);
    this.#fields = fields;
  }

  /** A text that probably is a field's value, too: a validator. */
  repeated(text: string): void {
    const place = this.#fields?.indexOf(text) ?? -1;
    if (place < 0) this.text(text);
    else this.#marks.push((wellKnown.length + place) * 2 + 1);
  }

  /** All of it behind a head of so many bytes, which is to be filled in; undefined where a text is too long, or no Latin-1. */
  finish(headBytes: number): Buffer | undefined {
    if (this.#text.length > longestText || beyondLatin1.test(this.#text)) return undefined;
    let bytesOfMarks = 0;
    for (const mark of this.#marks) bytesOfMarks += bytesOf(mark);
    const bytes = Buffer.allocUnsafe(headBytes + 8 * this.#numbers.length + bytesOfMarks + this.#text.length);
    let at = headBytes;
    for (const number of this.#numbers) at = bytes.writeDoubleLE(number, at);
    for (const mark of this.#marks) at = writeMark(bytes, mark, at);
    bytes.write(this.#text, at, 'latin1');
    return bytes;
  }
}

function bytesOf(mark: number): number {
  return mark < 2 ** 7 ? 1 : mark < 2 ** 14 ? 2 : mark < 2 ** 21 ? 3 : 4;
}

function writeMark(bytes: Buffer, mark: number, at: number): number {
  let rest = mark;
  let end = at;
  for (; rest > 0x7f; rest >>>= 7) bytes[end++] = (rest & 0x7f) | 0x80;
  bytes[end++] = rest;
  return end;
}
