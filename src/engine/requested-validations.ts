import type { CacheKey } from '../key/cache-key.ts';
import { RecentKeys } from '../key/recent-keys.ts';
import type { Clock } from './clock.ts';

/** Keys whose requests are counted at once; of more than these, the longest ago asked for begins anew. */
const maxKeys = 1_000;

const secondMs = 1_000;

interface Counted {
  readonly second: number;
  readonly count: number;
}

/**
 * How often in a second requests have what is fresh validated (RFC 9111 §5.2.1: they prefer it). Without a bound, whoever says `no-cache` has the origin asked as
 * often as he likes for what is on the shelf.
 */
export class RequestedValidations {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #counted = new RecentKeys<Counted, CacheKey>({ maxKeys });

  /** `perSecond` is for each key; 0: any number. */
  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
  }

  /** Counts one more for that key, if there may be one. */
  mayBegin(key: CacheKey): boolean {
    if (this.#perSecond === 0) return true;
    const second = Math.floor(this.#clock.steady() / secondMs);
    const before = this.#counted.get(key);
    const count = before?.second === second ? before.count : 0;
    if (count >= this.#perSecond) return false;
    this.#counted.set(key, { second, count: count + 1 });
    return true;
  }
}
