import { type CacheKey, partsOf } from '../key/cache-key.ts';
import { equivalenceKey, pathOf, type SearchVariation, significantTarget } from '../policy/search-variation.ts';
import type { StoredResponse } from '../policy/stored.ts';
import { RecentKeys } from './recent-keys.ts';

/** Keys of targets that are equivalent to one another. */
interface Equivalents {
  readonly all: Set<CacheKey>;
  /** The one that was named last. */
  latest: CacheKey;
}

/**
 * Where to find a stored response whose target differs from the presented one only in query parameters that do not matter (No-Vary-Search). For each path the
 * variation that was seen last counts, as the draft (§6) allows; what is found is compared by its own.
 */
export class Searches {
  readonly #variations: RecentKeys<SearchVariation>;
  /** What each target shares with its equivalents. */
  readonly #equivalences: RecentKeys<CacheKey>;
  /** The same, the other way round. */
  readonly #equivalents = new Map<CacheKey, Equivalents>();

  constructor(maxKeys: number) {
    this.#variations = new RecentKeys({ maxKeys, sizeOf: ({ names }) => [...names].join().length });
    this.#equivalences = new RecentKeys({
      maxKeys,
      sizeOf: (equivalence) => equivalence.length,
      onForget: (equivalence, key) => this.#part(equivalence, key as CacheKey),
    });
  }

  /** A response is on its way to the shelf. */
  add({ key, search }: Pick<StoredResponse, 'key' | 'search'>): void {
    if (search === undefined) return;
    this.#variations.set(pathKey(key), search.variation);
    const equivalence = equivalenceKey(key, search.significant);
    const before = this.#equivalences.get(key);
    if (before !== undefined && before !== equivalence) this.#part(before, key);
    const known = this.#equivalents.get(equivalence);
    if (known === undefined) {
      this.#equivalents.set(equivalence, { all: new Set<CacheKey>().add(key), latest: key });
    } else {
      known.all.add(key);
      known.latest = key;
    }
    // Last, as a key that is too long is forgotten at once.
    this.#equivalences.set(key, equivalence);
  }

  /** The key of a response that may be equivalent to a target; undefined where none is known. */
  find(key: CacheKey): CacheKey | undefined {
    return this.#equivalentsOf(key)?.latest;
  }

  /** The keys of all of them that are known. */
  allOf(key: CacheKey): readonly CacheKey[] {
    return [...(this.#equivalentsOf(key)?.all ?? [])];
  }

  #equivalentsOf(key: CacheKey): Equivalents | undefined {
    const equivalence = this.equivalenceOf(key);
    return equivalence && this.#equivalents.get(equivalence);
  }

  /** What all targets share that are equivalent to this one, as far as its path is known to have any. */
  equivalenceOf(key: CacheKey): CacheKey | undefined {
    const variation = this.#variations.get(pathKey(key));
    return variation && equivalenceKey(key, significantTarget(partsOf(key).target, variation));
  }

  #part(equivalence: CacheKey, key: CacheKey): void {
    const known = this.#equivalents.get(equivalence);
    if (known?.all.delete(key) === true && known.all.size === 0) this.#equivalents.delete(equivalence);
  }
}

function pathKey(key: CacheKey): CacheKey {
  return pathOf(key) as CacheKey;
}
