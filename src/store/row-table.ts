import { LRUCache } from 'lru-cache';
import type { CacheKey } from '../key/cache-key.ts';
import { type FrequencySketch, mostCounted } from './frequency-sketch.ts';
import type { Handle } from './cells.ts';
import { handlesOf, type Row } from './row.ts';

export interface RowTableOptions {
  /** For what has come of late and did not have to prove itself yet. */
  readonly windowBytes: number;
  /** How often keys were used; absent where that is not counted: then what was used least recently goes first. */
  readonly sketch: FrequencySketch | undefined;
  /** What a key weighs beside its responses. */
  readonly weightOfKey: (key: CacheKey) => number;
  /** The same for each of its variants, where it has several. */
  readonly weightOfVariant: number;
  /** A response has left the table. */
  readonly onRemoved: (handle: Handle, key: CacheKey, cause: Removal) => void;
}

/** Why a response has left: it was taken away; there was no room; or it had not been asked for often enough to take the room of others. */
export type Removal = 'taken' | 'room' | 'unproven';

/** So many of those that were used least recently are compared for the one that has to go. */
const compared = 8;

/** What came once, and not again while it was in the window, takes the room of nothing. */
const leastProven = 2;

/** What has not proved itself gives way down to this share of the window, so that what is held for exchanges can grow and shrink at no cost of what has. */
const unprovenShare = 1 / 2;

/** So many keys are looked at for each that is named among those used last. */
const lookedAtForEach = 4;

/** What comes into the table. */
export interface Coming {
  readonly key: CacheKey;
  /** What tells it from other responses of its key; empty where nothing does. */
  readonly variant: string;
}

/** A response in the table. */
interface Held {
  readonly key: CacheKey;
  readonly handle: Handle;
}

/** A response that might have to go. */
interface Weighed extends Held {
  readonly bytes: number;
  readonly count: number;
}

/** A response has an entry by its key, which says where it is, as long as it is the only one of that; each of several has one by its handle, which says the key. */
type Entries = LRUCache<CacheKey | Handle, CacheKey | Handle>;

const noHandle = -1;

/**
 * Responses by key, and which of them go first. What comes is in the window, where the least recently used leaves; on its way out it is compared with those of the rest that would have to go for it, and stays only
 * if it was asked for more often than they were: W-TinyLFU (Einziger, Friedman and Manes, 2017). So what is asked for once never takes the room of what is asked for again and again. Each variant of a key comes, is counted and goes
 * by itself: otherwise whoever makes up variants of one URL would have them taken for something that is asked for all the time.
 */
export class RowTable {
  readonly #options: RowTableOptions;
  readonly #sketch: FrequencySketch | undefined;
  readonly #window: Entries = newEntries();
  /** What has proved itself, or came when there was room. */
  readonly #main: Entries = newEntries();
  /** The responses of those keys that have several. */
  readonly #several = new Map<CacheKey, readonly Handle[]>();
  #bytesOfSeveral = 0;
  /** Of key and variant, by handle: what is used most need not be hashed anew each time. */
  #hashes = new Uint32Array(64);
  /** What was used last: all of a key, or what has come for it. */
  #lastKey: CacheKey | undefined;
  #lastHandle: Handle = noHandle;

  constructor(options: RowTableOptions) {
    this.#options = options;
    this.#sketch = options.sketch;
  }

  /** Responses in here. */
  get size(): number {
    return this.#main.size + this.#window.size;
  }

  /** Bytes of all of them, with their keys. */
  get bytes(): number {
    return this.#main.calculatedSize + this.#window.calculatedSize + this.#bytesOfSeveral;
  }

  /** The row of a key, which is a use of it; where there are several responses, `used` is told which. */
  use(key: CacheKey): Row | undefined {
    const row = this.touch(key);
    if (typeof row === 'number') this.#sketch?.count(this.#hashes[row] as number, this.size);
    return row;
  }

  /** A use of one of several. */
  used(handle: Handle): void {
    if (this.#main.get(handle) === undefined) this.#window.get(handle);
    this.#sketch?.count(this.#hashes[handle] as number, this.size);
  }

  /** The row of a key that was asked for before, and counted. */
  touch(key: CacheKey): Row | undefined {
    const row = (this.#main.get(key) ?? this.#window.get(key) ?? this.#several.get(key)) as Row | undefined;
    if (row === undefined) return undefined;
    this.#lastKey = key;
    this.#lastHandle = noHandle;
    return row;
  }

  /** The same for who only looks on. */
  peek(key: CacheKey): Row | undefined {
    return (this.#main.peek(key) ?? this.#window.peek(key) ?? this.#several.get(key)) as Row | undefined;
  }

  /** Puts a response behind the others of its key, into the window, as the last used. */
  add({ key, variant }: Coming, handle: Handle, bytes: number): void {
    const row = this.peek(key);
    if (row === undefined) {
      this.#window.set(key, handle, { size: bytes + this.#options.weightOfKey(key) });
    } else {
      const own = typeof row === 'number' ? this.#part(key, row) : this.#keyOf(row[0] as Handle);
      this.#several.set(own, [...handlesOf(row), handle]);
      this.#window.set(handle, own, { size: bytes + this.#options.weightOfVariant });
    }
    this.#lastKey = undefined;
    this.#lastHandle = handle;
    if (this.#sketch !== undefined) this.#keepHash(handle, this.#sketch.hashOf(key, variant));
  }

  /** Puts a response behind the others of its key. */
  toEnd(key: CacheKey, handle: Handle): void {
    const row = this.#several.get(key);
    if (row !== undefined) this.#several.set(key, [...row.filter((each) => each !== handle), handle]);
  }

  /** Takes a response away. */
  take(key: CacheKey, handle: Handle): void {
    this.#remove({ key, handle }, 'taken');
  }

  /** Takes all responses of a key away. */
  remove(key: CacheKey): void {
    for (const handle of handlesOf(this.peek(key))) this.take(key, handle);
  }

  /** Counts that something is to come that is not here. */
  asked({ key, variant }: Coming): void {
    this.#sketch?.count(this.#sketch.hashOf(key, variant), this.size);
  }

  /** Whether something of so many bytes may have others go for `growth` more of them: those in the window in any case, of the rest what is asked for less often. */
  mayDisplace({ key, variant }: Coming, growth: number, bytes: number): boolean {
    if (this.#window.calculatedSize >= growth) return true;
    const count = this.#sketch === undefined ? 0 : this.#sketch.of(this.#sketch.hashOf(key, variant));
    return this.#outweighed(count, bytes, false) !== undefined;
  }

  /** Keys that were used last, the latest of those in the window and of the others by turns: first those that were used more than once. */
  lastUsed(most: number): readonly CacheKey[] {
    const proven = new Set<CacheKey>();
    const others = new Set<CacheKey>();
    const left = new Set([this.#window, this.#main].map((table) => held(table, table.keys())));
    for (let looked = 0; left.size > 0 && proven.size < most && looked < most * lookedAtForEach; ) {
      for (const responses of left) {
        const next = responses.next();
        if (next.done === true) left.delete(responses);
        else (this.#isProven(next.value.handle) ? proven : others).add(next.value.key);
        looked++;
      }
    }
    return [...new Set([...proven, ...others])].slice(0, most);
  }

  /**
   * Has something go, so that there are fewer bytes. False where there is nothing that may.
   *
   * @param heldBytes What exchanges hold beside the rows: most of it will be in the window.
   * @param sparesLast Whether that stays which was used last.
   */
  evict(heldBytes: number, sparesLast: boolean): boolean {
    const candidate = this.#oldestInWindow(sparesLast);
    if (candidate !== undefined && this.#leavesWindow(candidate, heldBytes)) {
      this.#leaveWindow(candidate, sparesLast);
      return true;
    }
    const [weakest] = this.#few(sparesLast);
    const leaving = weakest ?? candidate;
    if (leaving === undefined) return false;
    this.#remove(leaving, 'room');
    return true;
  }

  /** Has what does not fit into the window go to the rest, as nothing has to go for it. `heldBytes` as of `evict`. */
  settle(heldBytes: number): void {
    if (this.#sketch === undefined) return;
    while (this.#window.size > 1 && this.#window.calculatedSize + heldBytes > this.#options.windowBytes) {
      const oldest = this.#oldestInWindow(false);
      if (oldest !== undefined) this.#toMain(oldest);
    }
  }

  #keepHash(handle: Handle, hash: number): void {
    if (handle >= this.#hashes.length) {
      const hashes = new Uint32Array(Math.max(handle + 1, this.#hashes.length * 2));
      hashes.set(this.#hashes);
      this.#hashes = hashes;
    }
    this.#hashes[handle] = hash;
  }

  /** Of one of several. */
  #keyOf(handle: Handle): CacheKey {
    return (this.#main.peek(handle) ?? this.#window.peek(handle)) as CacheKey;
  }

  /** Has the only response of a key be the first of several. */
  #part(key: CacheKey, handle: Handle): CacheKey {
    const weightOfKey = this.#options.weightOfKey(key);
    const table = this.#main.has(key) ? this.#main : this.#window;
    const size = bytesOf(table, key) - weightOfKey + this.#options.weightOfVariant;
    table.delete(key);
    table.set(handle, key, { size });
    this.#bytesOfSeveral += weightOfKey;
    return key;
  }

  /** Has the one that is left of several be the only response of its key. */
  #join(key: CacheKey, handle: Handle): void {
    const weightOfKey = this.#options.weightOfKey(key);
    const table = this.#main.has(handle) ? this.#main : this.#window;
    const size = bytesOf(table, handle) + weightOfKey - this.#options.weightOfVariant;
    // The very string that is kept already: that of who asks may hold the whole of a request.
    const own = this.#keyOf(handle);
    table.delete(handle);
    table.set(own, handle, { size });
    this.#several.delete(key);
    this.#bytesOfSeveral -= weightOfKey;
  }

  /** Whether a response was asked for before, as far as is known. */
  #isProven(handle: Handle): boolean {
    return this.#sketch === undefined || this.#countOf(handle) >= leastProven;
  }

  #countOf(handle: Handle): number {
    return this.#sketch === undefined ? 0 : this.#sketch.of(this.#hashes[handle] as number);
  }

  #oldestInWindow(sparesLast: boolean): Held | undefined {
    for (const each of held(this.#window, this.#window.rkeys())) if (!sparesLast || !this.#isLast(each)) return each;
    return undefined;
  }

  #isLast({ key, handle }: Held): boolean {
    return handle === this.#lastHandle || key === this.#lastKey;
  }

  #leavesWindow({ handle }: Held, heldBytes: number): boolean {
    const { windowBytes } = this.#options;
    if (this.#sketch === undefined || this.#main.size === 0) return true;
    const bytes = this.#window.calculatedSize + heldBytes;
    if (bytes > windowBytes) return true;
    return bytes > windowBytes * unprovenShare && !this.#isProven(handle);
  }

  /** The candidate takes the room of others, or goes. */
  #leaveWindow(candidate: Held, sparesLast: boolean): void {
    if (this.#sketch === undefined || this.#main.size === 0) {
      this.#remove(candidate, 'room');
      return;
    }
    const bytes = bytesOf(this.#window, this.#entryOf(candidate));
    const victims = this.#outweighed(this.#countOf(candidate.handle), bytes, sparesLast);
    if (victims === undefined) {
      this.#remove(candidate, 'unproven');
      return;
    }
    for (const victim of victims) this.#remove(victim, 'room');
    this.#toMain(candidate);
  }

  /** Those that something takes the place of which has so many bytes and was asked for so often; undefined where they are worth more. */
  #outweighed(count: number, bytes: number, sparesLast: boolean): readonly Weighed[] | undefined {
    if (count < leastProven) return undefined;
    const victims: Weighed[] = [];
    let freed = 0;
    let sum = 0;
    for (const victim of this.#leastFirst(sparesLast)) {
      if (freed >= bytes) break;
      victims.push(victim);
      freed += victim.bytes;
      sum += victim.count;
      if (!outweighs(count, sum, victims.length)) return undefined;
    }
    return victims.length === 0 ? undefined : victims;
  }

  /** The rest, from the least recently used on: of each few, those that were used least often first. */
  *#leastFirst(sparesLast: boolean): Generator<Weighed> {
    const responses = held(this.#main, this.#main.rkeys());
    for (;;) {
      const few = this.#few(sparesLast, responses);
      if (few.length === 0) return;
      yield* few;
    }
  }

  #few(sparesLast: boolean, responses = held(this.#main, this.#main.rkeys())): readonly Weighed[] {
    const few: Weighed[] = [];
    while (few.length < compared) {
      const { value: each, done } = responses.next();
      if (done === true) break;
      if (sparesLast && this.#isLast(each)) continue;
      const { key, handle } = each;
      few.push({ key, handle, bytes: bytesOf(this.#main, this.#entryOf(each)), count: this.#countOf(handle) });
    }
    return few.sort((one, other) => one.count - other.count);
  }

  #entryOf({ key, handle }: Held): CacheKey | Handle {
    return this.#several.has(key) ? handle : key;
  }

  #toMain(one: Held): void {
    const entry = this.#entryOf(one);
    const size = bytesOf(this.#window, entry);
    this.#window.delete(entry);
    this.#main.set(entry, entry === one.key ? one.handle : one.key, { size });
  }

  #remove(one: Held, cause: Removal): void {
    const { key, handle } = one;
    const entry = this.#entryOf(one);
    if (!this.#main.delete(entry)) this.#window.delete(entry);
    const rest = this.#several.get(key)?.filter((each) => each !== handle);
    if (rest?.length === 1) this.#join(key, rest[0] as Handle);
    else if (rest !== undefined) this.#several.set(key, rest);
    this.#options.onRemoved(handle, key, cause);
  }
}

function newEntries(): Entries {
  // Only so that it adds up the sizes: what has to go is decided here and by whoever knows the rest of the memory.
  return new LRUCache({ maxSize: Number.MAX_SAFE_INTEGER });
}

/** What lies at these entries of a table. */
function* held(table: Entries, entries: Iterable<CacheKey | Handle>): Generator<Held, undefined> {
  for (const entry of entries) {
    const other = table.peek(entry) as CacheKey | Handle;
    yield typeof entry === 'number'
      ? { key: other as CacheKey, handle: entry }
      : { key: entry, handle: other as Handle };
  }
}

/** More often than all of them together; or as often as is counted at all, if not all of them were: so what is large and asked for all the time has its place, too. */
function outweighs(count: number, sum: number, victims: number): boolean {
  return count > sum || (count === mostCounted && sum < mostCounted * victims);
}

function bytesOf(table: Entries, entry: CacheKey | Handle): number {
  return table.info(entry)?.size ?? 0;
}
