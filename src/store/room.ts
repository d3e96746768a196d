import type { Admission } from './admission.ts';
import type { Inflated } from './inflated.ts';
import type { Readers } from './readers.ts';
import type { Coming, RowTable } from './row-table.ts';

export interface RoomParts {
  readonly admission: Admission;
  readonly rows: RowTable;
  readonly inflated: Inflated;
  readonly readers: Readers;
}

/** How the limit of the memory shelf is kept, in bytes: exchanges in progress and what is read come first, what is stored gives way to them, and then what is there as objects besides. */
export class Room {
  readonly #admission: Admission;
  readonly #rows: RowTable;
  readonly #inflated: Inflated;
  readonly #readers: Readers;
  #reserved = 0;

  constructor({ admission, rows, inflated, readers }: RoomParts) {
    this.#admission = admission;
    this.#rows = rows;
    this.#inflated = inflated;
    this.#readers = readers;
  }

  get bytesUsed(): number {
    return this.#rows.bytes + this.#inflated.bytes + this.#held;
  }

  /** Whether more is used than may be: what could go has gone. */
  get isExceeded(): boolean {
    return this.bytesUsed > this.#admission.maxBytes;
  }

  /** What all that is stored may take together. */
  get forStored(): number {
    return this.#admission.maxBytes - this.#held;
  }

  /** Nothing that is stored can give way for these. */
  get #held(): number {
    return this.#reserved + this.#readers.bytes;
  }

  /** Takes so many bytes for an exchange in progress, if they can be had. */
  reserve(bytes: number): boolean {
    // What can't fit beside the exchanges in progress must not cost anything that is stored.
    if (bytes > this.forStored) return false;
    this.make(bytes, 0);
    // What was evicted may still be read, and then counts on.
    if (this.bytesUsed + bytes > this.#admission.maxBytes) return false;
    this.#reserved += bytes;
    return true;
  }

  /** The same for what is there already. */
  charge(bytes: number): void {
    this.#reserved += bytes;
    this.make(0, 0);
  }

  release(bytes: number): void {
    this.#reserved -= bytes;
  }

  /** Evicts until so many bytes fit, or nothing is left but the `spared` that was used last; then the objects go. */
  make(bytes: number, spared: 0 | 1 = 1): void {
    const { maxBytes } = this.#admission;
    while (this.bytesUsed + bytes > maxBytes && this.#rows.evict(this.#held + bytes, spared === 1));
    if (this.bytesUsed + bytes > maxBytes) this.#inflated.clear();
    else this.#rows.settle(this.#held + bytes);
  }

  /** Whether what is on its way to the shelf may hold so many bytes more, of `length` then. */
  mayGrow(coming: Coming, growth: number, length: number): boolean {
    const { arrivingBytes, maxBytes } = this.#admission;
    if (this.#reserved + growth <= arrivingBytes || this.bytesUsed + growth <= maxBytes) return true;
    return this.#rows.mayDisplace(coming, growth, length);
  }
}
