import type { CacheKey } from '../key/cache-key.ts';

/** Four bits: a key that is counted more often counts as often as this. */
export const mostCounted = 15;

/** A key has its four counters in one block of so many words, which is one line of a processor's cache: one in each quarter. */
const wordsPerBlock = 16;
const countersPerWord = 8;

/** So many words for each that is kept: the counts grow old when each of those has been used that often on average. */
const usesForEach = 5;

/** Of the counters, one in so many may be taken by keys that came once before all are halved: so hardly any key finds all four of its own taken by others. */
const countersForEachNew = 16;

/** All words are halved at once: at most so many of them for each key that is counted, on average. */
const wordsHalvedForEach = 8;

const lowerBits = 0x77777777;

/** Two odd numbers that nobody outside can know: so keys can't be made up that share their counters. */
export type SketchSeed = readonly [number, number];

/**
 * How often keys were used of late, roughly and within a fixed memory: a count-min sketch with counters that are halved from time to time, as in TinyLFU (Einziger, Friedman and Manes, 2017). A count may be
 * too high, as others share a key's counters, but is never too low, other than by age. Keys that come once do not make the others older until there are so many of them that they would be mistaken for
 * one another: a flood of them does not wash away what is known of those that are used.
 */
export class FrequencySketch {
  readonly #words: Uint32Array;
  readonly #blockMask: number;
  readonly #seed: SketchSeed;
  /** Keys that are counted until the counts grow old: of those that came before, and of those that did not. */
  #untilUsed: number;
  #untilNew = 0;

  /** `bytes`: a power of two, from 64 on. */
  constructor(bytes: number, seed: SketchSeed) {
    this.#words = new Uint32Array(bytes / Uint32Array.BYTES_PER_ELEMENT);
    this.#blockMask = this.#words.length / wordsPerBlock - 1;
    this.#seed = seed;
    this.#untilUsed = this.#words.length;
    this.#untilNew = (this.#words.length * countersPerWord) / countersForEachNew;
  }

  /** By which a key is known here, or one of its variants. */
  hashOf(key: CacheKey, variant = ''): number {
    const [start, factor] = this.#seed;
    const hash = hashOf(key, start, factor);
    return variant === '' ? hash : hashOf(variant, hash, factor);
  }

  /** Counts a use of the key with that hash. `kept`: how many keys there is room for, as far as is known. */
  count(hash: number, kept: number): void {
    const before = this.of(hash);
    if (before < mostCounted) this.#raise(hash, before);
    const isOver = before === 0 ? --this.#untilNew <= 0 : --this.#untilUsed <= 0;
    if (isOver) this.#age(kept);
  }

  /** From 0 to `mostCounted`. */
  of(hash: number): number {
    const words = this.#words;
    const start = (hash & this.#blockMask) * wordsPerBlock;
    let place = placesOf(hash);
    let least = mostCounted;
    for (let quarter = 0; quarter < 4; quarter++) {
      const word = words[start + quarter * 4 + (place & 3)] as number;
      least = Math.min(least, (word >>> (place & 28)) & mostCounted);
      place >>>= 5;
    }
    return least;
  }

  /** Only those of its counters that are at its count: what is more was counted for others. */
  #raise(hash: number, before: number): void {
    const words = this.#words;
    const start = (hash & this.#blockMask) * wordsPerBlock;
    let place = placesOf(hash);
    for (let quarter = 0; quarter < 4; quarter++) {
      const at = start + quarter * 4 + (place & 3);
      const shift = place & 28;
      const word = words[at] as number;
      if (((word >>> shift) & mostCounted) === before) words[at] = word + (1 << shift);
      place >>>= 5;
    }
  }

  #age(kept: number): void {
    const words = this.#words;
    for (let at = 0; at < words.length; at++) words[at] = ((words[at] as number) >>> 1) & lowerBits;
    this.#untilUsed = Math.max(kept * usesForEach, words.length / wordsHalvedForEach);
    this.#untilNew = (words.length * countersPerWord) / countersForEachNew;
  }
}

/** Five bits for each quarter of the block. */
function placesOf(hash: number): number {
  const mixed = Math.imul(hash, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/** Two characters at a time, each time mixed so that what is equal in the end was not equal by its sum alone. */
function hashOf(text: string, start: number, factor: number): number {
  let hash = start ^ text.length;
  const paired = text.length & ~1;
  for (let at = 0; at < paired; at += 2) {
    hash = Math.imul(hash ^ (text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16)), factor);
    hash ^= hash >>> 15;
  }
  if (paired < text.length) hash = Math.imul(hash ^ text.charCodeAt(paired), factor);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
