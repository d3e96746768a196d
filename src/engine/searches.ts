import type { RequestHead } from '../http/message.ts';
import { type CacheKey, originKey } from '../key/cache-key.ts';
import { pathOf, type SearchVariation, significantTarget } from '../policy/search-variation.ts';
import type { StoredResponse } from '../policy/stored.ts';
import { RecentKeys } from './recent-keys.ts';

/**
 * Where to find a stored response whose target differs from the presented one only in query parameters that do not matter (No-Vary-Search). For each path the
 * variation that was seen last counts, as the draft (§7) allows; what is found is compared by its own.
 */
export class Searches {
  readonly #variations: RecentKeys<SearchVariation>;
  readonly #keys: RecentKeys<CacheKey>;

  constructor(maxKeys: number) {
    this.#variations = new RecentKeys({ maxKeys, sizeOf: ({ names }) => [...names].join().length });
    this.#keys = new RecentKeys({ maxKeys, sizeOf: (key) => key.length });
  }

  /** A response is on its way to the shelf. */
  add(request: RequestHead, { key, search }: StoredResponse): void {
    if (search === undefined) return;
    this.#variations.set(originKey(request, pathOf(request.target)), search.variation);
    this.#keys.set(originKey(request, search.significant), key);
  }

  /** The key of a response that may be equivalent; undefined where none is known. */
  find(request: RequestHead): CacheKey | undefined {
    const variation = this.#variations.get(originKey(request, pathOf(request.target)));
    return variation && this.#keys.get(originKey(request, significantTarget(request.target, variation)));
  }
}
