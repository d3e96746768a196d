import type { Fields } from '../http/fields.ts';
import type { CacheKey } from '../key/cache-key.ts';
import { cacheGroups } from '../policy/groups.ts';
import { responseTags } from '../policy/tags.ts';
import { beforeAll, type Fellow, type Generations, type Publishable } from './invalidate.ts';
import type { PurgeMode } from './operations.ts';

/** What is left of a fill's right to be shared and stored: an invalidation or a purge takes it away, whatever step the fill is at. */
export class Standing {
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

  /** A purge has caught it under way; whether it is the first one. After a hard one, what is on the shelf may not stand in for it either. */
  doom(mode: PurgeMode): boolean {
    const isFirst = !this.#isDoomed;
    this.#isDoomed = true;
    if (mode === 'hard') this.#generation = beforeAll;
    return isFirst;
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

  /** Whether what it brings may still be shared and stored: nothing of it was invalidated or purged since it began. */
  mayPublish(stored: Publishable): boolean {
    return this.mayAnswerKey(this.#key) && this.#generations.mayPublishStored(stored, this.#generation);
  }

  /** The same of a head that was not judged yet. */
  mayPublishFields(fields: Fields): boolean {
    return this.mayPublish({ key: this.#key, groups: cacheGroups(fields), tags: responseTags(fields) });
  }
}
