import type { Fields } from '../http/fields.ts';

/** Field lines that have passed the gate. */
export interface KnownHead {
  readonly authority: string;
  /** End to end, in one list for everyone who sends these bytes. */
  readonly fields: Fields;
}

/**
 * What an entry takes beside its text, and each of its lines: the lists of its fields, as they came and as they are forwarded, and their own texts; and, of up to half a KiB, what the
 * policy remembers of them.
 */
const overhead = 1_536;
const overheadOfLine = 96;

interface Entry {
  /** The bytes, as a text of their own. */
  readonly lines: string;
  readonly head: KnownHead;
}

/** For those found last; a power of two. */
const places = 256;

/** Of so many characters of a text its place is made. */
const looks = 8;

/**
 * Field lines that have passed the gate before, by their bytes: a client on a connection that stays open repeats itself, and need not be read again. Bounded
 * in bytes; when the younger half is full, the older half goes.
 *
 * A text that has just been received has no hash yet, and to make it of a browser's head takes several times as long as to compare two of them. So each head that is found has a place that a few
 * of its characters tell, and is looked for there first.
 */
export class KnownHeads {
  readonly #halfBytes: number;
  #young = new Map<string, Entry>();
  #old = new Map<string, Entry>();
  #youngBytes = 0;
  /** Of the young ones. */
  readonly #lastFound = Array.from({ length: places }, (): Entry | undefined => undefined);

  constructor(maxBytes: number) {
    this.#halfBytes = maxBytes / 2;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  find(lines: string): KnownHead | undefined {
    const place = placeOf(lines);
    const last = this.#lastFound[place];
    if (last?.lines === lines) return last.head;
    const entry = this.#young.get(lines) ?? this.#renewed(lines);
    if (entry !== undefined) this.#lastFound[place] = entry;
    return entry?.head;
  }

  /** `lines` must be a text of its own: a piece of what was received would keep all of that. */
  add(lines: string, head: KnownHead): void {
    this.#add({ lines, head });
  }

  /** One of the older half is among the younger from now on. */
  #renewed(lines: string): Entry | undefined {
    const older = this.#old.get(lines);
    if (older === undefined) return undefined;
    this.#old.delete(lines);
    this.#add(older);
    return older;
  }

  #add(entry: Entry): void {
    const { lines, head } = entry;
    const bytes = 2 * lines.length + overhead + (head.fields.length / 2) * overheadOfLine;
    if (bytes > this.#halfBytes) return;
    if (this.#youngBytes + bytes > this.#halfBytes) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
      this.#lastFound.fill(undefined);
    }
    this.#young.set(lines, entry);
    this.#youngBytes += bytes;
  }
}

/** The same for the same text. */
function placeOf(text: string): number {
  const { length } = text;
  const step = Math.ceil(length / looks);
  let hash = length;
  for (let index = length - 1; index >= 0; index -= step) hash = Math.imul(hash, 31) + text.charCodeAt(index);
  return (hash ^ (hash >>> 8)) & (places - 1);
}
