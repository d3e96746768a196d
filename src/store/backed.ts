import type { CacheKey } from '../key/cache-key.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Backing, Place } from './backing.ts';
import { BackedListing } from './backed-listing.ts';
import { BackedLookup } from './backed-lookup.ts';
import { BackedPutting } from './backed-putting.ts';
import { BackedRecords, type ShelfRules } from './backed-records.ts';
import { BackedWriter } from './backed-writer.ts';
import type { Claims } from './claims.ts';
import type { GrowingContent } from './content.ts';
import type { LowerKind, LowerStats } from './lower-stats.ts';
import type { LowerShelf, Placed } from './lower.ts';
import type { MaybePromise } from './maybe-promise.ts';
import { OrderDoing } from './order-doing.ts';
import { OrdersInForce } from './orders-in-force.ts';
import { type Order, unheard } from './orders.ts';
import { idOfPlace, isKin, placeOf, placeOfId } from './places.ts';
import { type ShelfClock, wallTimeOf } from './shelf-clock.ts';
import { Sweeping } from './sweeping.ts';
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

export interface BackedShelfOptions {
  readonly backing: Backing;
  readonly kind: LowerKind;
  readonly clock: ShelfClock;
  readonly rules: ShelfRules;
  /** For one response, head and content. */
  readonly maxObjectBytes: number;
  /** For one target URI; what was put there longest ago goes first. */
  readonly maxVariants: number;
  /** Most names of a kind (targets, tags, groups) of which orders are remembered one by one; beyond that, what was stored before the oldest of them is not used any more. */
  readonly maxOrderedNames: number;
  readonly claims?: Claims;
}

/**
 * A shelf over a backing: stored responses, under orders of its own and of others who share it. What is found is compared with its key, its sums and the orders that there were by then; trouble is
 * a miss, a refusal, or an order that is done later.
 */
export class BackedShelf implements LowerShelf {
  readonly claims?: Claims;
  readonly #options: BackedShelfOptions;
  readonly #backing: Backing;
  readonly #orders: OrdersInForce;
  readonly #records: BackedRecords;
  readonly #doing: OrderDoing;
  readonly #putting: BackedPutting;
  readonly #looking: BackedLookup;
  readonly #listing: BackedListing;
  #onOrder: (order: Order) => void = () => {};

  constructor(options: BackedShelfOptions) {
    const { backing, clock, rules, maxOrderedNames, claims } = options;
    this.#options = options;
    this.#backing = backing;
    if (claims !== undefined) this.claims = claims;
    const orders = new OrdersInForce({
      log: backing.log,
      clock,
      equivalence: rules,
      maxNames: maxOrderedNames,
      onOthers: (order) => this.#onOrder(order),
      onKept: (numbered) => void this.#doing.do(numbered),
    });
    const records = new BackedRecords({ backing, clock, rules, orders });
    const sweeping = new Sweeping({ backing, records, equivalence: rules });
    this.#orders = orders;
    this.#records = records;
    this.#doing = new OrderDoing({ backing, clock, orders, sweeping });
    this.#putting = new BackedPutting({ ...options, orders, records });
    this.#looking = new BackedLookup({ backing, orders, records });
    this.#listing = new BackedListing({ backing, rules, records, sweeping, orders });
  }

  lookup(key: CacheKey, presented?: Nominating, generation = 0): MaybePromise<readonly Shelved[]> {
    return this.#looking.lookup({ key, presented, generation });
  }

  peek(key: CacheKey, generation = 0): MaybePromise<readonly Shelved[]> {
    return this.lookup(key, undefined, generation);
  }

  begin(
    stored: StoredResponse,
    expectedLength: number | undefined,
    content?: GrowingContent,
  ): StoreWriter | StoreRefusal {
    const { maxObjectBytes } = this.#options;
    if ((expectedLength ?? 0) > maxObjectBytes) return 'too-large';
    // Where nobody goes over all that lies there, an order about its target would not find it.
    if (!this.#backing.isSwept && isKin(stored)) return 'store-refused';
    const draft = this.#putting.draft(stored, expectedLength);
    if (draft === undefined) return 'store-refused';
    this.#looking.met(stored.nominatedFields);
    const put = this.#putting.put.bind(this.#putting);
    return new BackedWriter({ draft, expectedLength, content, maxBytes: maxObjectBytes, put });
  }

  freshen(stored: StoredResponse, updated: StoredResponse): Promise<void> {
    return this.#putting.freshen(stored, updated);
  }

  remove(stored: StoredResponse): Promise<void> {
    return this.#putting.remove(stored);
  }

  async purge({ selection, expire, expiredAt }: StorePurge): Promise<StorePurged> {
    const { clock } = this.#options;
    if (expire === undefined) return this.#give({ kind: 'purge', selection });
    const at = wallTimeOf(expiredAt ?? clock.steady(), clock);
    return this.#give({ kind: 'purge', selection, expiredAt: at });
  }

  async invalidate(key: CacheKey): Promise<void> {
    await this.#give({ kind: 'invalidate', key });
  }

  /** Nobody waits until all of it was gone over. */
  async invalidateGroup(group: CacheKey): Promise<void> {
    const order: Order = { kind: 'invalidate-group', group };
    const given = await this.#orders.give(order);
    if (given === undefined) return;
    void this.#doing.do({ number: given.number, order });
    await given.heard.catch(() => undefined);
  }

  async keyOf(id: string): Promise<CacheKey | undefined> {
    const place = placeOfId(id);
    const shelved = place && (await this.at(place));
    return shelved?.stored.key;
  }

  async at(place: Place): Promise<Shelved | undefined> {
    const opened = await this.#listing.at(place);
    return opened && this.#records.shelvedForUse(opened, 0);
  }

  count(selection: StoreSelection): Promise<StoreCount> {
    return this.#listing.count(selection);
  }

  page(query: StorePageQuery): Promise<StorePage> {
    return this.#listing.page(query);
  }

  idOf(placed: Placed): string {
    return idOfPlace(placeOf(placed));
  }

  placeOf(placed: Placed): Place {
    return placeOf(placed);
  }

  onOrder(listener: (order: Order) => void): void {
    this.#onOrder = listener;
  }

  stats(): LowerStats {
    return { ...this.#backing.stats(), kind: this.#options.kind, damaged: this.#records.damaged };
  }

  async close(): Promise<void> {
    this.#orders.close();
    await Promise.all([this.#doing.close(), this.#putting.close()]);
    await this.#backing.close();
  }

  /** In force from the call on; resolves when it is done, as far as anybody waits for that. */
  async #give(order: Order): Promise<StorePurged> {
    const nobody = [unheard(this.#options.kind)];
    const given = await this.#orders.give(order);
    if (given === undefined) return { matched: 0, heard: nobody };
    const [matched, heard] = await Promise.all([
      this.#doing.do({ number: given.number, order }),
      given.heard.catch(() => nobody),
    ]);
    return { matched, heard };
  }
}
