import type { Fields } from '../http/fields.ts';

/** Field lines that have passed the gate. */
export interface KnownHead {
  readonly authority: string;
  /** End to end, in one list for everyone who sends these bytes. */
  readonly fields: Fields;
}

/** What an entry takes beside its text: the list of its fields, and their own texts. */
const overhead = 1_024;

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

  add(lines: string, head: KnownHead): void {
    const bytes = 2 * lines.length + overhead;
    if (bytes > this.#halfBytes) return;
    if (this.#youngBytes + bytes > this.#halfBytes) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    // A copy: a slice would keep all that arrived with it.
    this.#young.set(Buffer.from(lines, 'latin1').toString('latin1'), head);
    this.#youngBytes += bytes;
  }
}
