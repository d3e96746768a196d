import type { EpochMs } from '../http/message.ts';
import { assertNever } from '../http/message.ts';
import { type CacheKey, targetKey } from '../key/cache-key.ts';
import { purgeNames } from '../key/purge-names.ts';
import { RecentKeys } from '../key/recent-keys.ts';
import { endedBy, joined, lastOf, type Mark, markOf, noMark } from './order-mark.ts';
import { type Equivalence, groupsOf, type Subject } from './order-subject.ts';
import type { Order } from './orders.ts';
import type { StoreSelection } from './selection.ts';

/** What orders have made of a response. */
export interface Verdict {
  readonly isGone: boolean;
  /** Wall time at which its lifetime ended, if it was before its time. */
  readonly endedAt: EpochMs | undefined;
}

export const stands: Verdict = { isGone: false, endedAt: undefined };
export const gone: Verdict = { isGone: true, endedAt: undefined };

/** Of the targets of one path, and of prefixes, so many are told apart. */
const maxTargetsOfPath = 16;
const maxPrefixes = 256;

/** The targets of a path that orders were about: a response may be theirs as well, whose own target is another. */
interface PathMarks {
  readonly targets: Map<CacheKey, Mark>;
  /** Of those that are not told apart any more. */
  readonly rest: Mark;
}

export interface OrderTableOptions {
  readonly equivalence: Equivalence;
  /** Most names of a kind that are remembered. */
  readonly maxNames: number;
}

/** What the orders of a log say of a response, given the number of the last one that its writer knew. Bounded: what is forgotten is taken for an order about everything. */
export class OrderTable {
  readonly #equivalence: Equivalence;
  readonly #targets: RecentKeys<Mark>;
  readonly #groups: RecentKeys<Mark>;
  readonly #tags: RecentKeys<Mark>;
  readonly #ids: RecentKeys<Mark>;
  readonly #paths: RecentKeys<PathMarks>;
  readonly #prefixes = new Map<string, Mark>();
  #all = noMark;
  #floor = 0;
  #last = 0;

  constructor({ equivalence, maxNames }: OrderTableOptions) {
    this.#equivalence = equivalence;
    const marks = (): RecentKeys<Mark> =>
      new RecentKeys({ maxKeys: maxNames, onForget: (last) => this.raiseFloor(lastOf(last)) });
    this.#targets = marks();
    this.#groups = marks();
    this.#tags = marks();
    this.#ids = marks();
    this.#paths = new RecentKeys({
      maxKeys: maxNames,
      sizeOf: ({ targets }) => [...targets.keys()].join().length,
      onForget: ({ targets, rest }) => {
        for (const last of [rest, ...targets.values()]) this.raiseFloor(lastOf(last));
      },
    });
  }

  add(number: number, order: Order): void {
    this.#last = Math.max(this.#last, number);
    switch (order.kind) {
      case 'purge':
        this.#select(order.selection, markOf(number, order.expiredAt));
        break;
      case 'invalidate':
        this.#markTarget(targetKey(order.key), markOf(number, undefined));
        break;
      case 'invalidate-group':
        mark(this.#groups, order.group, markOf(number, undefined));
        break;
      default:
        assertNever(order);
    }
  }

  /** From now on nothing with a smaller number is what it was. */
  raiseFloor(number: number): void {
    this.#floor = Math.max(this.#floor, number);
    this.#last = Math.max(this.#last, number);
  }

  /** `number`: of the last order that was known when the response was put there. */
  verdict(subject: Subject, number: number): Verdict {
    if (number >= this.#last) return stands;
    if (number < this.#floor) return gone;
    let endedAt: EpochMs | undefined;
    for (const by of this.#marksOf(subject)) {
      if (by.hard > number) return gone;
      const at = endedBy(by, number);
      if (at !== undefined) endedAt = Math.min(endedAt ?? at, at);
    }
    return endedAt === undefined ? stands : { isGone: false, endedAt };
  }

  #select(selection: StoreSelection, by: Mark): void {
    switch (selection.kind) {
      case 'all':
        this.#all = joined(this.#all, by);
        break;
      case 'one':
        mark(this.#ids, selection.id, by);
        break;
      case 'tag':
        mark(this.#tags, selection.tag, by);
        break;
      case 'targets':
        for (const key of selection.keys) this.#markTarget(key, by);
        break;
      case 'beginning':
        for (const prefix of selection.prefixes) this.#markPrefix(prefix, by);
        break;
      default:
        assertNever(selection);
    }
  }

  #markTarget(key: CacheKey, by: Mark): void {
    mark(this.#targets, key, by);
    const path = this.#equivalence.pathOf(key);
    const { targets, rest } = this.#paths.get(path) ?? { targets: new Map<CacheKey, Mark>(), rest: noMark };
    // First, as its size is about to change.
    this.#paths.delete(path);
    const before = targets.get(key);
    targets.delete(key);
    targets.set(key, joined(before ?? noMark, by));
    const [oldest] = targets;
    let others = rest;
    if (targets.size > maxTargetsOfPath && oldest !== undefined) {
      targets.delete(oldest[0]);
      others = joined(rest, oldest[1]);
    }
    this.#paths.set(path, { targets, rest: others });
  }

  #markPrefix(prefix: string, by: Mark): void {
    const before = this.#prefixes.get(prefix);
    this.#prefixes.delete(prefix);
    this.#prefixes.set(prefix, joined(before ?? noMark, by));
    const [oldest] = this.#prefixes;
    if (this.#prefixes.size <= maxPrefixes || oldest === undefined) return;
    this.#prefixes.delete(oldest[0]);
    this.raiseFloor(lastOf(oldest[1]));
  }

  *#marksOf(subject: Subject): Generator<Mark> {
    const { id, stored } = subject;
    yield this.#all;
    yield this.#targets.get(targetKey(stored.key)) ?? noMark;
    yield this.#ids.get(id) ?? noMark;
    for (const name of purgeNames(stored)) yield this.#tags.get(name) ?? noMark;
    for (const group of groupsOf(subject, this.#equivalence)) yield this.#groups.get(group) ?? noMark;
    for (const [prefix, by] of this.#prefixes) if (stored.key.startsWith(prefix)) yield by;
    if (stored.search === undefined) return;
    const path = this.#paths.get(this.#equivalence.pathOf(stored.key));
    if (path === undefined) return;
    yield path.rest;
    for (const [target, by] of path.targets) if (this.#equivalence.isOfTarget(target, stored)) yield by;
  }
}

function mark(marks: RecentKeys<Mark>, name: string, by: Mark): void {
  marks.set(name, joined(marks.get(name) ?? noMark, by));
}
