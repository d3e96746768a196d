import { LRUCache } from 'lru-cache';
import type { CacheKey } from '../key/cache-key.ts';
import type { StoredResponse } from '../policy/stored.ts';
import { type Content, GrowingContent } from './content.ts';
import type { Shelved, Store, StoreRefusal, StoreStats, StoreWriter } from './store.ts';

export interface MemoryStoreOptions {
  /** For everything: stored responses, and what exchanges in progress hold. */
  readonly maxBytes: number;
  /** For one response. */
  readonly maxObjectBytes: number;
  /** For one target URI; the least recently used goes first. */
  readonly maxVariants: number;
}

/** The variants of one target URI, the last used last. */
type Variants = readonly Shelved[];

const nothing: Variants = [];

/**
 * The memory shelf: least recently used goes first, in constant time. The limit is in bytes and a promise: fills in progress count from their
 * first byte, and what is stored gives way to them.
 */
export class MemoryStore implements Store {
  readonly #options: MemoryStoreOptions;
  readonly #shelf: LRUCache<CacheKey, Variants>;
  /** How many clients are reading a content, and which of those contents have left the shelf. */
  readonly #readers = new Map<Content, number>();
  readonly #departed = new Set<Content>();
  readonly #shelved = new WeakSet<Content>();
  #reserved = 0;
  #evictions = 0;

  constructor(options: MemoryStoreOptions) {
    this.#options = options;
    this.#shelf = new LRUCache({
      maxSize: options.maxBytes,
      sizeCalculation: bytesOfVariants,
      dispose: (variants, _key, reason) => {
        if (reason === 'evict') this.#evictions += variants.length;
        if (reason !== 'set') for (const { content } of variants) this.#depart(content);
      },
    });
  }

  lookup(key: CacheKey): Variants {
    return this.#shelf.get(key) ?? nothing;
  }

  begin(stored: StoredResponse, expectedLength: number | undefined): StoreWriter | StoreRefusal {
    const { maxObjectBytes } = this.#options;
    const head = bytesOfHead(stored);
    if (head + (expectedLength ?? 0) > maxObjectBytes) return 'too-large';
    if (!this.reserve(head)) return 'store-refused';
    const content = new GrowingContent(expectedLength);
    let reserved = head;
    let open = true;
    let refusal: StoreRefusal | undefined;
    const close = (): boolean => {
      const wasOpen = open;
      open = false;
      this.release(reserved);
      reserved = 0;
      return wasOpen;
    };
    return {
      content,
      get refusal() {
        return refusal;
      },
      write: (chunk) => {
        const growth = content.growthFor(chunk.length);
        const tooLarge = head + content.length + chunk.length > maxObjectBytes;
        const fits = open && !tooLarge && this.reserve(growth);
        content.append(chunk);
        if (fits) {
          reserved += growth;
        } else {
          refusal ??= tooLarge ? 'too-large' : 'store-refused';
          close();
        }
        return fits;
      },
      commit: (final) => {
        content.seal();
        return close() && this.#put({ stored: final, content });
      },
      abort: () => void close(),
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
    if (rest.length === 0) {
      this.#shelf.delete(stored.key);
    } else if (rest.length < variants.length) {
      this.#shelf.set(stored.key, rest);
      for (const each of variants) if (each.stored === stored) this.#depart(each.content);
    }
  }

  used(stored: StoredResponse): void {
    const variants = this.#shelf.peek(stored.key);
    const last = variants?.find((each) => each.stored === stored);
    if (variants === undefined || last === undefined || variants.at(-1) === last) return;
    this.#shelf.set(stored.key, [...variants.filter((each) => each !== last), last]);
  }

  hold(content: Content): () => void {
    this.#readers.set(content, (this.#readers.get(content) ?? 0) + 1);
    if (!this.#shelved.has(content)) this.#depart(content);
    let held = true;
    return () => {
      if (held) this.#letGo(content);
      held = false;
    };
  }

  invalidate(key: CacheKey): void {
    this.#shelf.delete(key);
  }

  reserve(bytes: number): boolean {
    // What can't fit beside the exchanges in progress must not cost anything that is stored.
    if (this.#reserved + bytes > this.#options.maxBytes) return false;
    this.#makeRoom(bytes);
    // What was evicted may still be read, and then counts on.
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
    const { key } = shelved.stored;
    const size = bytesOfShelved(shelved);
    const room = this.#options.maxBytes - this.#reserved;
    if (size > Math.min(this.#options.maxObjectBytes, room)) return false;
    const before = this.#shelf.peek(key) ?? nothing;
    const others = before.filter((each) => !isSameVariant(each.stored, shelved.stored));
    const kept = newest(others, this.#options.maxVariants - 1, room - size);
    this.#evictions += others.length - kept.length;
    const variants = [...kept, shelved];
    if (this.#departed.delete(shelved.content)) this.release(shelved.content.length);
    this.#makeRoom(bytesOfVariants(variants) - bytesOfVariants(before), key);
    this.#shelf.set(key, variants);
    this.#shelved.add(shelved.content);
    for (const each of before)
      if (!variants.some(({ content }) => content === each.content)) this.#depart(each.content);
    return true;
  }

  /** A content has left the shelf; where clients still read it, its bytes count as held for them. */
  #depart(content: Content): void {
    this.#shelved.delete(content);
    if (!this.#readers.has(content) || this.#departed.has(content)) return;
    this.#departed.add(content);
    this.#reserved += content.length;
  }

  #letGo(content: Content): void {
    const readers = (this.#readers.get(content) ?? 1) - 1;
    if (readers > 0) {
      this.#readers.set(content, readers);
      return;
    }
    this.#readers.delete(content);
    if (this.#departed.delete(content)) this.release(content.length);
  }

  /** Evicts until so many bytes fit, or nothing but `spared` is left. */
  #makeRoom(bytes: number, spared?: CacheKey): void {
    const least = spared !== undefined && this.#shelf.get(spared) !== undefined ? 1 : 0;
    while (this.#bytesUsed + bytes > this.#options.maxBytes && this.#shelf.size > least) this.#shelf.pop();
  }
}

function isSameVariant(a: StoredResponse, b: StoredResponse): boolean {
  return a.nominatedFields.join() === b.nominatedFields.join() && a.variant === b.variant;
}

/** The last of the variants: at most so many, and of at most so many bytes. */
function newest(variants: Variants, count: number, bytes: number): Variants {
  let left = bytes;
  let first = variants.length;
  while (first > Math.max(0, variants.length - count)) {
    left -= bytesOfShelved(variants[first - 1] as Shelved);
    if (left < 0) break;
    first--;
  }
  return variants.slice(first);
}

/**
 * What the objects around one stored response weigh without their texts, and what one text weighs beside its characters: measured with real
 * responses. 1,400 bytes of the former live; the rest is what stays empty between them in the heap when others have left.
 */
const overheadOfResponse = 2_200;
const overheadOfText = 32;

function bytesOfHead(stored: StoredResponse): number {
  const { key, variant, fields, preconditions, nominatedFields } = stored;
  let bytes = overheadOfResponse + key.length + variant.length;
  for (const texts of [fields, preconditions, nominatedFields]) {
    for (const text of texts) bytes += text.length + overheadOfText;
  }
  return bytes;
}

function bytesOfShelved({ stored, content }: Shelved): number {
  return bytesOfHead(stored) + content.length;
}

function bytesOfVariants(variants: Variants): number {
  let bytes = 0;
  for (const shelved of variants) bytes += bytesOfShelved(shelved);
  return bytes;
}
