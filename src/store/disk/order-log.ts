import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { ForetoldOrder, Heard, NumberedOrder, Order, OrderLog, Remembered } from '../orders.ts';
import { orderOfText, textOfOrder } from '../order-text.ts';
import type { MaybePromise } from '../maybe-promise.ts';
import type { Bus } from './bus.ts';
import type { Environment } from './environment.ts';
import type { Writes } from './writes.ts';

/** Most orders that are remembered. */
const maxOrders = 100_000;

/** Orders that are read or forgotten at a time, as nothing else is done meanwhile: about 2 ms. */
const ordersInSlice = 256;

const logKey = Buffer.from('log');

export interface OrderLogParts {
  readonly environment: Environment;
  readonly writes: Writes;
  readonly bus: Bus | undefined;
  /** Wall time in ms. */
  readonly now: () => number;
}

interface State {
  /** The number of the last order. */
  readonly head: number;
  /** As of `Remembered`. */
  readonly forgotten: number;
  readonly lost: number;
}

/** The orders of a shelf on a disk, in its database: their numbers are microseconds of wall time, or one more than the last where that is not later. */
export class DiskOrderLog implements OrderLog {
  readonly #environment: Environment;
  readonly #writes: Writes;
  readonly #bus: Bus | undefined;
  readonly #now: () => number;
  /** As what orders were foretold, from here or elsewhere, which may be given again until they are kept. */
  readonly #foretold = new WeakMap<Order, string>();
  /** Done when no order of others is missed any more by whoever listens. */
  joined: MaybePromise<void> = undefined;

  constructor({ environment, writes, bus, now }: OrderLogParts) {
    this.#environment = environment;
    this.#writes = writes;
    this.#bus = bus;
    this.#now = now;
  }

  head(): number {
    this.#environment.refresh();
    return this.#state().head;
  }

  /** The same within a transaction. */
  headOfTransaction(): number {
    return this.#state().head;
  }

  async append(order: Order): Promise<{ readonly number: number; readonly heard: Promise<readonly Heard[]> }> {
    const { foretoldAs, told } = this.#foretell(order);
    const number = await this.#writes
      .do(() => this.#put(order), { urgent: true })
      .catch(async (error: unknown) => {
        await told;
        throw error;
      });
    return { number, heard: this.#bus?.tell({ number, order, foretoldAs }) ?? Promise.resolve([]) };
  }

  since(number: number): MaybePromise<Remembered> {
    const slice = this.#slice(number);
    return slice.length < ordersInSlice ? this.#remembered(slice) : this.#sinceInTurns(slice);
  }

  listen(listener: (heard: NumberedOrder | ForetoldOrder | 'gap') => void): void {
    this.joined = this.#bus?.listen((heard) => {
      if (!('number' in heard)) this.#foretold.set(heard.order, heard.foretoldAs);
      listener(heard);
    });
  }

  async forget(numbers: readonly number[]): Promise<void> {
    for (let at = 0; at < numbers.length; at += ordersInSlice) {
      const slice = numbers.slice(at, at + ordersInSlice);
      await this.#writes.do(() => this.#forget(slice));
    }
  }

  /** Once: the others have it in force whatever the disk does, and however long that takes. */
  #foretell(order: Order): { readonly foretoldAs: string; readonly told?: Promise<unknown> | undefined } {
    const known = this.#foretold.get(order);
    if (known !== undefined) return { foretoldAs: known };
    const foretoldAs = randomUUID();
    this.#foretold.set(order, foretoldAs);
    return { foretoldAs, told: this.#bus?.foretell({ foretoldAs, order }) };
  }

  async #sinceInTurns(first: readonly NumberedOrder[]): Promise<Remembered> {
    const orders = [...first];
    for (let slice = first; slice.length === ordersInSlice; ) {
      await turn();
      slice = this.#slice(slice.at(-1)?.number ?? 0);
      orders.push(...slice);
    }
    return this.#remembered(orders);
  }

  /** The first orders after that number, as they are now: another may have given them this moment. */
  #slice(after: number): NumberedOrder[] {
    this.#environment.refresh();
    const query = { from: numberKey(after + 1), to: numberKey(Number.MAX_SAFE_INTEGER), limit: ordersInSlice };
    const found = this.#environment.orders.range(query);
    return found.map(({ key, value }) => ({ number: numberOf(key), order: orderOfText(value.toString()) }));
  }

  /** Asked after the orders were read: what was forgotten meanwhile is said to be. */
  #remembered(orders: readonly NumberedOrder[]): Remembered {
    const { forgotten, lost } = this.#state();
    return { orders, forgotten, lost };
  }

  #put(order: Order): number {
    const { orders } = this.#environment;
    const { head, forgotten, lost } = this.#state();
    const number = Math.max(head + 1, Math.floor(this.#now() * 1000));
    orders.put(numberKey(number), Buffer.from(textOfOrder(order)));
    const [oldest] =
      orders.count() > maxOrders ? orders.range({ from: numberKey(0), to: numberKey(number), limit: 1 }) : [];
    if (oldest === undefined) {
      this.#keep({ head: number, forgotten, lost });
      return number;
    }
    orders.remove(oldest.key);
    const gone = numberOf(oldest.key);
    this.#keep({ head: number, forgotten: Math.max(forgotten, gone), lost: Math.max(lost, gone) });
    return number;
  }

  #forget(numbers: readonly number[]): void {
    const { orders } = this.#environment;
    const gone = numbers.filter((number) => orders.has(numberKey(number)));
    for (const number of gone) orders.remove(numberKey(number));
    const state = this.#state();
    this.#keep({ ...state, forgotten: Math.max(state.forgotten, ...gone) });
  }

  #state(): State {
    const bytes = this.#environment.facts.get(logKey);
    if (bytes === undefined) return { head: 0, forgotten: 0, lost: 0 };
    return { head: bytes.readDoubleBE(0), forgotten: bytes.readDoubleBE(8), lost: bytes.readDoubleBE(16) };
  }

  #keep({ head, forgotten, lost }: State): void {
    const bytes = Buffer.allocUnsafe(24);
    bytes.writeDoubleBE(head, 0);
    bytes.writeDoubleBE(forgotten, 8);
    bytes.writeDoubleBE(lost, 16);
    this.#environment.facts.put(logKey, bytes);
  }
}

/** Positive numbers written so are in the order of their bytes. */
function numberKey(number: number): Buffer {
  const key = Buffer.allocUnsafe(8);
  key.writeDoubleBE(Math.max(0, number), 0);
  return key;
}

function numberOf(key: Buffer): number {
  return key.readDoubleBE(0);
}
