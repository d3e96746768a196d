import type { CacheKey } from '../../src/key/cache-key.ts';
import { admissionFor } from '../../src/store/admission.ts';
import { RowTable } from '../../src/store/row-table.ts';
import { firstAbove, generator } from './zipf.ts';

/** Which responses stay: as the memory shelf decides, or only the least recently used ones. */
export type Keeping = 'by use' | 'least recently used';

export const keepings: readonly Keeping[] = ['least recently used', 'by use'];

const limitBytes = 4 * 2 ** 20;
/** Of each response, unless said. */
const ordinaryBytes = 2_048;

/** So many responses fit. */
export const capacity = Math.floor(limitBytes / ordinaryBytes);

/** So that each run gets the same. */
const seed = 20_261_123;

/** The rows of a memory shelf of 4 MiB, without their bytes. */
export class SimulatedShelf {
  readonly #rows: RowTable;
  readonly #maxBytes: number;
  #handles = 0;

  constructor(keeping: Keeping) {
    const maxObjectBytes = limitBytes / 10;
    const admission = admissionFor({ maxBytes: limitBytes, maxObjectBytes, seed: [seed, 0x9e3779b1] });
    const { maxBytes } = admission;
    const plain = { windowBytes: maxBytes, sketch: undefined };
    const weights = { weightOfKey: () => 0, weightOfVariant: 0 };
    this.#rows = new RowTable({ ...(keeping === 'by use' ? admission : plain), ...weights, onRemoved: () => {} });
    this.#maxBytes = maxBytes;
  }

  /** Whether it was a hit; what was none is stored. */
  ask(name: string, bytes = ordinaryBytes): boolean {
    const key = name as CacheKey;
    if (this.#rows.use(key) !== undefined) return true;
    this.#rows.asked({ key, variant: '' });
    // As a fill does: room is made before its content comes.
    while (this.#rows.bytes + bytes > this.#maxBytes && this.#rows.evict(bytes, false));
    this.#rows.add({ key, variant: '' }, (this.#handles += 1), bytes);
    this.#rows.settle(0);
    return false;
  }

  /** Of so many requests, the share that were hits. */
  hitRatio(requests: number, next: () => string): number {
    let hits = 0;
    for (let i = 0; i < requests; i++) if (this.ask(next())) hits++;
    return hits / requests;
  }
}

/** Names of objects, the first of which is asked for most, in proportion to 1 / n^exponent; with 0 all alike. */
export function popular(prefix: string, objects: number, exponent: number): () => string {
  const random = generator(seed);
  const bounds = new Float64Array(objects);
  let sum = 0;
  for (let index = 0; index < objects; index++) {
    sum += 1 / (index + 1) ** exponent;
    bounds[index] = sum;
  }
  return () => `${prefix}/${firstAbove(bounds, random() * sum)}`;
}

/** The hit ratio of what is asked for again and again: before, and while so many requests for what nobody asks for twice come with each of them. */
export function inFlood(
  keeping: Keeping,
  next: () => string,
  floodForEach: number,
): { before: number; during: number } {
  const shelf = new SimulatedShelf(keeping);
  shelf.hitRatio(20 * capacity, next);
  const before = shelf.hitRatio(5 * capacity, next);
  let once = 0;
  const during = shelf.hitRatio(5 * capacity, () => {
    for (let i = 0; i < floodForEach; i++) shelf.ask(`/search?q=${(once += 1)}`);
    return next();
  });
  return { before, during };
}

/** The hit ratio of what is asked for again and again, right after something has gone through once everything there is. */
export function afterScan(keeping: Keeping, next: () => string): { before: number; after: number } {
  const shelf = new SimulatedShelf(keeping);
  shelf.hitRatio(20 * capacity, next);
  const before = shelf.hitRatio(capacity, next);
  for (let i = 0; i < 20 * capacity; i++) shelf.ask(`/archive/${i}`);
  return { before, after: shelf.hitRatio(capacity / 4, next) };
}

/** Hit ratios in steps of as many requests as responses fit, after what is asked for has become all different. */
export function afterChange(
  keeping: Keeping,
  before: () => string,
  after: () => string,
  steps: number,
): readonly number[] {
  const shelf = new SimulatedShelf(keeping);
  shelf.hitRatio(40 * capacity, before);
  return Array.from({ length: steps }, () => shelf.hitRatio(capacity, after));
}
