import { EtagereError } from '../errors.ts';
import { noFields } from '../http/fields.ts';
import type { EpochMs, RequestHead } from '../http/message.ts';
import { cacheKey } from '../key/cache-key.ts';
import { targetUri, urlOfTarget } from '../key/target-uri.ts';
import { decideReuse } from '../policy/reuse.ts';
import type { Shelved, Store } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { Fills, Seeker } from './collapse.ts';
import { entryOf, matcherOf, urlOfKey } from './entries.ts';
import type { Generations } from './invalidate.ts';
import type { Limits } from './limits.ts';
import type { Lookup } from './lookup.ts';
import type {
  EntriesPage,
  EntriesQuery,
  Inspection,
  Operations,
  PurgeMode,
  PurgePreview,
  PurgeReceipt,
  Selection,
} from './operations.ts';
import type { NotStoredHeads } from './not-stored.ts';
import { Purges } from './purge.ts';
import { onRoute, type Route } from './route.ts';

export interface DeskParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly generations: Generations;
  readonly fills: Fills;
  readonly lookup: Lookup;
  readonly limits: Pick<Limits, 'maxPurges'>;
  readonly routeOf: (request: RequestHead) => Route;
  /** By which this instance is known in receipts. */
  readonly instance: string;
  /** Absent where nothing is remembered of what was not stored. */
  readonly notStored?: Pick<NotStoredHeads, 'find'>;
}

/** What an operator may do with a cache, beside asking it. */
export class Desk implements Operations {
  readonly #parts: DeskParts;
  readonly #purges: Purges;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#purges = new Purges(parts);
  }

  purge(selection: Selection, mode: PurgeMode): Promise<PurgeReceipt> {
    return this.#purges.purge(this.#keyed(selection), mode);
  }

  preview(selection: Selection): Promise<PurgePreview> {
    return this.#purges.preview(this.#keyed(selection));
  }

  async entries({ match, tag, cursor, limit }: EntriesQuery): Promise<EntriesPage> {
    const { store, clock } = this.#parts;
    const isOfMatch = matcherOf(match);
    const page = await store.page({
      cursor,
      limit,
      selection: tag === undefined ? { kind: 'all' } : { kind: 'tag', tag },
      matches: (key) => isOfMatch(urlOfKey(key)),
    });
    const now = clock.steady();
    const entries = page.found.map(({ id, shelved }) => entryOf(id, shelved, now));
    return page.cursor === undefined ? { entries } : { entries, cursor: page.cursor };
  }

  inspect(presented: RequestHead): Promise<Inspection> {
    const { lookup, clock, routeOf, notStored } = this.#parts;
    const route = routeOf(presented);
    const request = onRoute(presented, route);
    const { scheme, authority, target } = request;
    const key = cacheKey(request);
    // As if it came now: after every other.
    const asker = { key, request, sequence: Number.POSITIVE_INFINITY };
    // What is remembered was answered to a GET: a HEAD may be answered otherwise.
    const lastNotStored = request.method === 'GET' ? notStored?.find(key) : undefined;
    return new Promise((resolve) => {
      const inspect = (shelf: readonly Shelved[]): void => {
        const now = clock.steady();
        resolve({
          key: { scheme, authority, target },
          candidates: shelf.map(({ stored }) => stored),
          now,
          fillInProgress: this.#mayWait(route, { answer: asker, key, shelf }, now),
          config: route.policy,
          route: route.name,
          isBypassed: route.bypasses?.(request) === true,
          ...(lastNotStored === undefined ? {} : { lastNotStored }),
        });
      };
      lookup.ofRequest(request, key, inspect, 'peek');
    });
  }

  /** Whether a request would wait for, or read, what the origin is being asked for. */
  #mayWait({ policy, bypasses }: Route, seeker: Seeker, now: EpochMs): boolean {
    const { fills } = this.#parts;
    const { request } = seeker.answer;
    const candidates = seeker.shelf.map(({ stored }) => stored);
    const isBypassed = bypasses?.(request) === true;
    const reuse = decideReuse({ request, isBypassed, hasContent: false, candidates, now }, policy);
    const sought = reuse.kind === 'reuse' || reuse.kind === 'refuse' ? undefined : fills.soughtBy(seeker, reuse);
    const found = sought && fills.find(sought);
    return found !== undefined && !(found instanceof EtagereError);
  }

  /** A URL as clients write it is what is meant, and the route that a GET for it takes may have another in the key. */
  #keyed(selection: Selection): Selection {
    const uri = selection.kind === 'url' ? targetUri(selection.url) : undefined;
    if (uri === undefined) return selection;
    const target = uri.target === '' ? '/' : uri.target;
    const request: RequestHead = { ...uri, target, method: 'GET', version: '1.1', fields: noFields };
    return { kind: 'url', url: urlOfTarget(onRoute(request, this.#parts.routeOf(request))) };
  }
}
