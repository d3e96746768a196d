import type { CacheKey } from '../key/cache-key.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Publisher } from './arrival.ts';
import { beforeAll, type Fellow, type Generations } from './invalidate.ts';
import type { PurgeMode } from './operations.ts';

/** What is left of a fill's right to be shared and stored: an invalidation or a purge takes it away, whatever step the fill is at. */
export class Standing implements Publisher {
  readonly #key: CacheKey;
  readonly #generations: Generations;
  #generation: number;
  #isDoomed = false;

  constructor(key: CacheKey, generations: Generations) {
    this.#key = key;
    this.#generations = generations;
    this.#generation = generations.current;
  }

  /** Of the invalidations, when it began. */
  get generation(): number {
    return this.#generation;
  }

  /** The generation of what it brings. */
  get published(): number {
    return this.#isDoomed ? beforeAll : this.#generation;
  }

  get isDoomed(): boolean {
    return this.#isDoomed;
  }

  /** A purge has caught it under way. After a hard one, what is on the shelf may not stand in for it either. */
  doom(mode: PurgeMode): void {
    this.#isDoomed = true;
    if (mode === 'hard') this.#generation = beforeAll;
  }

  /** What it did itself has invalidated its own key: from now on only what others do counts. */
  renew(): void {
    if (!this.#isDoomed) this.#generation = this.#generations.current;
  }

  /** Whether nothing of that was invalidated since it began. */
  isCurrent(stored: Fellow | undefined): boolean {
    if (stored !== undefined && !this.#generations.mayServeGroups(stored, this.#generation)) return false;
    return this.#generations.mayPublish(this.#key, this.#generation);
  }

  /** Whether others who ask for a key may have what it brings, as far as that can be told before it is there. */
  mayAnswerKey(key: CacheKey): boolean {
    return !this.#isDoomed && this.#generations.mayPublish(key, this.#generation);
  }

  mayPublish(stored: StoredResponse): boolean {
    if (this.#isDoomed || !this.isCurrent(stored)) return false;
    return this.#generations.mayPublishTags(stored.tags, this.#generation);
  }
}
