import type { CacheKey } from '../key/cache-key.ts';
import type { Backing, Lying, Place } from './backing.ts';
import type { BackedRecords, Opened } from './backed-records.ts';
import { type Equivalence, isSelected } from './order-subject.ts';
import type { OrdersInForce } from './orders-in-force.ts';
import { Pace } from './pace.ts';
import { placeOfId, rowOf } from './places.ts';
import { sampleSize, type StoreSelection } from './selection.ts';
import type { StoreCount, StorePage, StorePageQuery } from './store.ts';
import type { Sweeping } from './sweeping.ts';

export interface BackedListingParts {
  readonly backing: Backing;
  readonly records: BackedRecords;
  readonly orders: Pick<OrdersInForce, 'reach'>;
  readonly sweeping: Pick<Sweeping, 'all'>;
  readonly rules: Equivalence;
}

/** Where a page ends: after so many records of the slice that begins at a cursor of the backing. */
const anyCursor = /^(\d{1,9})-(.*)$/;

/** Finds responses on a backing for who looks on: as orders have left them. */
export class BackedListing {
  readonly #parts: BackedListingParts;

  constructor(parts: BackedListingParts) {
    this.#parts = parts;
  }

  /** Undefined where nothing lies there, or it can't be told. */
  async at(place: Place): Promise<Opened | undefined> {
    const { backing, records } = this.#parts;
    try {
      await this.#reach();
      const lying = await backing.at(place);
      return lying && records.current(lying);
    } catch {
      return undefined;
    }
  }

  /** Trouble ends it: then it is as if there were no more. */
  async count(selection: StoreSelection): Promise<StoreCount> {
    const { rules, records } = this.#parts;
    const found = new Set<number>();
    const sample: CacheKey[] = [];
    const pace = new Pace();
    try {
      await this.#reach();
      for await (const lying of this.#of(selection)) {
        const opened = records.current(lying);
        if (opened !== undefined && isSelected(selection, opened, rules)) {
          if (sample.length < sampleSize && !found.has(digestOf(opened))) sample.push(opened.stored.key);
          found.add(digestOf(opened));
        }
        if (pace.isOver()) await pace.rest();
      }
    } catch {
      // What was counted was there.
    }
    return { matched: found.size, sample };
  }

  /** The same. */
  async page(query: StorePageQuery): Promise<StorePage> {
    const found: StorePage['found'][number][] = [];
    const pace = new Pace();
    let [skipped, cursor] = startOf(query.cursor);
    try {
      await this.#reach();
      for (;;) {
        const slice = await this.#parts.backing.scan(cursor, query.limit);
        for (const [index, lying] of slice.lying.entries()) {
          if (index < skipped) continue;
          if (found.length === query.limit) return { found, cursor: `${index}-${cursor ?? ''}` };
          found.push(...this.#matching(lying, query));
          if (pace.isOver()) await pace.rest();
        }
        if (slice.cursor === undefined) return { found };
        // Of another limit than the last page, slices have other lengths.
        skipped = Math.max(0, skipped - slice.lying.length);
        cursor = slice.cursor;
      }
    } catch {
      return { found };
    }
  }

  #matching(lying: Lying, { selection, matches }: StorePageQuery): StorePage['found'] {
    const { records, rules } = this.#parts;
    const opened = records.current(lying);
    if (opened === undefined || !isSelected(selection, opened, rules) || !matches(opened.stored.key)) return [];
    return [{ id: opened.id, shelved: records.shelved(opened, 0) }];
  }

  /** What is read is compared with all orders that there are. */
  async #reach(): Promise<void> {
    const { backing, orders } = this.#parts;
    await orders.reach(await backing.log.head());
  }

  /** All that may be of a selection. */
  async *#of(selection: StoreSelection): AsyncGenerator<Lying> {
    const { backing, sweeping } = this.#parts;
    if (selection.kind === 'one') {
      const place = placeOfId(selection.id);
      const lying = place && (await backing.at(place));
      if (lying !== undefined) yield lying;
    } else if (selection.kind === 'targets') {
      for (const key of selection.keys) yield* (await backing.row(rowOf(key))).lying;
    } else {
      yield* sweeping.all();
    }
  }
}

function startOf(cursor: string | undefined): [skipped: number, cursor: string | undefined] {
  if (cursor === undefined) return [0, undefined];
  const [, skipped, rest] = anyCursor.exec(cursor) ?? [];
  if (skipped === undefined) return [0, cursor];
  return [Number(skipped), rest === '' ? undefined : rest];
}

/** By which one is told from others, as there may be millions of them: 28 bits of its row, and 24 of its variant. */
function digestOf({ id }: Opened): number {
  return Number.parseInt(id.slice(0, 7), 16) * 2 ** 24 + Number.parseInt(id.slice(-6), 16);
}
