import { type CacheKey, partsOf } from '../key/cache-key.ts';
import { equivalenceKey, pathOf, type SearchVariation, significantTarget } from '../policy/search-variation.ts';
import type { StoredResponse } from '../policy/stored.ts';
import { RecentKeys } from './recent-keys.ts';

/**
 * Where to find a stored response whose target differs from the presented one only in query parameters that do not matter (No-Vary-Search). For each path the
 * variation that was seen last counts, as the draft (§6) allows; what is found is compared by its own.
 */
export class Searches {
  readonly #variations: RecentKeys<SearchVariation>;
  readonly #keys: RecentKeys<CacheKey>;

  constructor(maxKeys: number) {
    this.#variations = new RecentKeys({ maxKeys, sizeOf: ({ names }) => [...names].join().length });
    this.#keys = new RecentKeys({ maxKeys, sizeOf: (key) => key.length });
  }

  /** A response is on its way to the shelf. */
  add({ key, search }: StoredResponse): void {
    if (search === undefined) return;
    this.#variations.set(pathKey(key), search.variation);
    this.#keys.set(equivalenceKey(key, search.significant), key);
  }

  /** The key of a response that may be equivalent to a target; undefined where none is known. */
  find(key: CacheKey): CacheKey | undefined {
    const equivalence = this.equivalenceOf(key);
    return equivalence && this.#keys.get(equivalence);
  }

  /** What all targets share that are equivalent to this one, as far as its path is known to have any. */
  equivalenceOf(key: CacheKey): CacheKey | undefined {
    const variation = this.#variations.get(pathKey(key));
    return variation && equivalenceKey(key, significantTarget(partsOf(key).target, variation));
  }
}

function pathKey(key: CacheKey): CacheKey {
  return pathOf(key) as CacheKey;
}
