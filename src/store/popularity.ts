import type { Handle } from './cells.ts';

/** So many look-ups make one count older: it is halved. */
const agingInterval = 8;

const most = 255;

/** How often responses were looked up lately, as far as one byte for each tells: from eight look-ups for each on, old ones count for less and less. */
export class Popularity {
  readonly #counts: Uint8Array;
  #until: number;
  /** The count that is halved next. */
  #oldest = 0;

  /** `places`: a power of two; responses beyond as many share a count with others. */
  constructor(places: number) {
    this.#counts = new Uint8Array(places);
    this.#until = places * agingInterval;
  }

  /** Counts a look-up. The counts grow old one by one, so that no look-up has to wait for all of them. */
  count(handle: Handle): void {
    const place = handle & (this.#counts.length - 1);
    const before = this.#counts[place] as number;
    if (before < most) this.#counts[place] = before + 1;
    if (--this.#until === 0) this.#age();
  }

  of(handle: Handle): number {
    return this.#counts[handle & (this.#counts.length - 1)] as number;
  }

  #age(): void {
    this.#until = agingInterval;
    this.#counts[this.#oldest] = (this.#counts[this.#oldest] as number) >>> 1;
    this.#oldest = (this.#oldest + 1) & (this.#counts.length - 1);
  }
}
