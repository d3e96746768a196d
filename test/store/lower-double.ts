import type { CacheKey } from '../../src/key/cache-key.ts';
import type { Place } from '../../src/store/backing.ts';
import type { Content, GrowingContent } from '../../src/store/content.ts';
import type { LowerShelf, Placed } from '../../src/store/lower.ts';
import type { LowerStats } from '../../src/store/lower-stats.ts';
import type { MaybePromise } from '../../src/store/maybe-promise.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import type { Order } from '../../src/store/orders.ts';
import type { StoreSelection } from '../../src/store/selection.ts';
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
} from '../../src/store/store.ts';
import type { StoredResponse } from '../../src/policy/stored.ts';
import { type ContractLimits, contractLimits } from './shelf-contract.ts';

/** Content that has to be brought before it can be read, as that of a large response on a disk. */
export class BroughtContent implements Content {
  readonly complete = true;
  readonly bytesHeld = 0;
  readonly #content: Content;
  readonly #bring: () => Promise<boolean>;
  readonly #brought = new Set<number>();

  /** `bring` is waited for, and tells whether it can be read. */
  constructor(content: Content, bring: () => Promise<boolean>) {
    this.#content = content;
    this.#bring = bring;
  }

  get length(): number {
    return this.#content.length;
  }

  at(offset: number): Uint8Array | undefined {
    return this.#brought.has(offset) ? this.#content.at(offset) : undefined;
  }

  async load(offset: number): Promise<boolean> {
    const isBrought = await this.#bring();
    if (isBrought) this.#brought.add(offset);
    return isBrought;
  }
}

/** A shelf beneath memory that is a second memory: it does what it is told, now or when a test lets it. */
export class LowerDouble implements LowerShelf {
  readonly memory: MemoryStore;
  /** Contents from this size on have to be brought. */
  largeFrom = Number.POSITIVE_INFINITY;
  /** What is waited for before anything is read. */
  pace: Promise<void> | undefined;
  /** And before a change is made. */
  changePace: Promise<void> | undefined;
  /** Before content is brought; whether it is. */
  bring: () => Promise<boolean> = () => Promise.resolve(true);
  looks = 0;
  refuses = false;
  tell: (order: Order) => void = () => {};

  constructor(limits: ContractLimits = contractLimits) {
    this.memory = new MemoryStore({ ...limits, givenSerials: true });
  }

  lookup(key: CacheKey, _presented?: Nominating, generation = 0): MaybePromise<readonly Shelved[]> {
    this.looks++;
    const found = this.memory.lookup(key).map((shelved) => this.#handedOut(shelved, generation));
    return this.pace === undefined ? found : this.pace.then(() => found);
  }

  peek(key: CacheKey, generation?: number): MaybePromise<readonly Shelved[]> {
    return this.lookup(key, undefined, generation);
  }

  begin(
    stored: StoredResponse,
    expectedLength: number | undefined,
    given?: GrowingContent,
  ): StoreWriter | StoreRefusal {
    if (this.refuses) return 'store-refused';
    const writer = this.memory.begin(stored, expectedLength);
    if (typeof writer === 'string' || given === undefined) return writer;
    return {
      content: given,
      keepsWhole: true,
      get refusal() {
        return writer.refusal;
      },
      write: (chunk) => writer.write(chunk),
      commit: (final) => this.#later(() => writer.commit(final)),
      abort: () => writer.abort(),
    };
  }

  freshen(stored: StoredResponse, updated: StoredResponse): MaybePromise<void> {
    return this.#later(() => this.memory.freshen(stored, updated));
  }

  remove(stored: StoredResponse): MaybePromise<void> {
    return this.#later(() => this.memory.remove(stored));
  }

  purge(purge: StorePurge): Promise<StorePurged> {
    return this.memory.purge({ ...purge, selection: this.#known(purge.selection) });
  }

  keyOf(id: string): CacheKey | undefined {
    return this.memory.keyOf(this.#names.get(id) ?? '');
  }

  count(selection: StoreSelection): Promise<StoreCount> {
    return this.memory.count(this.#known(selection));
  }

  async page(query: StorePageQuery): Promise<StorePage> {
    const page = await this.memory.page({ ...query, selection: this.#known(query.selection) });
    return { ...page, found: page.found.map(({ shelved }) => ({ id: this.idOf(shelved.stored), shelved })) };
  }

  invalidate(key: CacheKey): void {
    this.memory.invalidate(key);
  }

  invalidateGroup(): void {
    this.memory.invalidateGroup();
  }

  /** Names as they were given. */
  readonly #names = new Map<string, string>();

  idOf(placed: Placed): string {
    const { row, variant } = this.placeOf(placed);
    const id = `${row} ${variant}`;
    const there = this.memory.peek(placed.key).find((each) => this.placeOf(each.stored).variant === variant);
    const inMemory = there === undefined ? undefined : this.memory.idOf(there.stored);
    if (inMemory !== undefined) this.#names.set(id, inMemory);
    return id;
  }

  placeOf({ key, nominatedFields, variant }: Placed): Place {
    return { row: key, variant: `${nominatedFields.join()} ${variant}` };
  }

  at(place: Place): MaybePromise<Shelved | undefined> {
    return this.memory.peek(place.row as CacheKey).find(({ stored }) => this.placeOf(stored).variant === place.variant);
  }

  onOrder(listener: (order: Order) => void): void {
    this.tell = listener;
  }

  stats(): LowerStats {
    const { responses, bytesUsed, bytesLimit, evictions } = this.memory.stats();
    return { kind: 'disk', responses, bytesUsed, bytesLimit, evictions, failures: 0, damaged: 0, isUp: true };
  }

  async close(): Promise<void> {}

  #known(selection: StoreSelection): StoreSelection {
    return selection.kind === 'one' ? { kind: 'one', id: this.#names.get(selection.id) ?? '' } : selection;
  }

  #later<T>(change: () => MaybePromise<T>): MaybePromise<T> {
    return this.changePace === undefined ? change() : this.changePace.then(change);
  }

  #handedOut({ stored, content }: Shelved, generation: number): Shelved {
    const isLarge = content.length >= this.largeFrom;
    const handed = isLarge ? new BroughtContent(content, () => this.bring()) : content;
    return { stored: { ...stored, generation }, content: handed };
  }
}
