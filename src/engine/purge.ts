import { EtagereError } from '../errors.ts';
import { assertNever } from '../http/message.ts';
import { purgeNames } from '../key/purge-names.ts';
import { lifetimeEnding } from '../policy/age.ts';
import type { MaybePromise } from '../store/maybe-promise.ts';
import type { Heard, Order } from '../store/orders.ts';
import type { StoreSelection } from '../store/selection.ts';
import type { Store, StorePurge } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { Fills } from './collapse.ts';
import { shownUrl } from './entries.ts';
import type { Fill } from './fill.ts';
import type { Generations } from './invalidate.ts';
import type { Limits } from './limits.ts';
import type { Lookup } from './lookup.ts';
import type { Acknowledgement, PurgeMode, PurgePreview, PurgeReceipt, Selection } from './operations.ts';
import { isAboutKey, selectionOf, selectionOfEntry, selectionOfUrl } from './purge-target.ts';

export interface PurgeParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly generations: Generations;
  readonly fills: Fills;
  readonly lookup: Lookup;
  readonly limits: Pick<Limits, 'maxPurges'>;
  /** By which this instance is known in receipts. */
  readonly instance: string;
}

/**
 * Purges: what an operator wants off the shelf, or asked about anew, here or at another instance that shares it. Free of races, because a purge takes a number of its own: what was asked for before it is not published after it, at
 * whatever step it was, and what is asked for later is not touched.
 */
export class Purges {
  readonly #parts: PurgeParts;
  /** How many purges and previews are under way of those that may be about everything, and go over the shelf one after the other. */
  #overShelf = 0;

  constructor(parts: PurgeParts) {
    this.#parts = parts;
    parts.store.onOrder?.((order) => this.#heed(order));
  }

  /** @throws EtagereError PURGES_FULL, and then nothing is purged; never for a URL or an entry, which wait for nobody. */
  purge(selection: Selection, mode: PurgeMode): Promise<PurgeReceipt> {
    return this.#bounded(selection, () => this.#purge(selection, mode));
  }

  /** @throws EtagereError PURGES_FULL, as for a purge of the same. */
  preview(selection: Selection): Promise<PurgePreview> {
    return this.#bounded(selection, () => this.#preview(selection));
  }

  async #bounded<T>({ kind }: Selection, work: () => Promise<T>): Promise<T> {
    if (kind === 'url' || kind === 'entry') return work();
    const { maxPurges } = this.#parts.limits;
    if (this.#overShelf >= maxPurges) {
      throw new EtagereError(
        'PURGES_FULL',
        `${maxPurges} go over the shelf already (--max-purges); nothing was purged, ask again`,
      );
    }
    this.#overShelf++;
    try {
      return await work();
    } finally {
      this.#overShelf--;
    }
  }

  async #purge(selection: Selection, mode: PurgeMode): Promise<PurgeReceipt> {
    const { store, clock, instance } = this.#parts;
    const began = clock.steady();
    const found = this.#selectionOf(selection);
    const selected = found instanceof Promise ? await found : found;
    const { before, fillsDoomed } = this.#putInForce(selected, mode);
    const done = store.purge(storePurge(selected, mode, before, began));
    const inForceMs = clock.steady() - began;
    const { matched, heard } = await done;
    const own = { instance, inForceMs, ms: clock.steady() - began };
    const counted = mode === 'soft' ? { stale: matched, removed: 0 } : { stale: 0, removed: matched };
    return { matched, ...counted, fillsDoomed, ...whoHeard(own, heard) };
  }

  /** From here on nothing counts that was asked for before; the shelf itself is another matter. */
  #putInForce(selection: StoreSelection, mode: PurgeMode): { before: number; fillsDoomed: number } {
    const { generations, fills, lookup } = this.#parts;
    const before = selection.kind === 'tag' ? generations.purgeTag(selection.tag) : generations.advance();
    let fillsDoomed = 0;
    for (const fill of fills.all) {
      if (isAbout(selection, fill) && fill.standing.doom(mode) && fill.isForShelf) fillsDoomed++;
    }
    for (const key of selection.kind === 'targets' ? selection.keys : []) {
      generations.purgeEquivalents(key);
      // Of equivalent targets some may be forgotten.
      const equivalents = lookup.equivalentsOf(key);
      if (equivalents === undefined) generations.expireUnknown(key);
      else if (mode === 'hard') generations.invalidateGroup(equivalents);
      else generations.expireEquivalents(equivalents);
    }
    return { before, fillsDoomed };
  }

  /** An order of another who shares the shelf, which does with what lies there as it says. Tells the generation from which on responses are not what it is about. */
  #heed(order: Order): number {
    const { generations, lookup } = this.#parts;
    switch (order.kind) {
      case 'purge':
        return this.#putInForce(order.selection, order.expiredAt === undefined ? 'hard' : 'soft').before;
      case 'invalidate': {
        const equivalents = lookup.equivalentsOf(order.key);
        if (equivalents !== undefined) generations.invalidateGroup(equivalents);
        generations.invalidate(order.key);
        return generations.current;
      }
      case 'invalidate-group':
        generations.invalidateGroup(order.group);
        return generations.current;
      default:
        return assertNever(order);
    }
  }

  async #preview(selection: Selection): Promise<PurgePreview> {
    const { matched, sample } = await this.#parts.store.count(await this.#selectionOf(selection));
    return { matched, sample: sample.map(shownUrl) };
  }

  /** With the responses that equivalent targets share (No-Vary-Search), wherever they lie; and of one response, with its key. */
  #selectionOf(selection: Selection): MaybePromise<StoreSelection> {
    const { store, lookup } = this.#parts;
    if (selection.kind === 'url') return selectionOfUrl(selection.url, (key) => lookup.knownEquivalents(key));
    if (selection.kind !== 'entry') return selectionOf(selection);
    const key = store.keyOf(selection.id);
    return key instanceof Promise
      ? key.then((known) => selectionOfEntry(selection.id, known))
      : selectionOfEntry(selection.id, key);
  }
}

/** Whom a receipt names: this instance, and those who share the shelf. */
function whoHeard(own: Acknowledgement, heard: readonly Heard[]): Pick<PurgeReceipt, 'acknowledged' | 'unheard'> {
  const others = heard.flatMap(({ instance, ms }) => (ms === undefined ? [] : [{ instance, inForceMs: ms }]));
  const unheard = heard.flatMap(({ instance, ms }) => (ms === undefined ? [instance] : []));
  const acknowledged = [own, ...others];
  return unheard.length === 0 ? { acknowledged } : { acknowledged, unheard };
}

function storePurge(selection: StoreSelection, mode: PurgeMode, before: number, now: number): StorePurge {
  if (mode === 'hard') return { selection, before };
  return { selection, before, expire: (aging) => lifetimeEnding(now, aging), expiredAt: now };
}

/** Whether what a fill brings, or asks about, is purged. A tag that only the response will tell is looked for when that is there. */
function isAbout(selection: StoreSelection, fill: Fill): boolean {
  if (isAboutKey(selection, fill.plan.key) || isAboutKey(selection, fill.plan.commonKey)) return true;
  if (selection.kind !== 'tag') return false;
  return [fill.about, fill.arriving].some(
    (stored) => stored !== undefined && purgeNames(stored).includes(selection.tag),
  );
}
