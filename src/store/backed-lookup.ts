import type { CacheKey } from '../key/cache-key.ts';
import type { Backing, Found } from './backing.ts';
import type { BackedRecords, Opened } from './backed-records.ts';
import type { MaybePromise } from './maybe-promise.ts';
import { NominatedLists } from './nominated-lists.ts';
import type { OrdersInForce } from './orders-in-force.ts';
import { rowOf } from './places.ts';
import type { Nominating, Shelved } from './store.ts';

export interface BackedLookupParts {
  readonly backing: Pick<Backing, 'row'>;
  readonly orders: Pick<OrdersInForce, 'reach'>;
  readonly records: Pick<BackedRecords, 'ofKey' | 'shelved' | 'shelvedForUse'>;
}

/** As of `Shelf.lookup`. */
interface Asked {
  readonly key: CacheKey;
  readonly presented: Nominating | undefined;
  readonly generation: number;
}

const nothing: readonly Shelved[] = [];

/**
 * Finds all variants of a target URI on a backing, by their heads: content is read of those that the request selects, and of the others when it is used. Which ones these are the heads say; so that their content comes along
 * with them, it is guessed by what other responses nominate. A wrong guess costs a second look.
 */
export class BackedLookup {
  readonly #parts: BackedLookupParts;
  readonly #lists = new NominatedLists();

  constructor(parts: BackedLookupParts) {
    this.#parts = parts;
  }

  /** Trouble is as if there were nothing. */
  lookup(asked: Asked): MaybePromise<readonly Shelved[]> {
    try {
      const found = this.#look(asked, true);
      return found instanceof Promise ? found.catch(() => nothing) : found;
    } catch {
      return nothing;
    }
  }

  /** A response with these nominated fields will be there. */
  met(nominatedFields: readonly string[]): void {
    this.#lists.met(nominatedFields);
  }

  #look(asked: Asked, mayLookAgain: boolean): MaybePromise<readonly Shelved[]> {
    const { backing, orders } = this.#parts;
    const { key, presented } = asked;
    const found = backing.row(rowOf(key), presented && (() => this.#lists.variantsFor(presented)));
    const open = (row: Found): MaybePromise<readonly Shelved[]> => {
      const reaching = orders.reach(row.orders);
      const use = (): MaybePromise<readonly Shelved[]> => this.#open(asked, row, mayLookAgain);
      return reaching === undefined ? use() : reaching.then(use);
    };
    return found instanceof Promise ? found.then(open) : open(found);
  }

  #open(asked: Asked, { lying }: Found, mayLookAgain: boolean): MaybePromise<readonly Shelved[]> {
    const { records } = this.#parts;
    const { key, presented, generation } = asked;
    const opened = lying.flatMap((each) => records.ofKey(key, each) ?? []);
    const selected = new Set(
      opened.filter(({ stored }) => presented?.variant(stored.nominatedFields) === stored.variant),
    );
    for (const { stored } of [...opened, ...selected]) this.#lists.met(stored.nominatedFields);
    if (mayLookAgain && [...selected].some(isLacking)) return this.#look(asked, false);
    return opened.flatMap((each) =>
      selected.has(each) ? (records.shelvedForUse(each, generation) ?? []) : records.shelved(each, generation),
    );
  }
}

/** Whether content of it has not come along that could have. */
function isLacking({ lying, sealed }: Opened): boolean {
  return sealed.sums.length === 1 && !lying.pieces.isAtHand;
}
