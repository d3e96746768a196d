import type { CacheKey } from '../key/cache-key.ts';
import { isSameVariant } from '../key/nominated-fields.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Place } from './backing.ts';
import { betterOf, merged } from './both-tiers.ts';
import { Changes } from './changes.ts';
import type { Claims } from './claims.ts';
import type { Content } from './content.ts';
import type { LowerKind } from './lower-stats.ts';
import type { LowerShelf } from './lower.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { MemoryStore } from './memory.ts';
import type { Order } from './orders.ts';
import { Promotions } from './promotions.ts';
import { type Reading, Readings } from './readings.ts';
import type { StoreSelection } from './selection.ts';
import { drawSerial } from './serials.ts';
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
import { type OrderTimes, purgeOf } from './tiered-orders.ts';
import { TieredPages } from './tiered-pages.ts';
import { type CommittingWriters, TieredWriter } from './tiered-writer.ts';

export interface TieredParts extends OrderTimes {
  /** It takes the serials that it is given. */
  readonly memory: MemoryStore;
  readonly lower: LowerShelf;
  readonly kind: LowerKind;
}

const nothingPurged: StorePurged = { matched: 0, heard: [] };

/** What heard of no order belongs to this generation: an order of others is about all that is here. */
const everything = Number.MAX_SAFE_INTEGER;

/**
 * Memory over a shelf that outlasts the process. Whatever is used is brought into memory, or read from beneath in pieces where that has no room for it; whatever is stored goes to both, and so do changes, purges and
 * invalidations: these are in force in both when a call returns. Both know a response by the same serial, which is drawn here. Trouble beneath is as if nothing were there.
 */
export class TieredStore implements Store {
  readonly #memory: MemoryStore;
  readonly #lower: LowerShelf;
  readonly #parts: TieredParts;
  readonly #changes = new Changes();
  readonly #readings = new Readings(this.#changes);
  readonly #promotions: Promotions;
  readonly #pages: TieredPages;
  /** What is being put beneath alone: who asks for it next waits for that, and not for the origin. */
  readonly #arriving = new Map<CacheKey, Promise<boolean>>();
  /** Serials of what is being taken off the shelf beneath: there it may be found until that is done. */
  readonly #leaving = new Set<number>();
  /** The latest that anybody has told: what is found by itself counts for as old as that, at the most. */
  #generation = 0;
  #onOrder: (order: Order) => number = () => everything;
  #onBrought: (stored: StoredResponse) => void = () => {};

  constructor(parts: TieredParts) {
    const { memory, lower } = parts;
    this.#parts = parts;
    this.#memory = memory;
    this.#lower = lower;
    this.#promotions = new Promotions(memory, this.#changes);
    this.#pages = new TieredPages(memory, lower);
    lower.onOrder((order) => this.#obey(order));
  }

  get claims(): Claims | undefined {
    return this.#lower.claims;
  }

  atHand(key: CacheKey, presented?: Nominating): readonly Shelved[] {
    return this.#memory.lookup(key, presented);
  }

  lookup(key: CacheKey, presented?: Nominating, generation = 0): MaybePromise<readonly Shelved[]> {
    this.#generation = Math.max(this.#generation, generation);
    const arriving = this.#arriving.get(key);
    if (arriving !== undefined) return arriving.then(() => this.lookup(key, presented, generation));
    return this.#lookup(key, presented, generation);
  }

  #lookup(key: CacheKey, presented: Nominating | undefined, generation: number): MaybePromise<readonly Shelved[]> {
    const reading = this.#readings.read(key, () => this.#lower.lookup(key, presented, generation));
    const use = (read: Reading): readonly Shelved[] => {
      const inMemory = this.#memory.lookup(key, presented);
      const beneath = this.#better(read.shelf, inMemory);
      if (read.changes === this.#changes.count) for (const shelved of beneath) this.#promote(shelved, presented);
      return merged(inMemory, beneath);
    };
    return reading instanceof Promise ? reading.then(use) : use(reading);
  }

  peek(key: CacheKey, generation = 0): MaybePromise<readonly Shelved[]> {
    const reading = this.#readings.read(key, () => this.#lower.peek(key, generation));
    const use = ({ shelf }: Reading): readonly Shelved[] => {
      const inMemory = this.#memory.peek(key);
      return merged(inMemory, this.#better(shelf, inMemory));
    };
    return reading instanceof Promise ? reading.then(use) : use(reading);
  }

  begin(stored: StoredResponse, expectedLength: number | undefined): StoreWriter | StoreRefusal {
    const memory = this.#memory.begin(stored, expectedLength);
    // Beneath there may be room for what is too large; but who passes it on needs some memory, too.
    if (memory === 'store-refused') return memory;
    const writer = new TieredWriter({
      memory,
      beginLower: (content) => this.#lower.begin(stored, expectedLength, content),
      commit: (final, writers) => this.#commit({ ...final, serial: drawSerial() }, writers),
    });
    return writer.refusal ?? writer;
  }

  freshen(stored: StoredResponse, updated: StoredResponse): MaybePromise<void> {
    const head = { ...updated, serial: drawSerial() };
    this.#memory.freshen(stored, head);
    return this.#change(stored.key, (isTooLate) =>
      isTooLate ? this.#lower.remove(stored) : this.#lower.freshen(stored, head),
    );
  }

  remove(stored: StoredResponse): MaybePromise<void> {
    const { key, serial } = stored;
    this.#memory.remove(stored);
    this.#leaving.add(serial);
    const left = (): void => void this.#leaving.delete(serial);
    const done = this.#change(key, () => this.#lower.remove(stored));
    return done instanceof Promise ? done.then(left) : left();
  }

  async purge(purge: StorePurge): Promise<StorePurged> {
    // Both are in force when they have been called: nothing may be waited for before that.
    const { selection } = purge;
    this.#changes.ordered();
    const inMemory = this.#memory.purge({ ...purge, selection: this.#pages.inMemory(selection) });
    const beneath = this.#lower.purge({ ...purge, selection: this.#beneath(selection) }).catch(() => nothingPurged);
    const [{ matched }, below] = await Promise.all([inMemory, beneath]);
    // What is in memory mostly lies beneath too: the greater number is that of all.
    return { matched: Math.max(matched, below.matched), heard: below.heard };
  }

  keyOf(id: string): MaybePromise<CacheKey | undefined> {
    return this.#pages.keyOf(id);
  }

  count(selection: StoreSelection): Promise<StoreCount> {
    return this.#pages.count(selection);
  }

  page(query: StorePageQuery): Promise<StorePage> {
    return this.#pages.page(query);
  }

  invalidate(key: CacheKey): MaybePromise<void> {
    this.#changes.ordered();
    this.#memory.invalidate(key);
    return this.#lower.invalidate(key);
  }

  invalidateGroup(group: CacheKey): MaybePromise<void> {
    this.#changes.ordered();
    this.#memory.invalidateGroup();
    return this.#lower.invalidateGroup(group);
  }

  onOrder(listener: (order: Order) => number): void {
    this.#onOrder = listener;
  }

  onBrought(listener: (stored: StoredResponse) => void): void {
    this.#onBrought = listener;
  }

  used(stored: StoredResponse): void {
    this.#memory.used(stored);
  }

  hold(content: Content): () => void {
    return this.#memory.hold(content);
  }

  reserve(bytes: number): boolean {
    return this.#memory.reserve(bytes);
  }

  charge(bytes: number): void {
    this.#memory.charge(bytes);
  }

  release(bytes: number): void {
    this.#memory.release(bytes);
  }

  /** Brings what lies at a place beneath into memory, where that has nothing of it. */
  async bring(place: Place): Promise<void> {
    const { count: changes } = this.#changes;
    const generation = this.#generation;
    const shelved = await this.#lower.at(place);
    if (shelved === undefined || changes !== this.#changes.count) return;
    const { stored } = shelved;
    const watch = this.#changes.watch(stored.key);
    watch.end();
    const isThere = this.#memory.peek(stored.key).some((each) => isSameVariant(each.stored, stored));
    if (isThere || watch.isStale) return;
    this.#onBrought(stored);
    await this.#promotions.bring({ ...shelved, stored: { ...stored, generation } });
  }

  /** Resolves when what was to be changed beneath is changed: some of it may have to wait for what came before. */
  settled(): Promise<void> {
    return this.#changes.settled();
  }

  stats(): StoreStats {
    return { ...this.#memory.stats(), lower: this.#lower.stats() };
  }

  /** Of what lies beneath, what memory has not, or only an older one of the same variant. */
  #better(beneath: readonly Shelved[], inMemory: readonly Shelved[]): readonly Shelved[] {
    const staying = beneath.filter(({ stored }) => !this.#leaving.has(stored.serial));
    return betterOf(staying, inMemory).map((shelved) => ({ ...shelved, tier: this.#parts.kind }));
  }

  #promote(shelved: Shelved, presented: Nominating | undefined): void {
    const { nominatedFields, variant } = shelved.stored;
    if (presented !== undefined && presented.variant(nominatedFields) !== variant) return;
    this.#promotions.promote(shelved).catch(() => undefined);
  }

  async #commit(stored: StoredResponse, { memory, lower }: CommittingWriters): Promise<boolean> {
    const { key } = stored;
    // At once: who asks next is to find it.
    const inMemory = memory?.commit(stored) === true;
    const beneath = this.#changes.do(key, (isTooLate) => {
      if (isTooLate) lower?.abort();
      return this.#commitBeneath(stored, isTooLate ? undefined : lower, inMemory);
    });
    if (!(beneath instanceof Promise) || inMemory) return (await beneath) || inMemory;
    this.#arriving.set(key, beneath);
    const isBeneath = await beneath;
    if (this.#arriving.get(key) === beneath) this.#arriving.delete(key);
    return isBeneath;
  }

  /** What it takes the place of is not to be found again where it could not be put itself. */
  async #commitBeneath(stored: StoredResponse, lower: StoreWriter | undefined, inMemory: boolean): Promise<boolean> {
    const isBeneath = lower !== undefined && (await committed(lower, stored));
    if (isBeneath && !inMemory) this.#forgetInMemory(stored);
    if (inMemory && !isBeneath) await this.#forgetBeneath(stored).catch(() => undefined);
    return isBeneath;
  }

  #forgetInMemory(newer: StoredResponse): void {
    for (const { stored } of this.#memory.peek(newer.key)) {
      if (isSameVariant(stored, newer) && stored.responseTime <= newer.responseTime) this.#memory.remove(stored);
    }
  }

  async #forgetBeneath(newer: StoredResponse): Promise<void> {
    const there = await this.#lower.at(this.#lower.placeOf(newer));
    if (there !== undefined && there.stored.responseTime <= newer.responseTime) await this.#lower.remove(there.stored);
  }

  /** Changes something beneath that memory has changed already; what fails there is as if it had left: the shelf beneath has counted it. */
  #change(key: CacheKey, change: (isTooLate: boolean) => MaybePromise<void>): MaybePromise<void> {
    try {
      const done = this.#changes.do(key, change);
      return done instanceof Promise ? done.catch(() => undefined) : done;
    } catch {
      return undefined;
    }
  }

  /** With the key of what is named, which those need who share the shelf. */
  #beneath(selection: StoreSelection): StoreSelection {
    const beneath = this.#pages.beneath(selection);
    if (selection.kind !== 'one' || beneath.kind !== 'one' || beneath.key !== undefined) return beneath;
    const key = this.#pages.keyOf(selection.id);
    return typeof key === 'string' ? { ...beneath, key } : beneath;
  }

  /** Puts an order of others in force for what is in memory. */
  #obey(order: Order): void {
    this.#changes.ordered();
    const before = this.#onOrder(order);
    // What is found from now on is as the order has left it.
    if (before !== everything) this.#generation = Math.max(this.#generation, before);
    if (order.kind === 'invalidate') this.#memory.invalidate(order.key);
    if (order.kind !== 'purge') return;
    const purge = purgeOf(order, before, this.#parts);
    void this.#memory.purge({ ...purge, selection: this.#pages.inMemory(order.selection) });
  }
}

async function committed(lower: StoreWriter, stored: StoredResponse): Promise<boolean> {
  try {
    return await lower.commit(stored);
  } catch {
    return false;
  }
}
