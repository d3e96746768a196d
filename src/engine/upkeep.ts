import type { RequestHead } from '../http/message.ts';
import { type CacheKey, groupKey } from '../key/cache-key.ts';
import type { PolicyConfig } from '../policy/config.ts';
import type { Update } from '../policy/freshen.ts';
import { invalidatedGroups } from '../policy/groups.ts';
import { invalidatedKeys } from '../policy/invalidation.ts';
import type { Shelved, Store } from '../store/store.ts';
import type { Generations } from './invalidate.ts';
import type { Lookup } from './lookup.ts';
import type { FillPlan } from './plan.ts';
import { settle } from './settle.ts';
import { updateFromHead, updateFromNotModified } from './validate.ts';

export interface UpkeepParts {
  readonly store: Store;
  readonly generations: Generations;
  readonly lookup: Lookup;
  /** A request as its route has it keyed. */
  readonly asKeyed: (request: RequestHead) => RequestHead;
}

/** A request that the origin has answered. */
export interface Forwarded {
  readonly plan: Pick<FillPlan, 'key' | 'isBypassed'>;
  /** When it was asked. */
  readonly generation: number;
}

/** What an answer of the origin says about other stored responses than its own. */
export class Upkeep {
  readonly #parts: UpkeepParts;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
  }

  /** A full response to a request that was forwarded in `generation`: it may freshen, outdate or invalidate what is stored. */
  responded({ plan, generation }: Forwarded, update: Update, policy: PolicyConfig): void {
    const { key, isBypassed } = plan;
    const { request, response } = update;
    const { generations, lookup, store, asKeyed } = this.#parts;
    for (const group of invalidatedGroups(request, response)) generations.invalidateGroup(group);
    const current = generations.mayPublish(key, generation);
    // What goes past the shelf may be one client's own: others would see its fields.
    if (request.method === 'HEAD' && response.status === 200 && current && !isBypassed) {
      lookup.ofKey(key, (shelf) => updateFromHead(shelf, store, update, policy));
    }
    for (const invalid of invalidatedKeys(request, response, asKeyed)) {
      this.#invalidateGroupsOf(invalid);
      const equivalents = lookup.equivalentsOf(invalid);
      if (equivalents !== undefined) generations.invalidateGroup(equivalents);
      generations.invalidate(invalid);
      settle(store.invalidate(invalid));
    }
  }

  /** A 304 that has confirmed one stored response under `key` may be about more of them (RFC 9111 §4.3.4). */
  confirmed(key: CacheKey, update: Update, policy: PolicyConfig): void {
    const { lookup, store } = this.#parts;
    lookup.ofKey(key, (shelf) => updateFromNotModified(shelf, store, update, policy));
  }

  /** RFC 9875 §2.2.1: what shares a group with an invalidated response goes with it, once and not further. */
  #invalidateGroupsOf(key: CacheKey): void {
    const { store, generations } = this.#parts;
    const invalidate = (shelf: readonly Shelved[]): void => {
      for (const { stored } of shelf)
        for (const name of stored.groups) generations.invalidateGroup(groupKey(key, name));
    };
    // All that lies there counts: by the time a slow store answers, the key itself has been invalidated.
    const found = store.lookup(key);
    if (found instanceof Promise) settle(found.then(invalidate));
    else invalidate(found);
  }
}
