import { setImmediate as turn } from 'node:timers/promises';
import type { RequestHead } from '../http/message.ts';
import { type CacheKey, groupKey } from '../key/cache-key.ts';
import type { PolicyConfig } from '../policy/config.ts';
import type { Update } from '../policy/freshen.ts';
import { invalidatedGroups } from '../policy/groups.ts';
import { invalidatedKeys } from '../policy/invalidation.ts';
import type { MaybePromise } from '../store/maybe-promise.ts';
import type { Shelved, Store } from '../store/store.ts';
import type { Generations } from './invalidate.ts';
import type { Lookup } from './lookup.ts';
import type { FillPlan } from './plan.ts';
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

  /**
   * A full response to a request that was forwarded in `generation`: it may freshen, outdate or invalidate what is stored. What it invalidates is of no use here when this returns, and where others share the
   * shelf, also to them when the promise that it returns then is settled. Never rejects.
   */
  responded({ plan, generation }: Forwarded, update: Update, policy: PolicyConfig): Promise<unknown> | undefined {
    const { key, isBypassed } = plan;
    const { request, response } = update;
    const { generations, lookup, asKeyed } = this.#parts;
    const told = new Telling();
    for (const group of invalidatedGroups(request, response)) told.add(this.#invalidateGroup(group));
    const current = generations.mayPublish(key, generation);
    // What goes past the shelf may be one client's own: others would see its fields.
    if (request.method === 'HEAD' && response.status === 200 && current && !isBypassed) {
      lookup.ofKey(key, (shelf) => updateFromHead(shelf, update, this.#keeping(generation, policy)), 'peek');
    }
    for (const invalid of invalidatedKeys(request, response, asKeyed)) told.add(this.#invalidate(invalid));
    return told.all;
  }

  #invalidate(key: CacheKey): MaybePromise<unknown> {
    const { generations, lookup, store } = this.#parts;
    const found = store.peek(key, generations.current);
    const equivalents = lookup.equivalentsOf(key);
    if (equivalents !== undefined) generations.invalidateGroup(equivalents);
    generations.invalidate(key);
    // What lies there tells its groups: it must be there until then. Nobody is answered with it any more.
    const takeOff = (shelf: readonly Shelved[]): Promise<unknown> | undefined => {
      const told = new Telling();
      // RFC 9875 §2.2.1: what shares a group with an invalidated response goes with it, once and not further.
      for (const { stored } of shelf)
        for (const name of stored.groups) told.add(this.#invalidateGroup(groupKey(key, name)));
      told.add(store.invalidate(key));
      return told.all;
    };
    if (!(found instanceof Promise)) return takeOff(found);
    const show = lookup.hide(key);
    // Whoever has looked for it meanwhile may be about to hear that it is there.
    const showLater = (): Promise<void> => turn().then(show);
    let told: Promise<unknown> | undefined;
    const takenOff = found
      .catch(() => [])
      .then((shelf) => {
        told = takeOff(shelf);
      });
    return takenOff.then(showLater, showLater).then(() => told);
  }

  /** A 304 that has confirmed one stored response may be about more of them (RFC 9111 §4.3.4). */
  confirmed({ plan, generation }: Forwarded, update: Update, policy: PolicyConfig): void {
    const { lookup } = this.#parts;
    const use = (shelf: readonly Shelved[]): void =>
      updateFromNotModified(shelf, update, this.#keeping(generation, policy));
    lookup.ofKey(plan.key, use, 'peek');
  }

  /** What was purged after the origin was asked is not good again because of its answer, whichever response it was. */
  #keeping(generation: number, config: PolicyConfig): Keeping {
    const { store, generations } = this.#parts;
    return { store, config, mayFreshen: !generations.wasPurgedSince(generation) };
  }

  #invalidateGroup(group: CacheKey): MaybePromise<void> {
    const { generations, store } = this.#parts;
    generations.invalidateGroup(group);
    return store.invalidateGroup(group);
  }
}

/** What a shelf tells others: nothing, where nobody shares it. */
class Telling {
  #under: Promise<unknown>[] | undefined;

  add(operation: MaybePromise<unknown>): void {
    if (operation instanceof Promise) (this.#under ??= []).push(operation);
  }

  /** Never rejects: trouble inside a store is the store's to count. */
  get all(): Promise<unknown> | undefined {
    return this.#under && Promise.allSettled(this.#under);
  }
}
