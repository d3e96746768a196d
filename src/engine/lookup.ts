import type { RequestHead } from '../http/message.ts';
import { type CacheKey, targetKey } from '../key/cache-key.ts';
import { presentedFields } from '../policy/presented.ts';
import { isEquivalent, isOfTarget } from '../policy/search-variation.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { MaybePromise } from '../store/maybe-promise.ts';
import type { Nominating, Shelved, Store } from '../store/store.ts';
import type { Generations } from './invalidate.ts';
import { Searches } from './searches.ts';
import { settle } from './settle.ts';

export interface LookupParts {
  readonly store: Store;
  readonly generations: Generations;
  readonly maxSearchKeys: number;
}

/** As a request that will use what is there: all of it, or what nobody else need be asked for; or as somebody who only looks on. */
export type Manner = 'lookup' | 'at-hand' | 'peek';

/** What is looked for. */
interface Sought {
  readonly key: CacheKey;
  readonly manner: Manner;
  /** Where other variants than those that it selects are of no use, if there are any. */
  readonly presented?: Nominating;
}

/** How often a slow store is asked for one request while purges come in between. */
const maxLooks = 3;

/** Finds on the shelf what a request may be answered with; a store that fails has nothing. */
export class Lookup {
  readonly #store: Store;
  readonly #generations: Generations;
  readonly #searches: Searches;
  /** Targets of which nothing is found, and how often that was asked for. */
  readonly #hidden = new Map<CacheKey, number>();

  constructor({ store, generations, maxSearchKeys }: LookupParts) {
    this.#store = store;
    this.#generations = generations;
    this.#searches = new Searches(maxSearchKeys);
    store.onBrought?.((stored) => this.#searches.add(stored));
  }

  /** Whether there may be more on the shelf than what is at hand. */
  get looksBeyondHand(): boolean {
    return this.#store.atHand !== undefined;
  }

  /** What is on the shelf for a key and was not invalidated; told at once where it is at hand. */
  ofKey(key: CacheKey, use: (shelf: readonly Shelved[]) => void, manner: Manner = 'lookup'): void {
    this.#find({ key, manner }, use);
  }

  #find(sought: Sought, use: (shelf: readonly Shelved[]) => void): void {
    const found = this.#read(sought);
    if (found instanceof Promise) settle(this.#later(sought, found).then(use));
    else use(this.#current(sought.key, found));
  }

  /** What comes from a shelf that others share has the number that is current now: whatever is invalidated from now on is later. */
  #read({ key, manner, presented }: Sought): MaybePromise<readonly Shelved[]> {
    const { current } = this.#generations;
    if (manner === 'peek') return this.#store.peek(key, current);
    const atHand = manner === 'at-hand' ? this.#store.atHand?.(key, presented) : undefined;
    return atHand ?? this.#store.lookup(key, presented, current);
  }

  /** What a store had read before a purge, and tells after it, is not what is there: it is asked again, and with purge upon purge there is nothing. */
  async #later(sought: Sought, first: Promise<readonly Shelved[]>): Promise<readonly Shelved[]> {
    try {
      for (let looked = 0; looked < maxLooks; looked++) {
        const began = this.#generations.current;
        const shelf = await (looked === 0 ? first : this.#read(sought));
        if (!this.#generations.wasPurgedSince(began)) return this.#current(sought.key, shelf);
      }
    } catch {
      // Trouble inside a store is a miss.
    }
    return [];
  }

  /** The same, of the variants that these fields select, as far as it is at hand; undefined where the store can't tell at once. */
  atOnce(key: CacheKey, presented: Nominating): readonly Shelved[] | undefined {
    const found = this.#store.atHand?.(key, presented) ?? this.#store.lookup(key, presented);
    if (!(found instanceof Promise)) return this.#current(key, found);
    // Nobody waits for it, and whoever asks anew hears of its trouble.
    settle(found);
    return undefined;
  }

  /** Has nothing be found of a target, nor of those equivalent to it, until the result is called: what lies there is of no use any more, but is needed there for a moment. */
  hide(target: CacheKey): () => void {
    this.#hidden.set(target, (this.#hidden.get(target) ?? 0) + 1);
    return () => {
      const others = (this.#hidden.get(target) ?? 1) - 1;
      if (others === 0) this.#hidden.delete(target);
      else this.#hidden.set(target, others);
    };
  }

  #current(key: CacheKey, shelf: readonly Shelved[]): readonly Shelved[] {
    if (this.#hidden.size > 0 && this.#hidden.has(targetKey(key))) return [];
    const mayServe = ({ stored }: Shelved): boolean =>
      !this.#isHidden(stored) &&
      this.#generations.mayServe(key, stored.generation) &&
      this.#generations.mayServeGroups(stored, stored.generation) &&
      this.#generations.mayServeEquivalent(stored);
    return shelf.every(mayServe) ? shelf : shelf.filter(mayServe);
  }

  #isHidden(stored: StoredResponse): boolean {
    if (stored.search === undefined) return false;
    for (const target of this.#hidden.keys()) if (isOfTarget(target, stored)) return true;
    return false;
  }

  /** The same; where that is nothing, the responses of an equivalent target (No-Vary-Search). */
  ofRequest(
    request: RequestHead,
    key: CacheKey,
    use: (shelf: readonly Shelved[]) => void,
    manner: Manner = 'lookup',
  ): void {
    const select = (shelf: readonly Shelved[]): void => {
      // Where others share the shelf, what equivalents there are is known of those that were met.
      if (this.looksBeyondHand && manner === 'lookup') for (const { stored } of shelf) this.#searches.add(stored);
      const other = shelf.length > 0 || request.method === 'QUERY' ? undefined : this.#searches.find(key);
      if (other === undefined) {
        use(shelf);
        return;
      }
      const selectEquivalents = (equivalents: readonly Shelved[]): void => {
        // An invalidation of the presented target counts for its equivalents too.
        const current = equivalents.filter(({ stored }) => this.#generations.mayPublish(key, stored.generation));
        use(current.filter(({ stored }) => isEquivalent(request.target, stored.search)));
      };
      this.#find({ ...sought, key: other }, selectEquivalents);
    };
    // Other variants need not be brought into memory with it.
    const isFromElsewhere = this.looksBeyondHand && manner !== 'peek';
    const sought: Sought = isFromElsewhere
      ? { key, manner, presented: presentedFields(request.fields) }
      : { key, manner };
    this.#find(sought, select);
  }

  /** The key of all targets that are equivalent to that of a key, where its path is known to have any. */
  equivalentsOf(key: CacheKey): CacheKey | undefined {
    return this.#searches.equivalenceOf(key);
  }

  /** The keys under which responses lie that equivalent targets share with this one, as far as they are known. */
  knownEquivalents(key: CacheKey): readonly CacheKey[] {
    return this.#searches.allOf(key);
  }

  /** A response is on its way to the shelf: from now on equivalent targets may find it, and not `replaced`, whose place it takes. */
  remember(stored: StoredResponse, replaced?: StoredResponse): void {
    this.#searches.add(stored);
    // Where fields are nominated, other variants may lie under its key.
    if (replaced !== undefined && replaced.key !== stored.key && replaced.nominatedFields.length === 0)
      this.#searches.forget(replaced.key);
  }
}
