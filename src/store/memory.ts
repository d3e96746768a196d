import { LRUCache } from 'lru-cache';
import type { CacheKey } from '../key/cache-key.ts';
import type { StoredResponse } from '../policy/stored.ts';
import { GrowingContent } from './content.ts';
import type { Shelved, Store, StoreRefusal, StoreStats, StoreWriter } from './store.ts';

export interface MemoryStoreOptions {
  /** For everything: stored responses, and what exchanges in progress hold. */
  readonly maxBytes: number;
  /** For one response. */
  readonly maxObjectBytes: number;
  /** For one target URI; the least recently stored goes first. */
  readonly maxVariants: number;
}

/** The variants of one target URI, newest last. */
type Variants = readonly Shelved[];

const nothing: Variants = [];

/**
 * The memory shelf: least recently used goes first, in constant time. The limit is in bytes and a promise: fills in progress count from their
 * first byte, and what is stored gives way to them.
 */
export class MemoryStore implements Store {
  readonly #options: MemoryStoreOptions;
  readonly #shelf: LRUCache<CacheKey, Variants>;
  #reserved = 0;
  #evictions = 0;

  constructor(options: MemoryStoreOptions) {
    this.#options = options;
    this.#shelf = new LRUCache({
      maxSize: options.maxBytes,
      sizeCalculation: bytesOfVariants,
      dispose: (variants, _key, reason) => {
        if (reason === 'evict') this.#evictions += variants.length;
      },
    });
  }

  lookup(key: CacheKey): Variants {
    return this.#shelf.get(key) ?? nothing;
  }

  begin(stored: StoredResponse, expectedLength: number | undefined): StoreWriter | StoreRefusal {
    if ((expectedLength ?? 0) > this.#options.maxObjectBytes) return 'too-large';
    const content = new GrowingContent(expectedLength);
    let reserved = bytesOfHead(stored);
    if (!this.reserve(reserved)) return 'store-refused';
    const giveBack = (): void => {
      this.release(reserved);
      reserved = 0;
    };
    return {
      content,
      write: (chunk) => {
        const growth = content.growthFor(chunk.length);
        const fits = content.length + chunk.length <= this.#options.maxObjectBytes && this.reserve(growth);
        content.append(chunk);
        if (fits) reserved += growth;
        else giveBack();
        return fits;
      },
      commit: (final) => {
        content.seal();
        giveBack();
        return this.#put({ stored: final, content });
      },
      abort: giveBack,
    };
  }

  freshen(stored: StoredResponse, updated: StoredResponse): void {
    const shelved = this.#shelf.peek(stored.key)?.find((each) => each.stored === stored);
    if (shelved === undefined) return;
    this.remove(stored);
    this.#put({ stored: updated, content: shelved.content });
  }

  remove(stored: StoredResponse): void {
    const variants = this.#shelf.peek(stored.key);
    if (variants === undefined) return;
    const rest = variants.filter((each) => each.stored !== stored);
    if (rest.length === 0) this.#shelf.delete(stored.key);
    else if (rest.length < variants.length) this.#shelf.set(stored.key, rest);
  }

  invalidate(key: CacheKey): void {
    this.#shelf.delete(key);
  }

  reserve(bytes: number): boolean {
    this.#makeRoom(bytes);
    if (this.#bytesUsed + bytes > this.#options.maxBytes) return false;
    this.#reserved += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#reserved -= bytes;
  }

  stats(): StoreStats {
    let responses = 0;
    for (const variants of this.#shelf.values()) responses += variants.length;
    return { responses, bytesUsed: this.#bytesUsed, bytesLimit: this.#options.maxBytes, evictions: this.#evictions };
  }

  get #bytesUsed(): number {
    return this.#shelf.calculatedSize + this.#reserved;
  }

  /** Puts one response beside the other variants of its URI, in the place of the one it replaces. */
  #put(shelved: Shelved): boolean {
    const { key, variant, nominatedFields } = shelved.stored;
    const size = bytesOfShelved(shelved);
    if (size > this.#options.maxObjectBytes) return false;
    const others = (this.#shelf.peek(key) ?? nothing).filter(({ stored }) => {
      const sameFields = stored.nominatedFields.join() === nominatedFields.join();
      return !(sameFields && stored.variant === variant);
    });
    const kept = others.slice(Math.max(0, others.length + 1 - this.#options.maxVariants));
    this.#makeRoom(size, key);
    if (this.#reserved + bytesOfVariants([...kept, shelved], key) > this.#options.maxBytes) return false;
    this.#shelf.set(key, [...kept, shelved]);
    return true;
  }

  /** Evicts until so many bytes fit, or nothing but `spared` is left. */
  #makeRoom(bytes: number, spared?: CacheKey): void {
    if (spared !== undefined) this.#shelf.get(spared);
    while (this.#bytesUsed + bytes > this.#options.maxBytes && this.#shelf.size > (spared === undefined ? 0 : 1)) this.#shelf.pop();
  }
}

/** What the engine's objects weigh besides their strings and bytes: measured, rounded up. */
const overheadOfResponse = 400;

function bytesOfHead(stored: StoredResponse): number {
  let bytes = overheadOfResponse + stored.key.length + stored.variant.length;
  for (const text of stored.fields) bytes += text.length + 24;
  return bytes;
}

function bytesOfShelved({ stored, content }: Shelved): number {
  return bytesOfHead(stored) + content.length;
}

function bytesOfVariants(variants: Variants, _key: CacheKey): number {
  let bytes = 0;
  for (const shelved of variants) bytes += bytesOfShelved(shelved);
  return bytes;
}
