import type { StoredResponse } from '../policy/stored.ts';
import type { Backing, Committed, Draft, Found, Lying } from './backing.ts';
import type { BackedRecords, Opened } from './backed-records.ts';
import type { Drafted } from './backed-writer.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { OrdersInForce, Watched } from './orders-in-force.ts';
import { idOfPlace, isKin, placeOf, rowOf } from './places.ts';
import { bytesOfPiece, piecesOf } from './sealed-record.ts';

export interface BackedPuttingParts {
  readonly backing: Backing;
  readonly orders: OrdersInForce;
  readonly records: BackedRecords;
  readonly maxObjectBytes: number;
  readonly maxVariants: number;
}

/** How often a response is put where no order is to have come meanwhile. */
const maxAttempts = 4;

/** A head as it is put there, and for how long. */
type Head = Exclude<ReturnType<BackedRecords['seal']>, undefined>;

/** Puts responses onto a backing, and changes and removes what lies there: each exactly the one that is meant. */
export class BackedPutting {
  readonly #parts: BackedPuttingParts;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(parts: BackedPuttingParts) {
    this.#parts = parts;
  }

  /** Undefined where nothing is taken at the moment. */
  draft(stored: StoredResponse, expectedLength: number | undefined): Draft | undefined {
    try {
      return this.#parts.backing.draft(placeOf(stored), expectedLength);
    } catch {
      return undefined;
    }
  }

  /** Puts what is drafted in its place, unless an order that comes meanwhile is about it; false then, and where there is trouble. */
  put(drafted: Drafted): Promise<boolean> {
    return this.#await(false, () => this.#put(drafted));
  }

  async freshen(stored: StoredResponse, updated: StoredResponse): Promise<void> {
    await this.#await(undefined, () => this.#freshen(stored, updated));
  }

  async remove(stored: StoredResponse): Promise<void> {
    await this.#await(undefined, async () => {
      const opened = await this.#find(stored);
      if (opened !== undefined) await this.#takeAway(opened.lying);
    });
  }

  /** Resolves when nothing is under way. */
  async close(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #await<T>(otherwise: T, work: () => Promise<T>): Promise<T> {
    const working = work().catch(() => otherwise);
    this.#underWay.add(working);
    try {
      return await working;
    } finally {
      this.#underWay.delete(working);
    }
  }

  async #put(drafted: Drafted): Promise<boolean> {
    const { draft, stored } = drafted;
    const { orders } = this.#parts;
    try {
      return await this.#whileWatched(stored, async (watched) => {
        if (isKin(stored) && !(await orders.announceKin())) return false;
        if (watched.isDoomed) return false;
        const committed = await this.#commit(drafted, watched);
        if (committed === undefined) return false;
        const { head, isKept } = committed;
        // Also where it is said not to be kept: it may have taken longer than anybody waits for.
        const row = await this.#reached(() => this.#parts.backing.row(rowOf(stored.key)));
        if (row === undefined || watched.isDoomed)
          return this.#takeBack({ place: placeOf(stored), head }, isKept || watched.isDoomed);
        if (isKept) await this.#makeRoom(row);
        return isKept;
      });
    } finally {
      draft.abort();
    }
  }

  /**
   * Puts what is drafted in its place when there is no order that it does not know of: as soon as it lies there, whoever does an order finds it. Where orders come faster than that, it is put all the same, and has to be compared with them
   * afterwards. Undefined where it is surely not there, as one is about it, or it is too large.
   */
  async #commit(drafted: Drafted, watched: Watched): Promise<{ head: Buffer; isKept: boolean } | undefined> {
    const { maxObjectBytes, orders, backing } = this.#parts;
    const { draft, contentLength } = drafted;
    for (let attempts = 1; ; attempts++) {
      const { seen } = orders;
      const sealed = this.#seal(drafted);
      if (sealed === undefined || sealed.head.length + contentLength > maxObjectBytes) return undefined;
      const { head, keepMs } = sealed;
      const commit = (number?: number): Promise<Committed> => draft.commit(head, keepMs, number).catch(() => false);
      let committed = await commit(attempts < maxAttempts ? seen : undefined);
      // Of orders from before this process knew any, none was compared with what it had on its way: they stay later than that.
      if (committed === 'ordered' && seen === 0) committed = await commit();
      if (committed !== 'ordered') return { head, isKept: committed };
      const reached = await this.#reached(async () => ({ orders: await backing.log.head() }));
      if (reached === undefined || watched.isDoomed) return undefined;
    }
  }

  /** False where an order that came meanwhile is about the response, or one that was given before can't be told to the others. */
  async #whileWatched(stored: StoredResponse, work: (watched: Watched) => Promise<boolean>): Promise<boolean> {
    const { orders } = this.#parts;
    const watched = orders.watch({ id: idOfPlace(placeOf(stored)), stored });
    try {
      return (await orders.settle()) && !watched.isDoomed && (await work(watched));
    } finally {
      watched.end();
    }
  }

  /**
   * What is read when something has come onto the shelf, and then all orders that there are by now are in force: one may be about what has come that was not known when it was sealed, and whoever goes over the
   * shelf for it may have been there before. Undefined where that can't be told.
   */
  async #reached<T extends { readonly orders: number }>(read: () => MaybePromise<T>): Promise<T | undefined> {
    try {
      const found = await read();
      await this.#parts.orders.reach(found.orders);
      return found;
    } catch {
      return undefined;
    }
  }

  /** With the number of the last order that is known: all that were given before have been asked about it. */
  #seal({ stored, contentLength, sums }: Pick<Drafted, 'stored' | 'contentLength' | 'sums'>): Head | undefined {
    const { records, orders } = this.#parts;
    return records.seal({ stored, number: orders.seen, contentLength, sums });
  }

  async #freshen(stored: StoredResponse, updated: StoredResponse): Promise<void> {
    const { orders, backing } = this.#parts;
    const head = { ...updated, serial: updated.serial === stored.serial ? 0 : updated.serial };
    await this.#whileWatched(updated, async (watched) => {
      const mayStay = !isKin(updated) || (backing.isSwept && (await orders.announceKin()));
      const opened = await this.#find(stored);
      if (opened === undefined || watched.isDoomed) return false;
      if (!mayStay) return this.#takeAway(opened.lying);
      const isSamePlace = idOfPlace(placeOf(updated)) === opened.id;
      return isSamePlace ? this.#replace(opened, head, watched) : this.#move(opened, head);
    });
  }

  async #replace({ lying, sealed }: Opened, stored: StoredResponse, watched: Watched): Promise<boolean> {
    const { backing, maxObjectBytes } = this.#parts;
    const { place, head } = lying;
    const after = this.#seal({ ...sealed, stored });
    if (after === undefined || after.head.length + sealed.contentLength > maxObjectBytes) return this.#takeAway(lying);
    if (!(await backing.replace(place, head, after.head, after.keepMs))) return false;
    const reached = await this.#reached(async () => ({ orders: await backing.log.head() }));
    return (reached !== undefined && !watched.isDoomed) || this.#takeAway({ place, head: after.head });
  }

  /** To the place of the variant that it has become; there is no content for two of them. */
  async #move({ lying, sealed }: Opened, stored: StoredResponse): Promise<boolean> {
    const { contentLength, sums } = sealed;
    const draft = this.draft(stored, contentLength);
    let isDrafted = draft !== undefined;
    for (let index = 0; isDrafted && index < piecesOf(contentLength); index++) {
      const piece = await lying.pieces.read(index);
      isDrafted =
        piece !== undefined && piece.length === bytesOfPiece(index, contentLength) && draft?.write(piece) === true;
      await caughtUp(draft);
    }
    if (isDrafted && draft !== undefined) await this.#put({ draft, stored, contentLength, sums });
    else draft?.abort();
    return this.#takeAway(lying);
  }

  /** A response that was looked up before, if it lies there still. */
  async #find(stored: StoredResponse): Promise<Opened | undefined> {
    const { backing, records } = this.#parts;
    const lying = await backing.at(placeOf(stored));
    const opened = lying && records.current(lying);
    return opened?.stored.key === stored.key && opened.stored.serial === stored.serial ? opened : undefined;
  }

  /** Where it must go, and can't be taken away now, an order says so, as that which it was put there against may be forgotten by the time that it is met. */
  async #takeBack(lying: Pick<Lying, 'place' | 'head'>, mustGo: boolean): Promise<false> {
    try {
      return await this.#takeAway(lying);
    } catch {
      const selection = { kind: 'one', id: idOfPlace(lying.place) } as const;
      if (mustGo) await this.#parts.orders.give({ kind: 'purge', selection });
      return false;
    }
  }

  async #takeAway({ place, head }: Pick<Lying, 'place' | 'head'>): Promise<false> {
    await this.#parts.backing.remove(place, head);
    return false;
  }

  /** Of more variants than there may be, those go that were put there first. */
  async #makeRoom({ lying }: Found): Promise<void> {
    const { records, maxVariants } = this.#parts;
    if (lying.length <= maxVariants) return;
    const opened = lying.flatMap((each) => records.current(each) ?? []);
    const oldestFirst = opened.toSorted((a, b) => a.sealed.putAt - b.sealed.putAt);
    const surplus = oldestFirst.slice(0, Math.max(0, opened.length - maxVariants));
    // One that stays leaves when the next is put beside it.
    await Promise.allSettled(surplus.map((each) => this.#takeAway(each.lying)));
  }
}

async function caughtUp(draft: Draft | undefined): Promise<void> {
  for (let behind = draft?.behind; behind !== undefined; behind = draft?.behind) await behind;
}
