import { type CacheKey, groupKey, targetKey } from '../key/cache-key.ts';
import { type Named, purgeNames } from '../key/purge-names.ts';
import { equivalenceKey, pathOf } from '../policy/search-variation.ts';
import type { StoredResponse } from '../policy/stored.ts';
import { RecentKeys } from './recent-keys.ts';

/** Older than every invalidation that there can be: what belongs to it is never published. */
export const beforeAll = -1;

/** What may be invalidated together with others. */
export interface Fellow extends Pick<StoredResponse, 'key' | 'groups'> {
  readonly search?: StoredResponse['search'];
}

/** What may be published, if nothing of it was invalidated or purged. */
export type Publishable = Fellow & Named;

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
  readonly #ofKey: RecentKeys<number>;
  readonly #ofGroup: RecentKeys<number>;
  readonly #ofTag: RecentKeys<number>;
  #tagFloor = 0;
  /** When a tag was purged last. */
  #lastOfTags = 0;
  /** When a target of a path was purged last, whatever its query. */
  readonly #ofPath: RecentKeys<number>;
  #pathFloor = 0;
  /** When anything was purged last. */
  #lastOfPurges = 0;
  #groupFloor = 0;
  /** When a group was invalidated last. */
  #lastOfGroups = 0;
  #current = 0;
  /** For fills, of every key that is not remembered: raised when one is forgotten, so that forgetting errs on the side of not storing. */
  #floor = 0;

  constructor(maxKeys: number) {
    this.#ofKey = new RecentKeys({
      maxKeys,
      onForget: (generation) => {
        this.#floor = Math.max(this.#floor, generation);
      },
    });
    this.#ofGroup = new RecentKeys({
      maxKeys,
      onForget: (generation) => {
        this.#groupFloor = Math.max(this.#groupFloor, generation);
      },
    });
    this.#ofTag = new RecentKeys({
      maxKeys,
      onForget: (generation) => {
        this.#tagFloor = Math.max(this.#tagFloor, generation);
      },
    });
    this.#ofPath = new RecentKeys({
      maxKeys,
      onForget: (generation) => {
        this.#pathFloor = Math.max(this.#pathFloor, generation);
      },
    });
  }

  /** The number a fill that begins now belongs to. */
  get current(): number {
    return this.#current;
  }

  /** Whether a fill that began in `generation` may still be shared and stored. */
  mayPublish(key: CacheKey, generation: number): boolean {
    // Nearly always nothing was invalidated since.
    return generation === this.#current || generation >= (this.#ofKey.get(targetKey(key)) ?? this.#floor);
  }

  /**
   * Whether what was stored by a fill of `generation` may still be served. The store has dropped what was invalidated; this is for a store that
   * drops late, and a key that is forgotten by then has been dropped long since.
   */
  mayServe(key: CacheKey, generation: number): boolean {
    if (generation === this.#current) return true;
    const target = targetKey(key);
    // Nothing drops the queries of a target from the shelf with it.
    return target === key ? generation >= (this.#ofKey.get(key) ?? 0) : this.mayPublish(key, generation);
  }

  /**
   * The same for the groups of a stored response (RFC 9875), and for targets equivalent to its own (No-Vary-Search). Nothing drops the members of a group from the shelf, so that forgetting a group takes its
   * older members for invalidated, and those of other forgotten groups with them.
   */
  mayServeGroups(stored: Fellow, generation: number): boolean {
    // Nearly always no group was invalidated since.
    if (generation >= this.#lastOfGroups) return true;
    return groupsOf(stored).every((group) => generation >= (this.#ofGroup.get(group) ?? this.#groupFloor));
  }

  invalidateGroup(group: CacheKey): void {
    this.#current++;
    this.#lastOfGroups = this.#current;
    this.#ofGroup.set(group, this.#current);
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
    return generation >= (this.#ofPath.get(pathOf(key)) ?? this.#pathFloor);
  }

  /** As `advance`, and what a fill brings that began before, and has this name, is not published. */
  purgeTag(tag: string): number {
    this.#lastOfTags = this.advance();
    this.#ofTag.set(tag, this.#lastOfTags);
    return this.#lastOfTags;
  }

  /** Forgetting a name errs on the side of not storing. */
  #mayPublishNames(names: readonly string[], generation: number): boolean {
    if (generation >= this.#lastOfTags) return true;
    return names.every((name) => generation >= (this.#ofTag.get(name) ?? this.#tagFloor));
  }

  /** From now on nothing that began before counts for this key. */
  invalidate(key: CacheKey): void {
    this.#current++;
    this.#ofKey.set(key, this.#current);
  }
}
