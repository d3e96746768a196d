/**
 * PURE: the heaviest of any number of things, in bounded memory: Filtered Space-Saving (Homem and Carvalho 2010, after Metwally, Agrawal and El Abbadi 2005). What has no
 * place is counted together with all whose hash falls into the same cell; once a cell weighs as much as the lightest that has a place, the next of it takes that
 * place. So what is really heavy is never missing, and what comes once costs an addition.
 */

/** What is weighed, by any number of counts. */
export interface Weighed {
  /** The same for the same thing. */
  readonly hash: number;
  /** What was counted of it. */
  readonly counts: number[];
  /** For each count: what may have come before it got its place among the heaviest; `absent` where it has none. */
  readonly before: number[];
}

export const absent = -1;

/** For each place, cells for those without one: fewer share one with others, the more there are. */
const cellsPerPlace = 16;

/** The heaviest by one of the counts. */
export class Heaviest<Item extends Weighed> {
  readonly #slot: number;
  readonly #places: number;
  /** A heap by `#keys`, the lightest first. Counts grow without anybody telling: a key may be too low until its item has come up. */
  readonly #heap: Item[] = [];
  readonly #keys: Float64Array;
  readonly #cells: Float64Array;

  constructor(slot: number, places: number) {
    this.#slot = slot;
    this.#places = places;
    this.#keys = new Float64Array(places);
    this.#cells = new Float64Array(places * cellsPerPlace);
  }

  get items(): readonly Item[] {
    return this.#heap;
  }

  /** Whether something without a place, which just got `gain`, is to be taken up: it has been counted otherwise. */
  admits(hash: number, gain: number): boolean {
    if (this.#heap.length < this.#places) return true;
    const cell = hash % this.#cells.length;
    const weight = (this.#cells[cell] ?? 0) + gain;
    if (weight >= this.#weight(this.#lightest())) return true;
    this.#cells[cell] = weight;
    return false;
  }

  /** Gives a place to an item that was admitted; `gain` is in its count already. Who lost its place for it is the result. */
  takeUp(item: Item, gain: number): Item | undefined {
    const slot = this.#slot;
    if (this.#heap.length < this.#places) {
      item.before[slot] = 0;
      this.#heap.push(item);
      this.#rise(item, this.#heap.length - 1);
      return undefined;
    }
    const lightest = this.#lightest();
    const cell = lightest.hash % this.#cells.length;
    const seen = (this.#cells[item.hash % this.#cells.length] ?? 0) + gain;
    item.before[slot] = seen - (item.counts[slot] ?? 0);
    this.#cells[cell] = Math.max(this.#cells[cell] ?? 0, this.#weight(lightest));
    lightest.before[slot] = absent;
    this.#sink(item);
    return lightest;
  }

  #weight({ counts, before }: Item): number {
    return (counts[this.#slot] ?? 0) + (before[this.#slot] ?? 0);
  }

  /** The first whose key is true. */
  #lightest(): Item {
    for (;;) {
      const first = this.#heap[0] as Item;
      if (this.#weight(first) === this.#keys[0]) return first;
      this.#sink(first);
    }
  }

  /** Puts an item at an index, or above it. */
  #rise(item: Item, from: number): void {
    const key = this.#weight(item);
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if ((this.#keys[parent] ?? 0) <= key) break;
      this.#move(parent, index);
      index = parent;
    }
    this.#heap[index] = item;
    this.#keys[index] = key;
  }

  /** Puts an item at the top, or below it. */
  #sink(item: Item): void {
    const key = this.#weight(item);
    const { length } = this.#heap;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= length) break;
      const right = left + 1;
      const lighter = right < length && (this.#keys[right] ?? 0) < (this.#keys[left] ?? 0) ? right : left;
      if (key <= (this.#keys[lighter] ?? 0)) break;
      this.#move(lighter, index);
      index = lighter;
    }
    this.#heap[index] = item;
    this.#keys[index] = key;
  }

  #move(from: number, to: number): void {
    this.#heap[to] = this.#heap[from] as Item;
    this.#keys[to] = this.#keys[from] ?? 0;
  }
}
