import { LRUCache } from 'lru-cache';
import { type CacheKey, flatKey, targetKey } from '../key/cache-key.ts';
import { purgeNames } from '../key/purge-names.ts';
import type { StoredResponse } from '../policy/stored.ts';
import { type Handle, segmentBytesFor } from './cells.ts';
import { encodeRecord } from './codec.ts';
import type { Content } from './content.ts';
import { Inflated, weightOfHead } from './inflated.ts';
import { memoryWriter } from './memory-writer.ts';
import { Members } from './members.ts';
import { PackedResponses } from './packed.ts';
import { Purging } from './purging.ts';
import { Readers } from './readers.ts';
import { Selecting } from './selecting.ts';
import type {
  Nominating,
  Shelved,
  Store,
  StoreCount,
  StorePage,
  StorePageQuery,
  StorePurge,
  StoreRefusal,
  StoreSelection,
  StoreStats,
  StoreWriter,
} from './store.ts';
import { TagIndex, weightOfTags } from './tag-index.ts';

export interface MemoryStoreOptions {
  /** For everything: stored responses, and what exchanges in progress hold. */
  readonly maxBytes: number;
  /** For one response. */
  readonly maxObjectBytes: number;
  /** For one target URI; the least recently used goes first. */
  readonly maxVariants: number;
}

/** The variants of one target URI, the last used last; a single one as it is, which needs no object. */
type Row = Handle | readonly Handle[];

const nothing: readonly Shelved[] = [];
const noHandles: readonly Handle[] = [];

/** What a key with its row weighs in the tables of lru-cache, beside its characters: measured. */
const overheadOfKey = 150;

/** What such a key weighs beside the characters of its target in the table of the queries for it: measured. */
const overheadOfQuery = 70;

/** Of the limit, the share that responses may take as objects, beside their bytes; and the most that is of use. */
const inflatedShare = 1 / 8;
const mostInflatedBytes = 64 * 2 ** 20;

/**
 * The memory shelf: least recently used goes first, in constant time. The limit is in bytes and a promise: fills in progress count from their
 * first byte, and what is stored gives way to them. Responses lie here as bytes; those that were looked up lately are there as objects, too.
 */
export class MemoryStore implements Store {
  readonly #options: MemoryStoreOptions;
  readonly #shelf: LRUCache<CacheKey, Row>;
  readonly #packed: PackedResponses;
  readonly #inflated: Inflated;
  readonly #readers = new Readers();
  readonly #tags = new TagIndex();
  /** For each target the keys under which responses to QUERY requests for it lie. */
  readonly #queries = new Members<CacheKey, CacheKey>();
  readonly #selecting: Selecting;
  readonly #purging: Purging;
  #serial = 0;
  #reserved = 0;
  #evictions = 0;
  #variantEvictions = 0;

  constructor(options: MemoryStoreOptions) {
    this.#options = options;
    const { maxBytes } = options;
    this.#packed = new PackedResponses(segmentBytesFor(maxBytes));
    this.#inflated = new Inflated(Math.min(maxBytes * inflatedShare, mostInflatedBytes), (handle, { content }) => {
      if (this.#packed.blocksOf(handle) === undefined) this.#readers.leave(content);
    });
    this.#shelf = new LRUCache({
      // Only so that it adds up the sizes: what has to go is decided here, where the rest of the memory is known.
      maxSize: Number.MAX_SAFE_INTEGER,
      dispose: (row, key, reason) => {
        if (reason === 'set') return;
        this.#queries.remove(targetKey(key), key);
        const handles = handlesOf(row);
        if (reason === 'evict') this.#evictions += handles.length;
        for (const handle of handles) this.#drop(handle);
      },
    });
    const packed = this.#packed;
    this.#selecting = new Selecting({
      packed,
      tags: this.#tags,
      ofKey: (key) => handlesOf(this.#shelf.peek(key)),
      queries: this.#queries,
    });
    this.#purging = new Purging({
      packed,
      selecting: this.#selecting,
      remove: (handle) => this.#takeOff(packed.keyOf(handle), handle),
      changed: (handle) => this.#inflated.remove(handle),
    });
  }

  lookup(key: CacheKey, presented?: Nominating): readonly Shelved[] {
    if (this.#purging.isUnderWay) for (const handle of handlesOf(this.#shelf.peek(key))) this.#purging.meet(handle);
    const row = this.#shelf.get(key);
    if (row === undefined) return nothing;
    if (typeof row === 'number') return this.#open(row);
    const selected = presented === undefined ? nothing : this.#openSelected(row, presented);
    return selected.length > 0 ? selected : row.flatMap((handle) => this.#open(handle));
  }

  peek(key: CacheKey): readonly Shelved[] {
    const handles = handlesOf(this.#shelf.peek(key));
    if (this.#purging.isUnderWay) for (const handle of handles) this.#purging.meet(handle);
    return handlesOf(this.#shelf.peek(key)).flatMap((handle) => this.#peek(handle) ?? nothing);
  }

  begin(stored: StoredResponse, expectedLength: number | undefined): StoreWriter | StoreRefusal {
    const { maxObjectBytes } = this.#options;
    const head = weightOfHead(stored);
    if (head + (expectedLength ?? 0) > maxObjectBytes) return 'too-large';
    if (!this.reserve(head)) return 'store-refused';
    return memoryWriter({
      memory: this,
      headBytes: head,
      expectedLength,
      maxBytes: maxObjectBytes,
      put: (shelved) => this.#put(shelved),
    });
  }

  freshen(stored: StoredResponse, updated: StoredResponse): void {
    const handle = this.#find(stored);
    if (handle === undefined) return;
    this.#shelf.get(stored.key);
    const [shelved] = this.#open(handle);
    // What was updated must not be served as it was, even where the new head finds no room.
    if (shelved === undefined || !this.#put({ stored: updated, content: shelved.content }, handle)) this.remove(stored);
  }

  remove(stored: StoredResponse): void {
    const handle = this.#find(stored);
    if (handle !== undefined) this.#takeOff(stored.key, handle);
  }

  purge(purge: StorePurge): Promise<number> {
    return this.#purging.purge(purge);
  }

  count(selection: StoreSelection): Promise<StoreCount> {
    return this.#purging.count(selection);
  }

  keyOf(id: string): CacheKey | undefined {
    return this.#selecting.keyOf(id);
  }

  page(query: StorePageQuery): Promise<StorePage> {
    return this.#selecting.page(query, (handle) => {
      this.#purging.meet(handle);
      return this.#packed.isUsed(handle) ? this.#peek(handle) : undefined;
    });
  }

  used(stored: StoredResponse): void {
    const handles = handlesOf(this.#shelf.peek(stored.key));
    // As long as there is room for as many again, none of them will have to go for another.
    if (handles.length * 2 <= this.#options.maxVariants) return;
    const handle = this.#find(stored);
    if (handle === undefined || handles.at(-1) === handle) return;
    this.#setRow(stored.key, [...handles.filter((each) => each !== handle), handle]);
  }

  hold(content: Content): () => void {
    const release = this.#readers.hold(content);
    this.#makeRoom(0);
    return release;
  }

  invalidate(key: CacheKey): void {
    this.#shelf.delete(key);
  }

  reserve(bytes: number): boolean {
    // What can't fit beside the exchanges in progress must not cost anything that is stored.
    if (this.#reserved + this.#readers.bytes + bytes > this.#options.maxBytes) return false;
    this.#makeRoom(bytes, 0);
    // What was evicted may still be read, and then counts on.
    if (this.#bytesUsed + bytes > this.#options.maxBytes) return false;
    this.#reserved += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#reserved -= bytes;
  }

  stats(): StoreStats {
    return {
      responses: this.#packed.count,
      bytesUsed: this.#bytesUsed,
      bytesLimit: this.#options.maxBytes,
      evictions: this.#evictions,
      variantEvictions: this.#variantEvictions,
    };
  }

  get #bytesUsed(): number {
    return this.#shelf.calculatedSize + this.#inflated.bytes + this.#readers.bytes + this.#reserved;
  }

  /** Those variants that the nominated fields of a request select. */
  #openSelected(row: readonly Handle[], presented: Nominating): readonly Shelved[] {
    let selected = nothing;
    for (const handle of row) {
      if (!this.#packed.maySelect(handle, presented)) continue;
      const opened = this.#open(handle);
      const stored = opened[0]?.stored;
      if (stored === undefined || presented.variant(stored.nominatedFields) !== stored.variant) continue;
      selected = selected.length === 0 ? opened : [...selected, ...opened];
    }
    return selected;
  }

  /** One response as objects, in a list of its own. The URI must be the one used last: others may have to make room. */
  #open(handle: Handle): readonly Shelved[] {
    const found = this.#inflated.find(handle);
    if (found !== undefined) return found;
    const isWanted = this.#inflated.wants(handle);
    const shelved = this.#packed.open(handle, isWanted);
    if (shelved === undefined) return nothing;
    const isCopy = this.#packed.blocksOf(handle) === undefined;
    if (isWanted && this.#inflated.add(handle, shelved, isCopy ? shelved.content.length : 0)) {
      if (isCopy) this.#readers.keep(shelved.content);
      this.#makeRoom(0);
    }
    return [shelved];
  }

  /** The same without a trace: nothing is counted, kept, or has to make room. */
  #peek(handle: Handle): Shelved | undefined {
    return this.#inflated.peek(handle) ?? this.#packed.open(handle, false);
  }

  /** Where a response is that was looked up before, if it is still on the shelf. */
  #find({ key, serial }: StoredResponse): Handle | undefined {
    return handlesOf(this.#shelf.peek(key)).find((handle) => this.#packed.serialOf(handle) === serial);
  }

  /** Takes one of the variants of a URI off the shelf. */
  #takeOff(key: CacheKey, handle: Handle): void {
    const rest = handlesOf(this.#shelf.peek(key)).filter((each) => each !== handle);
    if (rest.length === 0) {
      this.#shelf.delete(key);
    } else {
      this.#setRow(key, rest);
      this.#drop(handle);
    }
  }

  /** Puts one response beside the other variants of its URI, in the place of `replaced` and of what is the same variant. */
  #put({ stored, content }: Shelved, replaced?: Handle): boolean {
    const { key } = stored;
    const record = encodeRecord({ ...stored, serial: ++this.#serial });
    if (record === undefined) return false;
    const { maxObjectBytes, maxVariants, maxBytes } = this.#options;
    const tags = purgeNames(stored);
    const weight = this.#packed.weightFor(record.length, content.length) + weightOfTags(tags);
    const room = maxBytes - this.#reserved - this.#readers.bytes - weightOfKey(key);
    if (record.length + content.length > maxObjectBytes || weight > room) return false;
    const before = handlesOf(this.#shelf.get(key));
    const others = before.filter((handle) => handle !== replaced && !this.#isSameVariant(handle, stored));
    const kept = this.#newest(others, maxVariants - 1, room - weight);
    this.#evictions += others.length - kept.length;
    this.#variantEvictions += Math.max(0, others.length - (maxVariants - 1));
    this.#keep(key, before, kept);
    const handle = this.#packed.add(record, { stored, content });
    this.#tags.add(handle, tags);
    const blocks = this.#packed.blocksOf(handle);
    if (blocks !== undefined) this.#readers.keep(blocks);
    const own = kept.length === 0 ? flatKey(key) : key;
    this.#setRow(own, [...kept, handle]);
    if (key !== targetKey(key)) this.#queries.add(flatKey(targetKey(key)), own);
    this.#makeRoom(0);
    if (this.#bytesUsed <= maxBytes) return true;
    // What others have left is still being read.
    this.#keep(key, [...kept, handle], kept);
    return false;
  }

  #isSameVariant(handle: Handle, { nominatedFields, variant }: StoredResponse): boolean {
    if (!this.#packed.mayBe(handle, { nominatedFields, variant })) return false;
    const stored = this.#peek(handle)?.stored;
    return stored?.variant === variant && stored.nominatedFields.join() === nominatedFields.join();
  }

  /** The last of the variants: at most so many, and of at most so many bytes. */
  #newest(handles: readonly Handle[], count: number, bytes: number): readonly Handle[] {
    let left = bytes;
    let first = handles.length;
    while (first > Math.max(0, handles.length - count)) {
      left -= this.#weightOf(handles[first - 1] as Handle);
      if (left < 0) break;
      first--;
    }
    return handles.slice(first);
  }

  /** Drops those variants of a URI that are not among `kept`. */
  #keep(key: CacheKey, before: readonly Handle[], kept: readonly Handle[]): void {
    if (kept.length === before.length) return;
    if (kept.length === 0) {
      this.#shelf.delete(key);
      return;
    }
    this.#setRow(key, kept);
    for (const handle of before) if (!kept.includes(handle)) this.#drop(handle);
  }

  #setRow(key: CacheKey, handles: readonly Handle[]): void {
    const [first] = handles;
    let size = weightOfKey(key);
    for (const handle of handles) size += this.#weightOf(handle);
    this.#shelf.set(key, handles.length === 1 && first !== undefined ? first : handles, { size });
  }

  #weightOf(handle: Handle): number {
    return this.#packed.weightOf(handle) + this.#tags.weightOf(handle);
  }

  /** A response has left the shelf; where clients still read its content, that counts as held for them. */
  #drop(handle: Handle): void {
    const blocks = this.#packed.blocksOf(handle);
    if (blocks !== undefined) this.#readers.leave(blocks);
    this.#inflated.remove(handle);
    this.#tags.remove(handle);
    this.#packed.free(handle);
  }

  /** Evicts until so many bytes fit, or nothing is left but the `spared` URIs that were used last; then the objects go. */
  #makeRoom(bytes: number, spared: 0 | 1 = 1): void {
    const { maxBytes } = this.#options;
    while (this.#bytesUsed + bytes > maxBytes && this.#shelf.size > spared) this.#shelf.pop();
    if (this.#bytesUsed + bytes > maxBytes) this.#inflated.clear();
  }
}

function handlesOf(row: Row | undefined): readonly Handle[] {
  if (row === undefined) return noHandles;
  return typeof row === 'number' ? [row] : row;
}

/** That of a QUERY is found by its target as well. */
function weightOfKey(key: CacheKey): number {
  const target = targetKey(key);
  const ofQuery = target === key ? 0 : overheadOfQuery + target.length;
  return overheadOfKey + key.length + ofQuery;
}
