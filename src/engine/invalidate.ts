import type { CacheKey } from '../key/cache-key.ts';

/**
 * Generations: what keeps a response that was on its way when its URI was invalidated from coming back to life. A fill takes the current number when it
 * begins; it is compared when the fill would be published and whenever a stored response is read.
 */
export class Generations {
  readonly #ofKey = new Map<CacheKey, number>();
  readonly #maxKeys: number;
  #current = 0;
  /** Of every key that is not in the map: raised when one is forgotten, so that forgetting errs on the side of a miss. */
  #floor = 0;

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  /** The number a fill that begins now belongs to. */
  get current(): number {
    return this.#current;
  }

  /** Whether what began in `generation` still counts for this key. */
  isCurrent(key: CacheKey, generation: number): boolean {
    return generation >= (this.#ofKey.get(key) ?? this.#floor);
  }

  /** From now on nothing that began before counts for this key. */
  invalidate(key: CacheKey): void {
    this.#current++;
    this.#ofKey.delete(key);
    this.#ofKey.set(key, this.#current);
    if (this.#ofKey.size <= this.#maxKeys) return;
    for (const [oldest, generation] of this.#ofKey) {
      this.#ofKey.delete(oldest);
      this.#floor = generation;
      break;
    }
  }
}
