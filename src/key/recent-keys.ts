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
  /**
   * Goes from the oldest on: all before it are gone. A new one each time would go over the places of those, too. Let go of where it is not needed for long: it keeps every table that the Map has outgrown
   * since its last step, with all that was in it.
   */
  #oldest: IterableIterator<[Key, Value]> | undefined;
  /** So often there was room since then. */
  #roomy = 0;
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
    const isFull = (): boolean => this.#values.size > maxKeys || this.#bytes > maxKeys * bytesPerKey;
    if (!isFull()) {
      this.#roomy += 1;
      if (this.#roomy > this.#values.size) this.#oldest = undefined;
      return;
    }
    this.#roomy = 0;
    while (this.#values.size > 0 && isFull()) {
      this.#oldest ??= this.#values.entries();
      const next = this.#oldest.next();
      if (next.done === true) {
        this.#oldest = undefined;
        continue;
      }
      const [oldest, forgotten] = next.value;
      this.delete(oldest);
      onForget?.(forgotten, oldest);
    }
  }

  #sizeOf(key: Key, value: Value): number {
    return key.length + (this.#options.sizeOf?.(value) ?? 0);
  }
}
