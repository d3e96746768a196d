import { type CacheKey, flatKey, targetKey } from '../key/cache-key.ts';
import { isSameVariant } from '../key/nominated-fields.ts';
import { purgeNames } from '../key/purge-names.ts';
import type { StoredResponse } from '../policy/stored.ts';
import { type Handle, segmentBytesFor } from './cells.ts';
import { encodeRecord } from './codec.ts';
import type { Content } from './content.ts';
import type { SketchSeed } from './frequency-sketch.ts';
import { admissionFor } from './admission.ts';
import { Inflated, weightOfHead } from './inflated.ts';
import { memoryWriter } from './memory-writer.ts';
import { Members } from './members.ts';
import { PackedResponses } from './packed.ts';
import { Purging } from './purging.ts';
import { Readers } from './readers.ts';
import { Room } from './room.ts';
import { handlesOf, weightOfKey, weightOfVariant } from './row.ts';
import { type Removal, RowTable } from './row-table.ts';
import { idOf, Selecting } from './selecting.ts';
import type { StoreSelection } from './selection.ts';
import type {
  Nominating,
  Shelved,
  Store,
  StoreCount,
  StorePage,
  StorePageQuery,
  StorePurge,
  StorePurged,
  StoreRefusal,
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
  /** What is put here has the serial that it comes with, as another shelf knows it by that too. */
  readonly givenSerials?: boolean;
  /** By which uses of keys are counted; drawn at random unless said. */
  readonly seed?: SketchSeed;
}

const nothing: readonly Shelved[] = [];

/** Of the limit, the share that responses may take as objects, beside their bytes; and the most that is of use. */
const inflatedShare = 1 / 8;
const mostInflatedBytes = 64 * 2 ** 20;

/**
 * The memory shelf. When it is full, what is asked for seldom goes first, and what is new has to be asked for again before others go for it (`RowTable`). The limit is in bytes and a promise: fills in progress count from their
 * first byte, and what is stored gives way to them. Responses lie here as bytes; those that were looked up lately are there as objects, too.
 */
export class MemoryStore implements Store {
  readonly #options: MemoryStoreOptions;
  readonly #rows: RowTable;
  readonly #packed: PackedResponses;
  readonly #inflated: Inflated;
  readonly #readers = new Readers();
  readonly #room: Room;
  readonly #tags = new TagIndex();
  /** For each target the keys under which responses to QUERY requests for it lie. */
  readonly #queries = new Members<CacheKey, CacheKey>();
  readonly #selecting: Selecting;
  readonly #purging: Purging;
  #serial = 0;
  #evictions = 0;
  #variantEvictions = 0;
  #unprovenEvictions = 0;

  constructor(options: MemoryStoreOptions) {
    this.#options = options;
    const admission = admissionFor(options);
    const { maxBytes } = admission;
    this.#packed = new PackedResponses(segmentBytesFor(maxBytes));
    this.#inflated = new Inflated(Math.min(maxBytes * inflatedShare, mostInflatedBytes), (handle, { content }) => {
      if (this.#packed.blocksOf(handle) === undefined) this.#readers.leave(content);
    });
    const onRemoved = (handle: Handle, key: CacheKey, cause: Removal): void => this.#removed(handle, key, cause);
    this.#rows = new RowTable({ ...admission, weightOfKey, weightOfVariant, onRemoved });
    this.#room = new Room({ admission, rows: this.#rows, inflated: this.#inflated, readers: this.#readers });
    const packed = this.#packed;
    this.#selecting = new Selecting({
      packed,
      tags: this.#tags,
      ofKey: (key) => handlesOf(this.#rows.peek(key)),
      queries: this.#queries,
    });
    this.#purging = new Purging({
      packed,
      selecting: this.#selecting,
      remove: (handle) => this.#rows.take(packed.keyOf(handle), handle),
      changed: (handle) => this.#inflated.remove(handle),
    });
  }

  lookup(key: CacheKey, presented?: Nominating): readonly Shelved[] {
    if (this.#purging.isUnderWay) for (const handle of handlesOf(this.#rows.peek(key))) this.#purging.meet(handle);
    const row = this.#rows.use(key);
    if (row === undefined) return nothing;
    if (typeof row === 'number') return this.#open(row);
    const selected = presented === undefined ? nothing : this.#openSelected(row, presented);
    return selected.length > 0 ? selected : row.flatMap((handle) => this.#open(handle));
  }

  peek(key: CacheKey): readonly Shelved[] {
    const handles = handlesOf(this.#rows.peek(key));
    if (this.#purging.isUnderWay) for (const handle of handles) this.#purging.meet(handle);
    return handlesOf(this.#rows.peek(key)).flatMap((handle) => this.#peek(handle) ?? nothing);
  }

  begin(stored: StoredResponse, expectedLength: number | undefined): StoreWriter | StoreRefusal {
    const { maxObjectBytes } = this.#options;
    const head = weightOfHead(stored);
    this.#rows.asked(stored);
    if (head + (expectedLength ?? 0) > maxObjectBytes) return 'too-large';
    if (!this.reserve(head)) return 'store-refused';
    return memoryWriter({
      memory: this,
      headBytes: head,
      expectedLength,
      maxBytes: maxObjectBytes,
      mayGrow: (growth, length) => this.#room.mayGrow(stored, growth, length),
      put: (shelved) => this.#put(shelved),
    });
  }

  freshen(stored: StoredResponse, updated: StoredResponse): void {
    const handle = this.#find(stored);
    if (handle === undefined) return;
    this.#rows.touch(stored.key);
    const [shelved] = this.#open(handle);
    // What was updated must not be served as it was, even where the new head finds no room.
    if (shelved === undefined || !this.#put({ stored: updated, content: shelved.content }, handle)) this.remove(stored);
  }

  remove(stored: StoredResponse): void {
    const handle = this.#find(stored);
    if (handle !== undefined) this.#rows.take(stored.key, handle);
  }

  async purge(purge: StorePurge): Promise<StorePurged> {
    return { matched: await this.#purging.purge(purge), heard: [] };
  }

  count(selection: StoreSelection): Promise<StoreCount> {
    return this.#purging.count(selection);
  }

  keyOf(id: string): CacheKey | undefined {
    return this.#selecting.keyOf(id);
  }

  /** What `page` and `keyOf` name it; undefined where it is here no more. */
  idOf(stored: StoredResponse): string | undefined {
    const handle = this.#find(stored);
    return handle === undefined ? undefined : idOf(this.#packed, handle);
  }

  /** The keys that were looked up last, the latest first. */
  lastUsed(most: number): readonly CacheKey[] {
    return this.#rows.lastUsed(most);
  }

  page(query: StorePageQuery): Promise<StorePage> {
    return this.#selecting.page(query, (handle) => {
      this.#purging.meet(handle);
      return this.#packed.isUsed(handle) ? this.#peek(handle) : undefined;
    });
  }

  used(stored: StoredResponse): void {
    const handles = handlesOf(this.#rows.peek(stored.key));
    // As long as there is room for as many again, none of them will have to go for another.
    if (handles.length * 2 <= this.#options.maxVariants) return;
    const handle = this.#find(stored);
    if (handle === undefined || handles.at(-1) === handle) return;
    this.#rows.toEnd(stored.key, handle);
  }

  hold(content: Content): () => void {
    const release = this.#readers.hold(content);
    this.#room.make(0);
    return release;
  }

  invalidate(key: CacheKey): void {
    this.#rows.remove(key);
  }

  invalidateGroup(): void {
    // Nobody shares this shelf, and what a member's generation says of it is told by whoever reads it.
  }

  reserve(bytes: number): boolean {
    return this.#room.reserve(bytes);
  }

  charge(bytes: number): void {
    this.#room.charge(bytes);
  }

  release(bytes: number): void {
    this.#room.release(bytes);
  }

  stats(): StoreStats {
    return {
      responses: this.#packed.count,
      bytesUsed: this.#room.bytesUsed,
      bytesLimit: this.#options.maxBytes,
      evictions: this.#evictions,
      variantEvictions: this.#variantEvictions,
      unprovenEvictions: this.#unprovenEvictions,
    };
  }

  /** Those variants that the nominated fields of a request select. */
  #openSelected(row: readonly Handle[], presented: Nominating): readonly Shelved[] {
    let selected = nothing;
    for (const handle of row) {
      if (!this.#packed.maySelect(handle, presented)) continue;
      const opened = this.#open(handle);
      const stored = opened[0]?.stored;
      if (stored === undefined || presented.variant(stored.nominatedFields) !== stored.variant) continue;
      this.#rows.used(handle);
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
      this.#room.make(0);
    }
    return [shelved];
  }

  /** The same without a trace: nothing is counted, kept, or has to make room. */
  #peek(handle: Handle): Shelved | undefined {
    return this.#inflated.peek(handle) ?? this.#packed.open(handle, false);
  }

  /** Where a response is that was looked up before, if it is still on the shelf. */
  #find({ key, serial }: StoredResponse): Handle | undefined {
    return handlesOf(this.#rows.peek(key)).find((handle) => this.#packed.serialOf(handle) === serial);
  }

  /** Puts one response beside the other variants of its URI, in the place of `replaced` and of what is the same variant. */
  #put({ stored, content }: Shelved, replaced?: Handle): boolean {
    const { key } = stored;
    const record = encodeRecord({ ...stored, serial: this.#serialFor(stored) });
    if (record === undefined) return false;
    const { maxObjectBytes, maxVariants } = this.#options;
    const tags = purgeNames(stored);
    const weight = this.#packed.weightFor(record.length, content.length) + weightOfTags(tags);
    const room = this.#room.forStored - weightOfKey(key);
    if (record.length + content.length > maxObjectBytes || weight > room) return false;
    const before = handlesOf(this.#rows.touch(key));
    const others = before.filter((handle) => handle !== replaced && !this.#isSameVariant(handle, stored));
    const kept = this.#newest(others, maxVariants - 1, room - weight);
    this.#evictions += others.length - kept.length;
    this.#variantEvictions += Math.max(0, others.length - (maxVariants - 1));
    for (const handle of before) if (!kept.includes(handle)) this.#rows.take(key, handle);
    const handle = this.#packed.add(record, { stored, content });
    this.#tags.add(handle, tags);
    const blocks = this.#packed.blocksOf(handle);
    if (blocks !== undefined) this.#readers.keep(blocks);
    // What a key is kept by in a table must not hold the request that it was made of.
    const own = kept.length <= 1 ? flatKey(key) : key;
    this.#rows.add({ key: own, variant: stored.variant }, handle, this.#weightOf(handle));
    if (key !== targetKey(key)) this.#queries.add(flatKey(targetKey(key)), own);
    this.#room.make(0);
    if (!this.#room.isExceeded) return true;
    // What others have left is still being read.
    this.#rows.take(key, handle);
    return false;
  }

  #serialFor({ serial }: StoredResponse): number {
    return this.#options.givenSerials === true ? serial : ++this.#serial;
  }

  #isSameVariant(handle: Handle, other: StoredResponse): boolean {
    if (!this.#packed.mayBe(handle, other)) return false;
    const stored = this.#peek(handle)?.stored;
    return stored !== undefined && isSameVariant(stored, other);
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

  /** A response has left the table: what it held goes with it. */
  #removed(handle: Handle, key: CacheKey, cause: Removal): void {
    if (this.#rows.peek(key) === undefined) this.#queries.remove(targetKey(key), key);
    if (cause !== 'taken') this.#evictions++;
    if (cause === 'unproven') this.#unprovenEvictions++;
    this.#drop(handle);
  }
}
