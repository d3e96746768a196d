import type { CacheKey } from '../key/cache-key.ts';
import type { Changes, Watch } from './changes.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { Shelved } from './store.ts';

/** What was read. */
export interface Reading {
  readonly shelf: readonly Shelved[];
  /** As long as there were no more changes than these, it is what is there; undefined where it may not have been even when it came. */
  readonly changes: number | undefined;
}

interface UnderWay {
  readonly watch: Watch;
  readonly reading: Promise<Reading>;
}

/** Look-ups on a shelf that takes time: those for one key that come while one is under way wait for that, unless something has changed since it began. */
export class Readings {
  readonly #changes: Changes;
  readonly #underWay = new Map<CacheKey, UnderWay>();

  constructor(changes: Changes) {
    this.#changes = changes;
  }

  /** `read` is called where nothing is under way. What fails has nothing. */
  read(key: CacheKey, read: () => MaybePromise<readonly Shelved[]>): MaybePromise<Reading> {
    const before = this.#underWay.get(key);
    if (before !== undefined && !before.watch.isStale) return before.reading;
    const watch = this.#changes.watch(key);
    try {
      const found = read();
      return found instanceof Promise ? this.#join(key, watch, found) : this.#ended(watch, found);
    } catch {
      return this.#ended(watch, []);
    }
  }

  #join(key: CacheKey, watch: Watch, found: Promise<readonly Shelved[]>): Promise<Reading> {
    const end = (shelf: readonly Shelved[]): Reading => {
      if (this.#underWay.get(key)?.watch === watch) this.#underWay.delete(key);
      return this.#ended(watch, shelf);
    };
    const reading = found.then(end, () => end([]));
    this.#underWay.set(key, { watch, reading });
    return reading;
  }

  #ended(watch: Watch, shelf: readonly Shelved[]): Reading {
    watch.end();
    return { shelf, changes: watch.isStale ? undefined : this.#changes.count };
  }
}
