import { LRUCache } from 'lru-cache';
import type { CacheKey } from '../key/cache-key.ts';
import { type FrequencySketch, mostCounted } from './frequency-sketch.ts';
import type { Handle } from './cells.ts';
import { firstOf, type Row } from './row.ts';

export interface RowTableOptions {
  /** For what has come of late and did not have to prove itself yet. */
  readonly windowBytes: number;
  /** How often keys were used; absent where that is not counted: then what was used least recently goes first. */
  readonly sketch: FrequencySketch | undefined;
  /** A row has left the table. */
  readonly onRemoved: (row: Row, key: CacheKey, cause: Removal) => void;
}

/** Why a row has left: it was taken away; there was no room; or it had not been asked for often enough to take the room of others. */
export type Removal = 'taken' | 'room' | 'unproven';

/** So many of those that were used least recently are compared for the one that has to go. */
const compared = 8;

/** What came once, and not again while it was in the window, takes the room of nothing. */
const leastProven = 2;

/** What has not proved itself gives way down to this share of the window, so that what is held for exchanges can grow and shrink at no cost of what has. */
const unprovenShare = 1 / 2;

/** So many keys are looked at for each that is named among those used last. */
const lookedAtForEach = 4;

/** A row that might have to go. */
interface Weighed {
  readonly key: CacheKey;
  readonly bytes: number;
  readonly count: number;
}

/**
 * Rows by key, and which of them go first. What comes is in the window, where the least recently used leaves; on its way out it is compared with those of the rest that would have to go for it, and stays only
 * if it was asked for more often than they were: W-TinyLFU (Einziger, Friedman and Manes, 2017). So what is asked for once never takes the room of what is asked for again and again.
 */
export class RowTable {
  readonly #windowBytes: number;
  readonly #sketch: FrequencySketch | undefined;
  readonly #window: LRUCache<CacheKey, Row>;
  /** What has proved itself, or came when there was room. */
  readonly #main: LRUCache<CacheKey, Row>;
  /** Of the key of each row, by the first handle of that: what is used most need not be hashed anew each time. */
  #hashes = new Uint32Array(64);
  readonly #onRemoved: RowTableOptions['onRemoved'];
  /** A row on its way from the window to the rest leaves nothing. */
  #isMoving = false;
  #removal: Removal = 'taken';
  #lastUsed: CacheKey | undefined;

  constructor({ windowBytes, sketch, onRemoved }: RowTableOptions) {
    this.#windowBytes = windowBytes;
    this.#sketch = sketch;
    this.#onRemoved = onRemoved;
    this.#window = this.#table();
    this.#main = this.#table();
  }

  /** Rows in here. */
  get size(): number {
    return this.#main.size + this.#window.size;
  }

  /** Bytes of all rows. */
  get bytes(): number {
    return this.#main.calculatedSize + this.#window.calculatedSize;
  }

  /** The row of a key, which is a use of it. */
  use(key: CacheKey): Row | undefined {
    const row = this.#main.get(key) ?? this.#window.get(key);
    if (row === undefined) return undefined;
    this.#lastUsed = key;
    this.#sketch?.count(this.#hashes[firstOf(row)] as number, this.size);
    return row;
  }

  /** The same where that was asked for before, and counted. */
  touch(key: CacheKey): Row | undefined {
    return this.#main.get(key) ?? this.#window.get(key);
  }

  /** The same for who only looks on. */
  peek(key: CacheKey): Row | undefined {
    return this.#main.peek(key) ?? this.#window.peek(key);
  }

  /** Puts a row where that of its key lies, as the last used; a new one into the window. */
  set(key: CacheKey, row: Row, bytes: number): void {
    this.#lastUsed = key;
    if (this.#sketch !== undefined) this.#keepHash(firstOf(row), this.#sketch.hashOf(key));
    (this.#main.has(key) ? this.#main : this.#window).set(key, row, { size: bytes });
  }

  remove(key: CacheKey): void {
    if (!this.#main.delete(key)) this.#window.delete(key);
  }

  /** Counts that something is to come that is not here. */
  asked(key: CacheKey): void {
    this.#sketch?.count(this.#sketch.hashOf(key), this.size);
  }

  /** Whether the key was asked for before, as far as is known. */
  isProven(key: CacheKey): boolean {
    return this.#sketch === undefined || this.#countOf(key) >= leastProven;
  }

  /** Whether something of so many bytes may have others go for `growth` more of them: those in the window in any case, of the rest what is asked for less often. */
  mayDisplace(key: CacheKey, growth: number, bytes: number): boolean {
    return this.#window.calculatedSize >= growth || this.#outweighed(key, bytes) !== undefined;
  }

  /** Keys that were used last, the latest of those in the window and of the others by turns: first those that were used more than once. */
  lastUsed(most: number): readonly CacheKey[] {
    const proven: CacheKey[] = [];
    const others: CacheKey[] = [];
    const left = new Set([this.#window.keys(), this.#main.keys()]);
    for (let looked = 0; left.size > 0 && proven.length < most && looked < most * lookedAtForEach; ) {
      for (const keys of left) {
        const next = keys.next();
        if (next.done === true) left.delete(keys);
        else (this.isProven(next.value) ? proven : others).push(next.value);
        looked++;
      }
    }
    return [...proven, ...others].slice(0, most);
  }

  /**
   * Has something go, so that there are fewer bytes. False where there is nothing that may.
   *
   * @param heldBytes What exchanges hold beside the rows: most of it will be in the window.
   * @param sparesLast Whether the row that was used last stays.
   */
  evict(heldBytes: number, sparesLast: boolean): boolean {
    const spared = sparesLast ? this.#lastUsed : undefined;
    const candidate = oldest(this.#window, spared);
    if (candidate !== undefined && this.#leavesWindow(candidate, heldBytes)) {
      this.#leaveWindow(candidate, spared);
      return true;
    }
    const [weakest] = this.#few(spared);
    const leaving = weakest?.key ?? candidate;
    if (leaving === undefined) return false;
    this.#evict(leaving, 'room');
    return true;
  }

  /** Has what does not fit into the window go to the rest, as nothing has to go for it. `heldBytes` as of `evict`. */
  settle(heldBytes: number): void {
    if (this.#sketch === undefined) return;
    while (this.#window.size > 1 && this.#window.calculatedSize + heldBytes > this.#windowBytes) {
      const key = oldest(this.#window, undefined);
      if (key !== undefined) this.#toMain(key);
    }
  }

  #table(): LRUCache<CacheKey, Row> {
    return new LRUCache<CacheKey, Row>({
      // Only so that it adds up the sizes: what has to go is decided here and by whoever knows the rest of the memory.
      maxSize: Number.MAX_SAFE_INTEGER,
      dispose: (row, key, reason) => {
        if (reason !== 'set' && !this.#isMoving) this.#onRemoved(row, key, this.#removal);
      },
    });
  }

  #keepHash(handle: Handle, hash: number): void {
    if (handle >= this.#hashes.length) {
      const hashes = new Uint32Array(Math.max(handle + 1, this.#hashes.length * 2));
      hashes.set(this.#hashes);
      this.#hashes = hashes;
    }
    this.#hashes[handle] = hash;
  }

  #countOf(key: CacheKey): number {
    return this.#sketch === undefined ? 0 : this.#sketch.of(this.#sketch.hashOf(key));
  }

  #leavesWindow(candidate: CacheKey, heldBytes: number): boolean {
    if (this.#sketch === undefined || this.#main.size === 0) return true;
    const bytes = this.#window.calculatedSize + heldBytes;
    if (bytes > this.#windowBytes) return true;
    return bytes > this.#windowBytes * unprovenShare && !this.isProven(candidate);
  }

  /** The candidate takes the room of others, or goes. */
  #leaveWindow(candidate: CacheKey, spared: CacheKey | undefined): void {
    if (this.#sketch === undefined || this.#main.size === 0) {
      this.#evict(candidate, 'room');
      return;
    }
    const victims = this.#outweighed(candidate, bytesOf(this.#window, candidate), spared);
    if (victims === undefined) {
      this.#evict(candidate, 'unproven');
      return;
    }
    for (const { key } of victims) this.#evict(key, 'room');
    this.#toMain(candidate);
  }

  /** Those that something of so many bytes takes the place of; undefined where they are worth more. */
  #outweighed(key: CacheKey, bytes: number, spared?: CacheKey): readonly Weighed[] | undefined {
    const count = this.#countOf(key);
    if (count < leastProven) return undefined;
    const victims: Weighed[] = [];
    let freed = 0;
    let sum = 0;
    for (const victim of this.#leastFirst(spared)) {
      if (freed >= bytes) break;
      victims.push(victim);
      freed += victim.bytes;
      sum += victim.count;
      if (!outweighs(count, sum, victims.length)) return undefined;
    }
    return victims.length === 0 ? undefined : victims;
  }

  /** The rest, from the least recently used on: of each few, those that were used least often first. */
  *#leastFirst(spared: CacheKey | undefined): Generator<Weighed> {
    const keys = this.#main.rkeys();
    for (;;) {
      const few = this.#few(spared, keys);
      if (few.length === 0) return;
      yield* few;
    }
  }

  #few(spared: CacheKey | undefined, keys = this.#main.rkeys()): readonly Weighed[] {
    const few: Weighed[] = [];
    while (few.length < compared) {
      const { value: key, done } = keys.next();
      if (done === true) break;
      if (key !== spared) few.push({ key, bytes: bytesOf(this.#main, key), count: this.#countOf(key) });
    }
    return few.sort((one, other) => one.count - other.count);
  }

  #toMain(key: CacheKey): void {
    const row = this.#window.peek(key);
    if (row === undefined) return;
    const bytes = bytesOf(this.#window, key);
    this.#isMoving = true;
    this.#window.delete(key);
    this.#isMoving = false;
    this.#main.set(key, row, { size: bytes });
  }

  #evict(key: CacheKey, removal: Removal): void {
    this.#removal = removal;
    this.remove(key);
    this.#removal = 'taken';
  }
}

/** More often than all of them together; or as often as is counted at all, if not all of them were: so what is large and asked for all the time has its place, too. */
function outweighs(count: number, sum: number, victims: number): boolean {
  return count > sum || (count === mostCounted && sum < mostCounted * victims);
}

function oldest(table: LRUCache<CacheKey, Row>, spared: CacheKey | undefined): CacheKey | undefined {
  for (const key of table.rkeys()) if (key !== spared) return key;
  return undefined;
}

function bytesOf(table: LRUCache<CacheKey, Row>, key: CacheKey): number {
  return table.info(key)?.size ?? 0;
}
