import { flat } from '../http/flat-text.ts';

/** Room for a key of ordinary length with its value, unless said; a longer one takes the room of several. */
const ordinaryBytes = 128;

export interface RecentKeysOptions<Value, Key extends string> {
  readonly maxKeys: number;
  /** Room for each on average, in bytes. */
  readonly bytesPerKey?: number;
  /** Told of what had to go. */
  readonly onForget?: (value: Value, key: Key) => void;
  /** What a value takes beside its key, in bytes; nothing unless said. */
  readonly sizeOf?: (value: Value) => number;
}

/** Something remembered of the keys that were named last. Bounded in number and in bytes: the longest ago named goes first. */
export class RecentKeys<Value, Key extends string = string> {
  readonly #values = new Map<Key, Value>();
  readonly #options: RecentKeysOptions<Value, Key>;
  #bytes = 0;

  constructor(options: RecentKeysOptions<Value, Key>) {
    this.#options = options;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: Key): Value | undefined {
    return this.#values.get(key);
  }

  /** The key as it is kept here, so that it need not be kept twice; it may be too long to stay. */
  set(key: Key, value: Value): Key {
    this.delete(key);
    const own = flat(key);
    this.#values.set(own, value);
    this.#bytes += this.#sizeOf(own, value);
    this.#makeRoom();
    return own;
  }

  delete(key: Key): void {
    const value = this.#values.get(key);
    if (value !== undefined && this.#values.delete(key)) this.#bytes -= this.#sizeOf(key, value);
  }

  #makeRoom(): void {
    const { maxKeys, bytesPerKey = ordinaryBytes, onForget } = this.#options;
    for (const [oldest, forgotten] of this.#values) {
      if (this.#values.size <= maxKeys && this.#bytes <= maxKeys * bytesPerKey) return;
      this.delete(oldest);
      onForget?.(forgotten, oldest);
    }
  }

  #sizeOf(key: Key, value: Value): number {
    return key.length + (this.#options.sizeOf?.(value) ?? 0);
  }
}
