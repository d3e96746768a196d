/** Room for a key of ordinary length with its value, unless said; a longer one takes the room of several. */
const ordinaryBytes = 128;

export interface RecentKeysOptions<Value> {
  readonly maxKeys: number;
  /** Room for each on average, in bytes. */
  readonly bytesPerKey?: number;
  /** Told of what had to go. */
  readonly onForget?: (value: Value, key: string) => void;
  /** What a value takes beside its key, in bytes; nothing unless said. */
  readonly sizeOf?: (value: Value) => number;
}

/** Something remembered of the keys that were named last. Bounded in number and in bytes: the longest ago named goes first. */
export class RecentKeys<Value> {
  readonly #values = new Map<string, Value>();
  readonly #options: RecentKeysOptions<Value>;
  #bytes = 0;

  constructor(options: RecentKeysOptions<Value>) {
    this.#options = options;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    const { maxKeys, bytesPerKey = ordinaryBytes, onForget } = this.#options;
    this.delete(key);
    this.#values.set(key, value);
    this.#bytes += this.#sizeOf(key, value);
    for (const [oldest, forgotten] of this.#values) {
      if (this.#values.size <= maxKeys && this.#bytes <= maxKeys * bytesPerKey) return;
      this.delete(oldest);
      onForget?.(forgotten, oldest);
    }
  }

  delete(key: string): void {
    const value = this.#values.get(key);
    if (value !== undefined && this.#values.delete(key)) this.#bytes -= this.#sizeOf(key, value);
  }

  #sizeOf(key: string, value: Value): number {
    return key.length + (this.#options.sizeOf?.(value) ?? 0);
  }
}
