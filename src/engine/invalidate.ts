import { type CacheKey, groupKey, targetKey } from '../key/cache-key.ts';
import { type Named, purgeNames } from '../key/purge-names.ts';
import { equivalenceKey, pathOf } from '../policy/search-variation.ts';
import type { StoredResponse } from '../policy/stored.ts';
import { RecentGenerations } from './recent-generations.ts';

/** Older than every invalidation that there can be: what belongs to it is never published. */
export const beforeAll = -1;

/** What may be invalidated together with others. */
export interface Fellow extends Pick<StoredResponse, 'key' | 'groups'> {
  readonly search?: StoredResponse['search'];
}

/** What may be published, if nothing of it was invalidated or purged. */
export type Publishable = Fellow & Named;

/** What may have to expire together with others. */
type Expiring = Pick<StoredResponse, 'key' | 'search' | 'ended' | 'generation'>;

/** The groups that it is said to belong to, and that of all targets equivalent to its own. */
function groupsOf({ key, groups, search }: Fellow): CacheKey[] {
  const keys = groups.map((name) => groupKey(key, name));
  if (search !== undefined) keys.push(equivalenceKey(key, search.significant));
  return keys;
}

/**
 * Generations: what keeps a response that was on its way when its URI was invalidated from coming back to life. A fill takes the current number when it
 * begins; it is compared when the fill would be published, and with what is read from the shelf.
 */
export class Generations {
  readonly #ofKey: RecentGenerations;
  readonly #ofGroup: RecentGenerations;
  readonly #ofTag: RecentGenerations;
  /** When a target of a path was purged last, whatever its query. */
  readonly #ofPath: RecentGenerations;
  /** When targets that are equivalent to one another were to expire last. */
  readonly #ofEquivalents: RecentGenerations;
  /** When a target of a path was purged last of which no equivalents were known. */
  readonly #ofUnknown: RecentGenerations;
  /** When anything was purged last. */
  #lastOfPurges = 0;
  #current = 0;

  constructor(maxKeys: number) {
    this.#ofKey = new RecentGenerations(maxKeys);
    this.#ofGroup = new RecentGenerations(maxKeys);
    this.#ofTag = new RecentGenerations(maxKeys);
    this.#ofPath = new RecentGenerations(maxKeys);
    this.#ofEquivalents = new RecentGenerations(maxKeys);
    this.#ofUnknown = new RecentGenerations(maxKeys);
  }

  /** The number a fill that begins now belongs to. */
  get current(): number {
    return this.#current;
  }

  /** Whether a fill that began in `generation` may still be shared and stored. */
  mayPublish(key: CacheKey, generation: number): boolean {
    // Nearly always nothing was invalidated since.
    return generation === this.#current || generation >= this.#ofKey.of(targetKey(key));
  }

  /**
   * Whether what was stored by a fill of `generation` may still be served. The store has dropped what was invalidated; this is for a store that
   * drops late, and a key that is forgotten by then has been dropped long since.
   */
  mayServe(key: CacheKey, generation: number): boolean {
    if (generation === this.#current) return true;
    const target = targetKey(key);
    // Nothing drops the queries of a target from the shelf with it.
    return target === key ? generation >= (this.#ofKey.remembered(key) ?? 0) : this.mayPublish(key, generation);
  }

  /**
   * The same for the groups of a stored response (RFC 9875), and for targets equivalent to its own (No-Vary-Search). Nothing drops the members of a group from the shelf, so that forgetting a group takes its
   * older members for invalidated, and those of other forgotten groups with them.
   */
  mayServeGroups(stored: Fellow, generation: number): boolean {
    // Nearly always no group was invalidated since.
    if (generation >= this.#ofGroup.last) return true;
    return groupsOf(stored).every((group) => generation >= this.#ofGroup.of(group));
  }

  invalidateGroup(group: CacheKey): void {
    this.#current++;
    this.#ofGroup.set(group, this.#current);
  }

  /**
   * The purge that came last has these targets expire, given by the key that they share. It has found those whose keys are known: of the others what was stored before it is not
   * served any more, and forgetting errs on the same side.
   */
  expireEquivalents(equivalents: CacheKey): void {
    this.#ofEquivalents.set(equivalents, this.#current);
  }

  /** The purge that came last is about this target, and its path is not known to have equivalents, or not any more. What was stored of it before, and has some, is not served any more. */
  expireUnknown(key: CacheKey): void {
    this.#ofUnknown.set(pathOf(key), this.#current);
  }

  /** Whether what is stored has not missed such a purge. What any purge has reached is validated before it is used, and stands in for an origin that fails. */
  mayServeEquivalent({ key, search, ended, generation }: Expiring): boolean {
    if (generation >= this.#lastOfPurges || search === undefined || ended === 'purged') return true;
    const isOfEquivalents = generation < this.#ofEquivalents.of(equivalenceKey(key, search.significant));
    return !isOfEquivalents && generation >= this.#ofUnknown.of(pathOf(key));
  }

  /** Whether what a fill of `generation` brings under its key may be shared and stored: nothing of it was invalidated since. */
  mayPublishStored(stored: Publishable, generation: number): boolean {
    return (
      this.mayPublish(stored.key, generation) &&
      this.mayServeGroups(stored, generation) &&
      this.#mayPublishNames(purgeNames(stored), generation) &&
      this.#mayPublishSearch(stored, generation)
    );
  }

  /** Something is purged: a fill that begins from now on is told from those that began before. */
  advance(): number {
    this.#current++;
    this.#lastOfPurges = this.#current;
    return this.#current;
  }

  /** Whether anything at all was purged since `generation`. */
  wasPurgedSince(generation: number): boolean {
    return generation < this.#lastOfPurges;
  }

  /**
   * The purge that came last is about this target. Whether a response that is under way is equivalent to it (No-Vary-Search) only that itself will tell: none of the same
   * path that began before, and has equivalents, is published.
   */
  purgeEquivalents(key: CacheKey): void {
    this.#ofPath.set(pathOf(key), this.#current);
  }

  #mayPublishSearch({ key, search }: Fellow, generation: number): boolean {
    if (search === undefined || generation >= this.#lastOfPurges) return true;
    return generation >= this.#ofPath.of(pathOf(key));
  }

  /** As `advance`, and what a fill brings that began before, and has this name, is not published. */
  purgeTag(tag: string): number {
    const generation = this.advance();
    this.#ofTag.set(tag, generation);
    return generation;
  }

  /** Forgetting a name errs on the side of not storing. */
  #mayPublishNames(names: readonly string[], generation: number): boolean {
    if (generation >= this.#ofTag.last) return true;
    return names.every((name) => generation >= this.#ofTag.of(name));
  }

  /** From now on nothing that began before counts for this key. */
  invalidate(key: CacheKey): void {
    this.#current++;
    this.#ofKey.set(key, this.#current);
  }
}
