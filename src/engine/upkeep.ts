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
import { type Keeping, updateFromHead, updateFromNotModified } from './validate.ts';

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
      lookup.ofKey(key, (shelf) => updateFromHead(shelf, update, this.#keeping(generation, policy)));
    }
    for (const invalid of invalidatedKeys(request, response, asKeyed)) {
      this.#invalidateGroupsOf(invalid);
      const equivalents = lookup.equivalentsOf(invalid);
      if (equivalents !== undefined) generations.invalidateGroup(equivalents);
      generations.invalidate(invalid);
      settle(store.invalidate(invalid));
    }
  }

  /** A 304 that has confirmed one stored response may be about more of them (RFC 9111 §4.3.4). */
  confirmed({ plan, generation }: Forwarded, update: Update, policy: PolicyConfig): void {
    this.#parts.lookup.ofKey(plan.key, (shelf) =>
      updateFromNotModified(shelf, update, this.#keeping(generation, policy)),
    );
  }

  /** What was purged after the origin was asked is not good again because of its answer, whichever response it was. */
  #keeping(generation: number, config: PolicyConfig): Keeping {
    const { store, generations } = this.#parts;
    return { store, config, mayFreshen: !generations.wasPurgedSince(generation) };
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
