import type { CacheKey } from '../key/cache-key.ts';
import { isSameVariant } from '../key/nominated-fields.ts';
import type { LowerShelf, Placed } from './lower.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { MemoryStore } from './memory.ts';
import { sampleSize, type StoreSelection } from './selection.ts';
import type { StoreCount, StorePage, StorePageQuery } from './store.ts';

/** How often the shelf beneath is asked for one page while memory has all that it names. */
const mostPages = 16;

/** Between the name on the shelf beneath, which is the same in every process, and that in memory. */
const separator = '~';

/** What lies in memory and what lies beneath it, listed together: memory first, and then what is beneath alone. */
export class TieredPages {
  readonly #memory: MemoryStore;
  readonly #lower: LowerShelf;

  constructor(memory: MemoryStore, lower: LowerShelf) {
    this.#memory = memory;
    this.#lower = lower;
  }

  /** How many there are, each counted once: what is in memory mostly lies beneath too, so that the greater number is that of all. */
  async count(selection: StoreSelection): Promise<StoreCount> {
    const [inMemory, beneath] = await Promise.all([
      this.#memory.count(this.inMemory(selection)),
      this.#lower.count(this.beneath(selection)).catch(() => nothingCounted),
    ]);
    const sample = new Set([...inMemory.sample, ...beneath.sample]);
    return { matched: Math.max(inMemory.matched, beneath.matched), sample: [...sample].slice(0, sampleSize) };
  }

  keyOf(id: string): MaybePromise<CacheKey | undefined> {
    const [name = '', nameInMemory = ''] = id.split(separator);
    return this.#memory.keyOf(nameInMemory) ?? this.#lower.keyOf(name);
  }

  async page(query: StorePageQuery): Promise<StorePage> {
    const { cursor, limit } = query;
    if (cursor?.startsWith('l') === true) return this.#pageBeneath(query, cursor.slice(1) || undefined);
    const asked = { ...query, cursor: cursor?.slice(1), selection: this.inMemory(query.selection) };
    const page = await this.#memory.page(asked);
    const found = page.found.map(({ id, shelved }) => ({
      id: `${this.#lower.idOf(shelved.stored)}${separator}${id}`,
      shelved,
    }));
    if (page.cursor !== undefined) return { found, cursor: `m${page.cursor}` };
    if (found.length === limit) return { found, cursor: 'l' };
    const rest = await this.#pageBeneath({ ...query, limit: limit - found.length }, undefined);
    return { ...rest, found: [...found, ...rest.found] };
  }

  /** What lies beneath and not in memory. */
  async #pageBeneath(query: StorePageQuery, from: string | undefined): Promise<StorePage> {
    const selection = this.beneath(query.selection);
    let cursor = from;
    for (let pages = 0; pages < mostPages; pages++) {
      const page = await this.#lower.page({ ...query, selection, cursor }).catch((): StorePage => ({ found: [] }));
      const found = page.found.filter(({ shelved }) => !this.#isInMemory(shelved.stored));
      if (page.cursor === undefined) return { found };
      cursor = page.cursor;
      if (found.length > 0) return { found, cursor: `l${cursor}` };
    }
    return { found: [], cursor: `l${cursor}` };
  }

  #isInMemory(stored: Placed): boolean {
    return this.#memory.peek(stored.key).some((each) => isSameVariant(each.stored, stored));
  }

  /** A selection as memory knows it: it has names of its own. */
  inMemory(selection: StoreSelection): StoreSelection {
    if (selection.kind !== 'one') return selection;
    const [name = '', nameInMemory = ''] = selection.id.split(separator);
    const key = this.#memory.keyOf(nameInMemory) ?? selection.key;
    const found = key === undefined ? [] : this.#memory.peek(key);
    const shelved = found.find(({ stored }) => this.#lower.idOf(stored) === name);
    const id = shelved === undefined ? undefined : this.#memory.idOf(shelved.stored);
    return { kind: 'one', id: id ?? '' };
  }

  /** The same as the shelf beneath knows it. */
  beneath(selection: StoreSelection): StoreSelection {
    if (selection.kind !== 'one') return selection;
    return { ...selection, id: selection.id.split(separator)[0] ?? '' };
  }
}

const nothingCounted: StoreCount = { matched: 0, sample: [] };
