import type { CacheKey } from '../key/cache-key.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Place } from './backing.ts';
import type { Claims } from './claims.ts';
import type { GrowingContent } from './content.ts';
import type { LowerKind, LowerStats } from './lower-stats.ts';
import type { LowerShelf, Placed } from './lower.ts';
import type { MaybePromise } from './maybe-promise.ts';
import { aboutEverything } from './order-text.ts';
import { type Order, unheard } from './orders.ts';
import { idOfPlace, placeOf } from './places.ts';
import type { StoreSelection } from './selection.ts';
import type {
  Nominating,
  Shelved,
  StoreCount,
  StorePage,
  StorePageQuery,
  StorePurge,
  StorePurged,
  StoreRefusal,
  StoreWriter,
} from './store.ts';

/** What was ordered before the shelf was open; more than that becomes one order about everything. */
const mostEarly = 1_000;

const nothing: readonly Shelved[] = [];

/**
 * A shelf that is not open yet: nothing is found on it and nothing put there until it is, or for ever where it can't be opened. What was purged and invalidated by then is so before anything of it is
 * read; and where it is shared, memory begins anew, and what was asked of the origin by then is not kept.
 */
export class OpeningShelf implements LowerShelf {
  readonly #kind: LowerKind;
  #shelf: LowerShelf | undefined;
  #early: ((shelf: LowerShelf) => void)[] = [];
  #listener: (order: Order) => void = () => {};

  constructor(kind: LowerKind) {
    this.#kind = kind;
  }

  /** It is open. */
  open(shelf: LowerShelf): void {
    shelf.onOrder((order) => this.#listener(order));
    for (const order of this.#early) order(shelf);
    this.#early = [];
    this.#shelf = shelf;
    // What others have ordered by then was not heard here: neither of what is in memory nor of what is being asked for.
    if (shelf.claims !== undefined) this.#listener(aboutEverything);
  }

  get claims(): Claims | undefined {
    return this.#shelf?.claims;
  }

  lookup(key: CacheKey, presented?: Nominating, generation?: number): MaybePromise<readonly Shelved[]> {
    return this.#shelf?.lookup(key, presented, generation) ?? nothing;
  }

  peek(key: CacheKey, generation?: number): MaybePromise<readonly Shelved[]> {
    return this.#shelf?.peek(key, generation) ?? nothing;
  }

  begin(
    stored: StoredResponse,
    expectedLength: number | undefined,
    content?: GrowingContent,
  ): StoreWriter | StoreRefusal {
    return this.#shelf?.begin(stored, expectedLength, content) ?? 'store-refused';
  }

  freshen(stored: StoredResponse, updated: StoredResponse): MaybePromise<void> {
    return this.#shelf?.freshen(stored, updated);
  }

  remove(stored: StoredResponse): MaybePromise<void> {
    return this.#shelf?.remove(stored);
  }

  async purge(purge: StorePurge): Promise<StorePurged> {
    if (this.#shelf !== undefined) return this.#shelf.purge(purge);
    this.#remember((shelf) => void shelf.purge(purge).catch(() => undefined));
    return { matched: 0, heard: [unheard(this.#kind)] };
  }

  invalidate(key: CacheKey): MaybePromise<void> {
    if (this.#shelf !== undefined) return this.#shelf.invalidate(key);
    this.#remember((shelf) => void Promise.resolve(shelf.invalidate(key)).catch(() => undefined));
    return undefined;
  }

  invalidateGroup(group: CacheKey): MaybePromise<void> {
    if (this.#shelf !== undefined) return this.#shelf.invalidateGroup(group);
    this.#remember((shelf) => void Promise.resolve(shelf.invalidateGroup(group)).catch(() => undefined));
    return undefined;
  }

  keyOf(id: string): MaybePromise<CacheKey | undefined> {
    return this.#shelf?.keyOf(id);
  }

  async count(selection: StoreSelection): Promise<StoreCount> {
    return this.#shelf?.count(selection) ?? { matched: 0, sample: [] };
  }

  async page(query: StorePageQuery): Promise<StorePage> {
    return this.#shelf?.page(query) ?? { found: [] };
  }

  idOf(placed: Placed): string {
    return idOfPlace(placeOf(placed));
  }

  placeOf(placed: Placed): Place {
    return placeOf(placed);
  }

  at(place: Place): MaybePromise<Shelved | undefined> {
    return this.#shelf?.at(place);
  }

  onOrder(listener: (order: Order) => void): void {
    this.#listener = listener;
  }

  stats(): LowerStats {
    return this.#shelf?.stats() ?? { ...unopened, kind: this.#kind };
  }

  async close(): Promise<void> {
    await this.#shelf?.close();
  }

  #remember(order: (shelf: LowerShelf) => void): void {
    this.#early.push(order);
    if (this.#early.length <= mostEarly) return;
    const everything: StorePurge = { selection: { kind: 'all' }, before: Number.MAX_SAFE_INTEGER };
    this.#early = [(shelf) => void shelf.purge(everything).catch(() => undefined)];
  }
}

const unopened = {
  responses: undefined,
  bytesUsed: undefined,
  bytesLimit: undefined,
  evictions: 0,
  failures: 0,
  damaged: 0,
  isUp: false,
};
