/** A source of chance that says the same again for the same seed (mulberry32). */
export class Random {
  #state: number;

  /** @param seed of which 32 bits count */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to below that. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }

  /** One time in so many. */
  once(inSoMany: number): boolean {
    return this.below(inSoMany) === 0;
  }

  /** @throws Error where there is none */
  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('nothing to pick from');
    return list[this.below(list.length)] as T;
  }

  /** Cuts a text into pieces at up to three places. */
  cut(text: string): string[] {
    const places = Array.from({ length: this.below(4) }, () => this.below(text.length + 1)).sort((a, b) => a - b);
    return [0, ...places].map((from, index) => text.slice(from, places[index])).filter((piece) => piece !== '');
  }
}
