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

/**
 * Field lines that have passed the gate before, by their bytes: a client on a connection that stays open repeats itself, and need not be read again. Bounded
 * in bytes; when the younger half is full, the older half goes.
 */
export class KnownHeads {
  readonly #halfBytes: number;
  #young = new Map<string, KnownHead>();
  #old = new Map<string, KnownHead>();
  #youngBytes = 0;

  constructor(maxBytes: number) {
    this.#halfBytes = maxBytes / 2;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  find(lines: string): KnownHead | undefined {
    const known = this.#young.get(lines);
    if (known !== undefined) return known;
    const older = this.#old.get(lines);
    if (older === undefined) return undefined;
    this.#old.delete(lines);
    this.add(lines, older);
    return older;
  }

  /** `lines` must be a text of its own: a piece of what was received would keep all of that. */
  add(lines: string, head: KnownHead): void {
    const bytes = 2 * lines.length + overhead + (head.fields.length / 2) * overheadOfLine;
    if (bytes > this.#halfBytes) return;
    if (this.#youngBytes + bytes > this.#halfBytes) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#young.set(lines, head);
    this.#youngBytes += bytes;
  }
}
