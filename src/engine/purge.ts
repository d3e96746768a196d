import { EtagereError } from '../errors.ts';
import { lifetimeEnding } from '../policy/age.ts';
import { assertNever } from '../http/message.ts';
import { type CacheKey, cacheKey, targetKey } from '../key/cache-key.ts';
import { type TargetUri, targetUri } from '../key/target-uri.ts';
import { purgeNames } from '../key/purge-names.ts';
import type { MaybePromise, Store, StorePurge, StoreSelection } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { Fills } from './collapse.ts';
import { shownUrl } from './entries.ts';
import type { Fill } from './fill.ts';
import type { Generations } from './invalidate.ts';
import type { Limits } from './limits.ts';
import type { Lookup } from './lookup.ts';
import type { PurgeMode, PurgePreview, PurgeReceipt, Selection } from './operations.ts';

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

/** What is purged, as a shelf and as fills are asked about it. */
interface Target {
  readonly selection: StoreSelection;
  readonly isOfKey: (key: CacheKey) => boolean;
  readonly tag?: string;
}

const nowhere: Target = { selection: { kind: 'targets', keys: [] }, isOfKey: () => false };

/**
 * Purges: what an operator wants off the shelf, or asked about anew. Free of races, because a purge takes a number of its own: what was asked for before it is not published after it, at
 * whatever step it was, and what is asked for later is not touched.
 */
export class Purges {
  readonly #parts: PurgeParts;
  /** How many purges and previews are under way of those that may be about everything, and go over the shelf one after the other. */
  #overShelf = 0;

  constructor(parts: PurgeParts) {
    this.#parts = parts;
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
    const { store, clock, generations, fills, lookup, instance } = this.#parts;
    const began = clock.steady();
    const found = this.#targetOf(selection);
    const target = found instanceof Promise ? await found : found;
    const before = target.tag === undefined ? generations.advance() : generations.purgeTag(target.tag);
    let fillsDoomed = 0;
    for (const fill of fills.all) {
      if (isAbout(target, fill) && fill.standing.doom(mode) && fill.isForShelf) fillsDoomed++;
    }
    for (const key of target.selection.kind === 'targets' ? target.selection.keys : []) {
      generations.purgeEquivalents(key);
      // Of equivalent targets some may be forgotten.
      const equivalents = lookup.equivalentsOf(key);
      if (equivalents === undefined) continue;
      if (mode === 'hard') generations.invalidateGroup(equivalents);
      else generations.expireEquivalents(equivalents);
    }
    const done = store.purge(storePurge(target.selection, mode, before, began));
    const inForceMs = clock.steady() - began;
    const matched = await done;
    const acknowledged = [{ instance, inForceMs, ms: clock.steady() - began }];
    const counted = mode === 'soft' ? { stale: matched, removed: 0 } : { stale: 0, removed: matched };
    return { matched, ...counted, fillsDoomed, acknowledged };
  }

  async #preview(selection: Selection): Promise<PurgePreview> {
    const { matched, sample } = await this.#parts.store.count((await this.#targetOf(selection)).selection);
    return { matched, sample: sample.map(shownUrl) };
  }

  /** With the responses that equivalent targets share (No-Vary-Search), wherever they lie; and of one response, with its key. */
  #targetOf(selection: Selection): MaybePromise<Target> {
    const { store, lookup } = this.#parts;
    if (selection.kind === 'url') return targetOfUrl(targetUri(selection.url), (key) => lookup.knownEquivalents(key));
    if (selection.kind !== 'entry') return targetOf(selection);
    const key = store.keyOf(selection.id);
    return key instanceof Promise
      ? key.then((known) => targetOfEntry(selection.id, known))
      : targetOfEntry(selection.id, key);
  }
}

function storePurge(selection: StoreSelection, mode: PurgeMode, before: number, now: number): StorePurge {
  return mode === 'hard' ? { selection, before } : { selection, before, expire: (aging) => lifetimeEnding(now, aging) };
}

function targetOf(selection: Exclude<Selection, { kind: 'url' | 'entry' }>): Target {
  switch (selection.kind) {
    case 'prefix':
      return targetOfPrefix(targetUri(selection.prefix));
    case 'host': {
      // Every target begins with a slash, but for that of OPTIONS, whose answers are not stored.
      const prefixes = bothSchemes({ scheme: 'http', authority: selection.host, target: '/' });
      return targetOfPrefixes(prefixes);
    }
    case 'tag':
      return { selection: { kind: 'tag', tag: selection.tag }, isOfKey: () => false, tag: selection.tag };
    case 'all':
      return { selection: { kind: 'all' }, isOfKey: () => true };
    default:
      return assertNever(selection);
  }
}

/** Which variant a fill will bring is not known: all of the same key are taken for that. */
function targetOfEntry(id: string, of: CacheKey | undefined): Target {
  return { selection: { kind: 'one', id }, isOfKey: (key) => key === of };
}

function targetOfUrl(uri: TargetUri | undefined, equivalentsOf: (key: CacheKey) => readonly CacheKey[]): Target {
  if (uri === undefined) return nowhere;
  const presented = bothSchemes({ ...uri, target: uri.target === '' ? '/' : uri.target });
  const keys = [...new Set([...presented, ...presented.flatMap((key) => equivalentsOf(key))])];
  return { selection: { kind: 'targets', keys }, isOfKey: (key) => keys.includes(targetKey(key)) };
}

function targetOfPrefix(uri: TargetUri | undefined): Target {
  return uri === undefined ? nowhere : targetOfPrefixes(bothSchemes(uri));
}

function targetOfPrefixes(prefixes: readonly string[]): Target {
  return {
    selection: { kind: 'beginning', prefixes },
    isOfKey: (key) => prefixes.some((prefix) => key.startsWith(prefix)),
  };
}

/** Behind a proxy that ends TLS and is not trusted, what clients ask for by https is keyed as http: an operator need not know which. */
function bothSchemes(uri: TargetUri): readonly CacheKey[] {
  return [cacheKey({ ...uri, scheme: 'http' }), cacheKey({ ...uri, scheme: 'https' })];
}

/** Whether what a fill brings, or asks about, is purged. A tag that only the response will tell is looked for when that is there. */
function isAbout({ isOfKey, tag }: Target, fill: Fill): boolean {
  if (isOfKey(fill.plan.key) || isOfKey(fill.plan.commonKey)) return true;
  if (tag === undefined) return false;
  return [fill.about, fill.arriving].some((stored) => stored !== undefined && purgeNames(stored).includes(tag));
}
