import { type CacheKey, targetKey } from '../key/cache-key.ts';
import { purgeNames } from '../key/purge-names.ts';
import { type Equivalence, groupsOf, isAbout, type Subject } from './order-subject.ts';
import type { Order } from './orders.ts';

/** What waits for the number of its order. */
export interface Unnumbered {
  readonly order: Order;
}

const none: readonly Order[] = [];

/** Orders that have no number yet, found by what they are about: everything that is read is compared with them, and while nothing can be written there may be thousands. */
export class UnnumberedOrders<Each extends Unnumbered> {
  readonly #equivalence: Equivalence;
  readonly #all = new Set<Each>();
  readonly #named = new Map<string, Set<Each>>();
  /** What they are about has no name to be found by. */
  readonly #unnamed = new Set<Each>();

  constructor(equivalence: Equivalence) {
    this.#equivalence = equivalence;
  }

  get size(): number {
    return this.#all.size;
  }

  /** The oldest first. */
  [Symbol.iterator](): IterableIterator<Each> {
    return this.#all.values();
  }

  has(each: Each): boolean {
    return this.#all.has(each);
  }

  add(each: Each): void {
    this.#all.add(each);
    const names = this.#namesOf(each.order);
    if (names === undefined) this.#unnamed.add(each);
    for (const name of names ?? []) {
      const named = this.#named.get(name);
      if (named === undefined) this.#named.set(name, new Set<Each>().add(each));
      else named.add(each);
    }
  }

  delete(each: Each): void {
    if (!this.#all.delete(each)) return;
    this.#unnamed.delete(each);
    for (const name of this.#namesOf(each.order) ?? []) {
      const named = this.#named.get(name);
      if (named?.delete(each) === true && named.size === 0) this.#named.delete(name);
    }
  }

  /** Those that are about a response. */
  about(subject: Subject): readonly Order[] {
    if (this.#all.size === 0) return none;
    const found = new Set<Order>();
    for (const { order } of this.#candidates(subject)) if (isAbout(order, subject, this.#equivalence)) found.add(order);
    return [...found];
  }

  *#candidates(subject: Subject): Generator<Each> {
    const { id, stored } = subject;
    yield* this.#unnamed;
    const names = [targetKey(stored.key), id, ...purgeNames(stored), ...groupsOf(subject, this.#equivalence)];
    if (stored.search !== undefined) names.push(this.#pathName(stored.key));
    for (const name of names) yield* this.#named.get(name) ?? [];
  }

  /** Undefined where it may be about anything. */
  #namesOf(order: Order): readonly string[] | undefined {
    if (order.kind === 'invalidate') return this.#namesOfTarget(targetKey(order.key));
    if (order.kind === 'invalidate-group') return [order.group];
    const { selection } = order;
    if (selection.kind === 'targets') return selection.keys.flatMap((key) => this.#namesOfTarget(key));
    if (selection.kind === 'one') return [selection.id];
    return selection.kind === 'tag' ? [selection.tag] : undefined;
  }

  /** What other targets share with it has its path. */
  #namesOfTarget(key: CacheKey): readonly string[] {
    return [key, this.#pathName(key)];
  }

  /** No target is like it. */
  #pathName(key: CacheKey): string {
    return `path ${this.#equivalence.pathOf(key)}`;
  }
}
