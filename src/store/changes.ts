import type { CacheKey } from '../key/cache-key.ts';
import type { MaybePromise } from './maybe-promise.ts';

/** Tells whether something has changed on a shelf since this was made. */
export interface Watch {
  readonly isStale: boolean;
  /** Nobody asks any more. */
  end(): void;
}

interface Watching {
  isStale: boolean;
}

interface OfKey {
  /** Changes that are under way: what is read meanwhile may be as before or as after. */
  changes: number;
  /** Resolves when all of them are done. */
  last: Promise<void> | undefined;
  readonly watching: Set<Watching>;
}

/**
 * What is changing on a shelf that takes time, so that what was read before a change is not taken for what is there after it. There is something in here only for keys that are being read or
 * changed this moment.
 */
export class Changes {
  readonly #ofKey = new Map<CacheKey, OfKey>();
  #count = 0;
  #orders = 0;

  /** How many there were. */
  get count(): number {
    return this.#count;
  }

  /** From now on to the end of the watch. */
  watch(key: CacheKey): Watch {
    const ofKey = this.#of(key);
    const watching: Watching = { isStale: ofKey.changes > 0 };
    ofKey.watching.add(watching);
    return {
      get isStale() {
        return watching.isStale;
      },
      end: () => {
        ofKey.watching.delete(watching);
        this.#tidy(key, ofKey);
      },
    };
  }

  /**
   * Changes something of that key, after what is being changed of it already: what has changed last is what stays. Rejects or throws as `work` does.
   *
   * @param work is told whether something was ordered while it had to wait: then what it was to do may be too late
   */
  do<T>(key: CacheKey, work: (isTooLate: boolean) => MaybePromise<T>): MaybePromise<T> {
    const ofKey = this.#of(key);
    const before = ofKey.last;
    const orders = this.#orders;
    this.#begin(ofKey);
    let done: MaybePromise<T>;
    try {
      done = before === undefined ? work(false) : before.then(() => work(orders !== this.#orders));
    } catch (error) {
      this.#end(key, ofKey);
      throw error;
    }
    if (!(done instanceof Promise)) {
      this.#end(key, ofKey);
      return done;
    }
    const end = (): void => {
      if (ofKey.last === ended) ofKey.last = undefined;
      this.#end(key, ofKey);
    };
    const ended = done.then(end, end);
    ofKey.last = ended;
    return done;
  }

  /** Resolves when nothing is being changed, and nothing waits to be. */
  async settled(): Promise<void> {
    for (;;) {
      const underWay = [...this.#ofKey.values()].flatMap(({ last }) => last ?? []);
      if (underWay.length === 0) return;
      await Promise.all(underWay);
    }
  }

  #begin(ofKey: OfKey): void {
    ofKey.changes++;
    this.#count++;
    outdate(ofKey);
  }

  #end(key: CacheKey, ofKey: OfKey): void {
    ofKey.changes--;
    this.#count++;
    outdate(ofKey);
    this.#tidy(key, ofKey);
  }

  /** Anything may have changed just now, as somebody has ordered. */
  ordered(): void {
    this.#orders++;
    this.#count++;
    for (const ofKey of this.#ofKey.values()) outdate(ofKey);
  }

  #of(key: CacheKey): OfKey {
    const known = this.#ofKey.get(key);
    if (known !== undefined) return known;
    const ofKey: OfKey = { changes: 0, last: undefined, watching: new Set() };
    this.#ofKey.set(key, ofKey);
    return ofKey;
  }

  #tidy(key: CacheKey, { changes, watching }: OfKey): void {
    if (changes === 0 && watching.size === 0) this.#ofKey.delete(key);
  }
}

function outdate({ watching }: OfKey): void {
  for (const each of watching) each.isStale = true;
}
