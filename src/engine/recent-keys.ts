import type { CacheKey } from '../key/cache-key.ts';

/** Room for a key of ordinary length; a longer one takes the room of several. */
const bytesPerKey = 128;

/** Something remembered of the keys that were named last. Bounded in number and in bytes: the longest ago named goes first. */
export class RecentKeys<Value> {
  readonly #values = new Map<CacheKey, Value>();
  readonly #maxKeys: number;
  readonly #onForget: ((value: Value) => void) | undefined;
  #bytes = 0;

  constructor(maxKeys: number, onForget?: (value: Value) => void) {
    this.#maxKeys = maxKeys;
    this.#onForget = onForget;
  }

  get(key: CacheKey): Value | undefined {
    return this.#values.get(key);
  }

  set(key: CacheKey, value: Value): void {
    this.delete(key);
    this.#values.set(key, value);
    this.#bytes += key.length;
    for (const [oldest, forgotten] of this.#values) {
      if (this.#values.size <= this.#maxKeys && this.#bytes <= this.#maxKeys * bytesPerKey) return;
      this.delete(oldest);
      this.#onForget?.(forgotten);
    }
  }

  delete(key: CacheKey): void {
    if (this.#values.delete(key)) this.#bytes -= key.length;
  }
}
