import { flat } from '../http/flat-text.ts';
import { type CacheKey, partsOf } from '../key/cache-key.ts';
import { equivalenceKey, pathOf, type SearchVariation, significantTarget } from '../policy/search-variation.ts';
import type { StoredResponse } from '../policy/stored.ts';
import { RecentKeys } from '../key/recent-keys.ts';

/** Of targets that are equivalent to one another so many are remembered, that those of one page leave room for those of others. */
const maxEquivalents = 16;

/**
 * Where to find a stored response whose target differs from the presented one only in query parameters that do not matter (No-Vary-Search). For each path the
 * variation that was seen last counts, as the draft (§6) allows; what is found is compared by its own.
 */
export class Searches {
  readonly #variations: RecentKeys<SearchVariation>;
  /** What each target shares with its equivalents. */
  readonly #equivalences: RecentKeys<CacheKey, CacheKey>;
  /** The same, the other way round; the target that was named last is the last. */
  readonly #equivalents = new Map<CacheKey, Set<CacheKey>>();

  constructor(maxKeys: number) {
    this.#variations = new RecentKeys({ maxKeys, sizeOf: ({ names }) => [...names].join().length });
    this.#equivalences = new RecentKeys({
      maxKeys,
      sizeOf: (equivalence) => equivalence.length,
      onForget: (equivalence, key) => this.#part(equivalence, key),
    });
  }

  /** A response is on its way to the shelf. */
  add({ key, search }: Pick<StoredResponse, 'key' | 'search'>): void {
    if (search === undefined) return;
    this.#variations.set(pathKey(key), search.variation);
    this.forget(key);
    const equivalence = flat(equivalenceKey(key, search.significant));
    const own = this.#equivalences.set(key, equivalence);
    if (this.#equivalences.get(own) === undefined) return;
    const known = this.#equivalents.get(equivalence);
    if (known === undefined) {
      this.#equivalents.set(equivalence, new Set<CacheKey>().add(own));
      return;
    }
    const [oldest] = known.add(own);
    if (known.size > maxEquivalents && oldest !== undefined) this.forget(oldest);
  }

  /** Nothing lies under this key any more. */
  forget(key: CacheKey): void {
    const equivalence = this.#equivalences.get(key);
    if (equivalence === undefined) return;
    this.#equivalences.delete(key);
    this.#part(equivalence, key);
  }

  /** The key of a response that may be equivalent to a target; undefined where none is known. */
  find(key: CacheKey): CacheKey | undefined {
    return this.allOf(key).at(-1);
  }

  /** The keys of all of them that are known, the last named last. */
  allOf(key: CacheKey): readonly CacheKey[] {
    const equivalence = this.equivalenceOf(key);
    return equivalence === undefined ? [] : [...(this.#equivalents.get(equivalence) ?? [])];
  }

  /** What all targets share that are equivalent to this one, as far as its path is known to have any. */
  equivalenceOf(key: CacheKey): CacheKey | undefined {
    const variation = this.#variations.get(pathKey(key));
    return variation && equivalenceKey(key, significantTarget(partsOf(key).target, variation));
  }

  #part(equivalence: CacheKey, key: CacheKey): void {
    const known = this.#equivalents.get(equivalence);
    if (known?.delete(key) === true && known.size === 0) this.#equivalents.delete(equivalence);
  }
}

function pathKey(key: CacheKey): CacheKey {
  return pathOf(key) as CacheKey;
}
