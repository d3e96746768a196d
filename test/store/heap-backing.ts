import { setImmediate as turn } from 'node:timers/promises';
import type { Backing, BackingPage, BackingStats, Draft, Found, Lying, Place } from '../../src/store/backing.ts';
import type { MaybePromise } from '../../src/store/maybe-promise.ts';
import type { Heard, NumberedOrder, Order, OrderLog, Remembered } from '../../src/store/orders.ts';

/** A record as it lies there: a test may damage it. */
export interface HeapRecord {
  readonly place: Place;
  head: Buffer;
  readonly pieces: Buffer[];
  readonly keepMs: number;
}

/** What may be told to fail. */
export type HeapCall =
  | 'row'
  | 'at'
  | 'draft'
  | 'write'
  | 'commit'
  | 'replace'
  | 'remove'
  | 'scan'
  | 'read'
  | 'head'
  | 'append'
  | 'since'
  | 'forget';

export interface HeapOptions {
  /** Whether it answers later, as what lies behind a network does. */
  readonly isLater?: boolean;
  readonly isSwept?: boolean;
  /** Whether it hears of the orders of others as they are given; otherwise only their numbers tell. */
  readonly hears?: boolean;
  /** By which it is known in receipts. */
  readonly instance?: string;
}

/** Most orders that are remembered. */
const maxOrders = 1_000;

/** Where the records of one or several `HeapBacking` lie: what a disk is to processes. */
export class HeapGround {
  readonly rows = new Map<string, Map<string, HeapRecord>>();
  readonly orders = new Map<number, Order>();
  readonly users: HeapBacking[] = [];
  head = 0;
  forgotten = 0;
  lost = 0;

  get records(): HeapRecord[] {
    return [...this.rows.values()].flatMap((row) => [...row.values()]);
  }

  find({ row, variant }: Place): HeapRecord | undefined {
    return this.rows.get(row)?.get(variant);
  }

  put(record: HeapRecord): void {
    const { row, variant } = record.place;
    const variants = this.rows.get(row) ?? new Map<string, HeapRecord>();
    this.rows.set(row, variants.set(variant, record));
  }

  remove({ row, variant }: Place): void {
    const variants = this.rows.get(row);
    if (variants?.delete(variant) === true && variants.size === 0) this.rows.delete(row);
  }

  /** Gives an order its number; the oldest goes where there are too many. */
  number(order: Order): number {
    this.orders.set(++this.head, order);
    const [oldest] = this.orders.keys();
    if (this.orders.size > maxOrders && oldest !== undefined) {
      this.orders.delete(oldest);
      this.lost = this.forgotten = oldest;
    }
    return this.head;
  }
}

/** The reference of a backing: in this process's memory, so that tests may look at it, and have every call fail. */
export class HeapBacking implements Backing {
  readonly isSwept: boolean;
  readonly log: OrderLog;
  /** Which calls fail, from now on. */
  fails: (call: HeapCall) => boolean = () => false;
  readonly #ground: HeapGround;
  readonly #options: HeapOptions;
  #listener: (heard: NumberedOrder | 'gap') => void = () => {};
  #isCutOff = false;
  #failures = 0;

  constructor(ground: HeapGround, options: HeapOptions = {}) {
    this.#ground = ground;
    this.#options = options;
    this.isSwept = options.isSwept ?? true;
    this.log = {
      head: () => this.#answer('head', () => ground.head),
      append: (order) => this.#append(order),
      since: (number) => this.#answer('since', () => this.#since(number)),
      listen: (listener) => {
        this.#listener = listener;
      },
      forget: (numbers) => this.#answer('forget', () => this.#forget(numbers)),
    };
    ground.users.push(this);
  }

  row(row: string, variants?: () => readonly string[]): MaybePromise<Found> {
    return this.#answer('row', () => {
      const records = [...(this.#ground.rows.get(row)?.values() ?? [])];
      const isWanted = ({ place }: HeapRecord): boolean =>
        variants !== undefined && (records.length === 1 || variants().includes(place.variant));
      return { orders: this.#ground.head, lying: records.map((record) => this.#lying(record, isWanted(record))) };
    });
  }

  at(place: Place): MaybePromise<Lying | undefined> {
    return this.#answer('at', () => {
      const record = this.#ground.find(place);
      return record && this.#lying(record, true);
    });
  }

  draft(place: Place): Draft | undefined {
    if (this.#isFailing('draft')) return undefined;
    const pieces: Buffer[] = [];
    let isOpen = true;
    return {
      write: (piece) => {
        if (this.#isFailing('write')) isOpen = false;
        if (isOpen) pieces.push(Buffer.from(piece));
        return isOpen;
      },
      commit: async (head, keepMs, orders) => {
        const wasOpen = isOpen;
        isOpen = false;
        await turn();
        if (!wasOpen || this.#isFailing('commit')) return false;
        if (orders !== undefined && this.#ground.head > orders) {
          isOpen = true;
          return 'ordered';
        }
        this.#ground.put({ place, head: Buffer.from(head), pieces, keepMs });
        return true;
      },
      abort: () => {
        isOpen = false;
      },
    };
  }

  replace(place: Place, before: Uint8Array, after: Uint8Array, keepMs: number): MaybePromise<boolean> {
    return this.#answer('replace', () => {
      const record = this.#ground.find(place);
      if (record === undefined || !record.head.equals(before)) return false;
      this.#ground.put({ place, head: Buffer.from(after), pieces: record.pieces, keepMs });
      return true;
    });
  }

  remove(place: Place, before?: Uint8Array): MaybePromise<boolean> {
    return this.#answer('remove', () => {
      const record = this.#ground.find(place);
      if (record === undefined || (before !== undefined && !record.head.equals(before))) return false;
      this.#ground.remove(place);
      return true;
    });
  }

  /** A row at a time, in the order of their names; the cursor is the last of them. */
  scan(cursor: string | undefined, limit: number): MaybePromise<BackingPage> {
    return this.#answer('scan', () => {
      if (cursor !== undefined && !/^[0-9a-f]{32}$/.test(cursor)) return { lying: [], cursor: undefined };
      const lying: Lying[] = [];
      for (const [row, records] of [...this.#ground.rows].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
        if (cursor !== undefined && row <= cursor) continue;
        lying.push(...[...records.values()].map((record) => this.#lying(record, false)));
        if (lying.length >= limit) return { lying, cursor: row };
      }
      return { lying, cursor: undefined };
    });
  }

  stats(): BackingStats {
    const { records } = this.#ground;
    return {
      responses: records.length,
      bytesUsed: records.reduce((bytes, record) => bytes + bytesOf(record), 0),
      bytesLimit: undefined,
      evictions: 0,
      failures: this.#failures,
      isUp: !this.#isCutOff,
    };
  }

  async close(): Promise<void> {
    const at = this.#ground.users.indexOf(this);
    if (at >= 0) this.#ground.users.splice(at, 1);
  }

  /** From now on every call fails, and nothing is heard of others. */
  cutOff(): void {
    this.#isCutOff = true;
  }

  /** It is back, and has missed whatever there was. */
  join(): void {
    this.#isCutOff = false;
    this.#listener('gap');
  }

  #lying({ place, head, pieces }: HeapRecord, isWanted: boolean): Lying {
    const isAtHand = isWanted && pieces.length === 1;
    return {
      place,
      head: Buffer.from(head),
      pieces: {
        length: lengthOf(pieces),
        isAtHand,
        read: (index) => {
          const read = (): Uint8Array | undefined => pieces[index];
          return isAtHand ? this.#attempt('read', read) : this.#answer('read', read);
        },
      },
    };
  }

  async #append(order: Order): Promise<{ number: number; heard: Promise<readonly Heard[]> }> {
    if (this.#isFailing('append')) throw new Error('append fails');
    const number = this.#ground.number(order);
    await turn();
    const heard = this.#ground.users.filter((user) => user !== this).map((user) => user.#hear({ number, order }));
    return { number, heard: Promise.resolve(heard) };
  }

  #hear(order: NumberedOrder): Heard {
    const { instance = 'heap', hears = true } = this.#options;
    if (!hears || this.#isCutOff) return { instance, ms: undefined };
    this.#listener(order);
    return { instance, ms: 0 };
  }

  #since(number: number): Remembered {
    const { orders, forgotten, lost } = this.#ground;
    const later = [...orders].filter(([each]) => each > number);
    return { orders: later.map(([each, order]) => ({ number: each, order })), forgotten, lost };
  }

  #forget(numbers: readonly number[]): void {
    for (const number of numbers)
      if (this.#ground.orders.delete(number)) this.#ground.forgotten = Math.max(this.#ground.forgotten, number);
  }

  /** At once or later, as it is told to; an exception or a rejection where the call fails. */
  #answer<T>(call: HeapCall, answer: () => T): MaybePromise<T> {
    const attempt = (): T => this.#attempt(call, answer);
    return this.#options.isLater === true ? Promise.resolve().then(attempt) : attempt();
  }

  #attempt<T>(call: HeapCall, answer: () => T): T {
    if (this.#isFailing(call)) throw new Error(`${call} fails`);
    return answer();
  }

  #isFailing(call: HeapCall): boolean {
    const isFailing = this.#isCutOff || this.fails(call);
    if (isFailing) this.#failures++;
    return isFailing;
  }
}

function bytesOf({ head, pieces }: HeapRecord): number {
  return head.length + lengthOf(pieces);
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((length, piece) => length + piece.length, 0);
}
