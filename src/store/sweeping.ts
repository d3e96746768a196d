import type { CacheKey } from '../key/cache-key.ts';
import type { Backing, Lying } from './backing.ts';
import type { BackedRecords, Opened } from './backed-records.ts';
import type { MaybePromise } from './maybe-promise.ts';
import { type Equivalence, isAbout } from './order-subject.ts';
import type { NumberedOrder } from './orders.ts';
import { Pace } from './pace.ts';
import { placeOfId, rowOf } from './places.ts';

export interface SweepingParts {
  readonly backing: Backing;
  readonly records: BackedRecords;
  readonly equivalence: Equivalence;
}

/** An order that is being done. */
export class Run {
  readonly numbered: NumberedOrder;
  /** Responses that it was about, each of them once. */
  matched = 0;

  constructor(numbered: NumberedOrder) {
    this.numbered = numbered;
  }
}

/** About so many records are brought at a time. */
const recordsInSlice = 256;

/** How often a record is looked at again that others have changed at the same time. */
const maxLooks = 5;

/** Does what orders are about: takes responses off a backing, or has them lie there with the lifetime that an order has left them. */
export class Sweeping {
  readonly #parts: SweepingParts;

  constructor(parts: SweepingParts) {
    this.#parts = parts;
  }

  /** What lies where an order says itself, and nothing else. Rejects where it can't be done. */
  async inPlace(run: Run): Promise<void> {
    for (const lying of await this.#placesOf(run)) await this.#meet(lying, [run]);
  }

  /** Goes over everything; what comes meanwhile has its number from whoever puts it there. Rejects where it can't be done, or is to stop. */
  async over(runs: readonly Run[], signal: AbortSignal): Promise<void> {
    const pace = new Pace();
    signal.throwIfAborted();
    for await (const lying of this.all()) {
      signal.throwIfAborted();
      await this.#meet(lying, runs);
      if (pace.isOver()) await pace.rest();
    }
  }

  /** All that lies there, brought in slices. */
  async *all(): AsyncGenerator<Lying> {
    let cursor: string | undefined;
    do {
      const page = await this.#parts.backing.scan(cursor, recordsInSlice);
      yield* page.lying;
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  async #placesOf({ numbered: { order } }: Run): Promise<readonly Lying[]> {
    if (order.kind === 'invalidate') return this.#ofKey(order.key);
    if (order.kind === 'invalidate-group') return [];
    const { selection } = order;
    if (selection.kind === 'targets') return (await Promise.all(selection.keys.map((key) => this.#ofKey(key)))).flat();
    const place = selection.kind === 'one' ? placeOfId(selection.id) : undefined;
    const lying = place && (await this.#parts.backing.at(place));
    return lying === undefined ? [] : [lying];
  }

  async #ofKey(key: CacheKey): Promise<readonly Lying[]> {
    return (await this.#parts.backing.row(rowOf(key))).lying;
  }

  async #meet(found: Lying, runs: readonly Run[]): Promise<void> {
    const { backing } = this.#parts;
    const counted = new Set<Run>();
    let lying: Lying | undefined = found;
    for (let looks = 0; lying !== undefined && looks < maxLooks; looks++) {
      if (await this.#do(lying, runs, counted)) return;
      lying = await backing.at(found.place);
    }
  }

  /** False where others have changed it at the same time. */
  #do(lying: Lying, runs: readonly Run[], counted: Set<Run>): MaybePromise<boolean> {
    const opened = this.#parts.records.read(lying);
    if (opened === undefined) return true;
    // What it is can't be told here, and once the orders are forgotten not even by who knows that version.
    if (opened === 'unknown') return this.#takeAway(lying);
    const { generation } = opened.stored;
    const about = runs.filter(
      ({ numbered: { number, order } }) => number > generation && isAbout(order, opened, this.#parts.equivalence),
    );
    return about.length === 0 || this.#apply(opened, about, counted);
  }

  /** One run after the other, as if each had come by itself: what one takes away is nothing to those that come later. False as above. */
  async #apply(opened: Opened, runs: readonly Run[], counted: Set<Run>): Promise<boolean> {
    const { backing, records } = this.#parts;
    const { place, head } = opened.lying;
    let { stored } = opened;
    let isGone = false;
    for (const run of runs) {
      if (isGone) break;
      if (!counted.has(run)) run.matched++;
      counted.add(run);
      const { order } = run.numbered;
      if (order.kind === 'purge' && order.expiredAt !== undefined) stored = records.ended(stored, order.expiredAt);
      else isGone = true;
    }
    if (isGone) return this.#takeAway(opened.lying);
    const { ended, freshness, generation } = opened.stored;
    if (stored.ended === ended && stored.freshness.lifetime === freshness.lifetime) return true;
    const { contentLength, sums, putAt } = opened.sealed;
    // Other orders before it may still be to come: the number is what it was.
    const sealed = records.seal({ stored, number: generation, contentLength, sums, putAt });
    if (sealed === undefined) return this.#takeAway(opened.lying);
    return backing.replace(place, head, sealed.head, sealed.keepMs);
  }

  async #takeAway({ place, head }: Lying): Promise<boolean> {
    const { backing } = this.#parts;
    return (await backing.remove(place, head)) || (await backing.at(place)) === undefined;
  }
}
