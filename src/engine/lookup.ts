import type { RequestHead } from '../http/message.ts';
import type { CacheKey } from '../key/cache-key.ts';
import { isEquivalent } from '../policy/search-variation.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Nominating, Shelved, Store } from '../store/store.ts';
import type { Generations } from './invalidate.ts';
import { Searches } from './searches.ts';
import { settle } from './settle.ts';

export interface LookupParts {
  readonly store: Store;
  readonly generations: Generations;
  readonly maxSearchKeys: number;
}

/** As a request that will use what is there, or as somebody who only looks on. */
export type Manner = 'lookup' | 'peek';

/** How often a slow store is asked for one request while purges come in between. */
const maxLooks = 3;

/** Finds on the shelf what a request may be answered with; a store that fails has nothing. */
export class Lookup {
  readonly #store: Store;
  readonly #generations: Generations;
  readonly #searches: Searches;

  constructor({ store, generations, maxSearchKeys }: LookupParts) {
    this.#store = store;
    this.#generations = generations;
    this.#searches = new Searches(maxSearchKeys);
  }

  /** What is on the shelf for a key and was not invalidated. */
  ofKey(key: CacheKey, use: (shelf: readonly Shelved[]) => void, manner: Manner = 'lookup'): void {
    const found = this.#store[manner](key);
    if (found instanceof Promise) settle(this.#later(key, found, manner).then(use));
    else use(this.#current(key, found));
  }

  /** What a store had read before a purge, and tells after it, is not what is there: it is asked again, and with purge upon purge there is nothing. */
  async #later(key: CacheKey, first: Promise<readonly Shelved[]>, manner: Manner): Promise<readonly Shelved[]> {
    try {
      for (let looked = 0; looked < maxLooks; looked++) {
        const began = this.#generations.current;
        const shelf = await (looked === 0 ? first : this.#store[manner](key));
        if (!this.#generations.wasPurgedSince(began)) return this.#current(key, shelf);
      }
    } catch {
      // Trouble inside a store is a miss.
    }
    return [];
  }

  /** The same, of the variants that these fields select, where the store can tell at once; undefined where it can not. */
  atOnce(key: CacheKey, presented: Nominating): readonly Shelved[] | undefined {
    const found = this.#store.lookup(key, presented);
    if (!(found instanceof Promise)) return this.#current(key, found);
    // Nobody waits for it, and whoever asks anew hears of its trouble.
    settle(found);
    return undefined;
  }

  #current(key: CacheKey, shelf: readonly Shelved[]): readonly Shelved[] {
    const mayServe = ({ stored }: Shelved): boolean =>
      this.#generations.mayServe(key, stored.generation) &&
      this.#generations.mayServeGroups(stored, stored.generation) &&
      this.#generations.mayServeEquivalent(stored);
    return shelf.every(mayServe) ? shelf : shelf.filter(mayServe);
  }

  /** The same; where that is nothing, the responses of an equivalent target (No-Vary-Search). */
  ofRequest(
    request: RequestHead,
    key: CacheKey,
    use: (shelf: readonly Shelved[]) => void,
    manner: Manner = 'lookup',
  ): void {
    const select = (shelf: readonly Shelved[]): void => {
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
      this.ofKey(other, selectEquivalents, manner);
    };
    this.ofKey(key, select, manner);
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
