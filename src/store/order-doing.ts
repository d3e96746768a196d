import { setImmediate as turn } from 'node:timers/promises';
import type { EpochMs } from '../http/message.ts';
import type { Backing } from './backing.ts';
import { isKinOrder } from './order-subject.ts';
import type { OrdersInForce } from './orders-in-force.ts';
import type { NumberedOrder, Order } from './orders.ts';
import type { ShelfClock } from './shelf-clock.ts';
import { Run, type Sweeping } from './sweeping.ts';

export interface OrderDoingParts {
  readonly backing: Pick<Backing, 'log' | 'isSwept'>;
  readonly clock: ShelfClock;
  readonly orders: Pick<OrdersInForce, 'reach' | 'refresh' | 'hasKin'>;
  readonly sweeping: Sweeping;
}

/** How often it is looked what is still to be done, and what may be forgotten. */
const upkeepMs = 60_000;

/** An order is forgotten so long after it was done: whoever was away for no longer need not give up all that is in memory. */
const rememberMs = 3 * upkeepMs;

/** What nobody waits for is done when there is so much of it, or when the first has waited so long. */
const maxUndone = 8_192;
const undoneMs = 15 * upkeepMs;

/** An order that another instance has not done after so long is nobody's any more. */
const abandonedMs = 60 * upkeepMs;

/**
 * Has orders done that are in force already, so that they can be forgotten: at once where they say themselves what they are about, otherwise by going over the whole shelf, for all that are to be
 * done at the time. What somebody else has left undone, as one that was killed in the middle, is taken over.
 */
export class OrderDoing {
  readonly #parts: OrderDoingParts;
  /** Those that wait for the next time that the shelf is gone over, and since when. */
  readonly #undone = new Map<number, { readonly numbered: NumberedOrder; readonly since: EpochMs }>();
  readonly #done = new Map<number, EpochMs>();
  /** Of those that others are to do, since when they are known. */
  #others = new Map<number, EpochMs>();
  #waiting: Run[] = [];
  #going: Promise<void> | undefined;
  #keepingUp: Promise<void> | undefined;
  readonly #closing = new AbortController();
  #cancelUpkeep: () => void;

  constructor(parts: OrderDoingParts) {
    this.#parts = parts;
    this.#cancelUpkeep = this.#schedule();
  }

  /** Resolves with how many responses it was about, as far as they are found by now. Trouble is no error: what could not be done is done later. */
  async do(numbered: NumberedOrder): Promise<number> {
    const { isSwept } = this.#parts.backing;
    // It says something for as long as it is remembered.
    if (isKinOrder(numbered.order)) return 0;
    const run = new Run(numbered);
    const way = wayOf(numbered.order);
    if (way === 'over') {
      if (!isSwept) return 0;
      await this.#goOver(run);
      return run.matched;
    }
    if (await this.#inPlace(run)) this.#setDone(numbered.number);
    else if (isSwept) this.#setUndone(numbered);
    return run.matched;
  }

  /** Resolves when nothing is done on the shelf any more. */
  async close(): Promise<void> {
    this.#cancelUpkeep();
    this.#closing.abort();
    await Promise.all([this.#going, this.#keepingUp]);
  }

  /** Whether there is nothing more that it is about. */
  async #inPlace(run: Run): Promise<boolean> {
    const { backing, orders, sweeping } = this.#parts;
    const { order, number } = run.numbered;
    if (order.kind === 'invalidate-group') return false;
    try {
      await sweeping.inPlace(run);
      // What is not swept has no kin.
      if (wayOf(order) === 'in-place' || !backing.isSwept) return true;
      await orders.reach(number);
      return !orders.hasKin;
    } catch {
      return false;
    }
  }

  async #goOver(run: Run): Promise<void> {
    this.#waiting.push(run);
    while (this.#waiting.includes(run)) await (this.#going ??= this.#go());
  }

  /** For all that wait by then. */
  async #go(): Promise<void> {
    await turn();
    const undone = [...this.#undone.values()].map(({ numbered }) => new Run(numbered));
    const runs = [...this.#waiting, ...undone].toSorted((a, b) => a.numbered.number - b.numbered.number);
    this.#waiting = [];
    try {
      await this.#parts.sweeping.over(runs, this.#closing.signal);
      for (const { numbered } of runs) this.#setDone(numbered.number);
    } catch {
      for (const { numbered } of runs) this.#setUndone(numbered);
    } finally {
      this.#going = undefined;
    }
  }

  #setDone(number: number): void {
    this.#undone.delete(number);
    this.#done.set(number, this.#parts.clock.steady());
  }

  #setUndone(numbered: NumberedOrder): void {
    if (this.#undone.has(numbered.number)) return;
    this.#undone.set(numbered.number, { numbered, since: this.#parts.clock.steady() });
    if (this.#undone.size >= maxUndone) void (this.#going ??= this.#go());
  }

  #schedule(): () => void {
    return this.#parts.clock.schedule(upkeepMs, () => {
      this.#cancelUpkeep = this.#schedule();
      // Once at a time: what one has begun to read another would take for known.
      this.#keepingUp ??= this.#keepUp()
        .catch(() => undefined)
        .finally(() => {
          this.#keepingUp = undefined;
        });
    });
  }

  async #keepUp(): Promise<void> {
    const { backing, orders, clock } = this.#parts;
    await orders.reach(await backing.log.head());
    const { orders: remembered } = await orders.refresh();
    const now = clock.steady();
    const forgotten = [...this.#done].filter(([, since]) => now - since >= rememberMs).map(([number]) => number);
    if (forgotten.length > 0) await backing.log.forget(forgotten);
    for (const number of forgotten) this.#done.delete(number);
    await this.#takeOver(remembered, now);
    const [oldest] = this.#undone.values();
    if (oldest !== undefined && now - oldest.since >= undoneMs) await (this.#going ??= this.#go());
  }

  async #takeOver(remembered: readonly NumberedOrder[], now: EpochMs): Promise<void> {
    const others = new Map<number, EpochMs>();
    for (const numbered of remembered) {
      const { number, order } = numbered;
      if (isKinOrder(order) || this.#undone.has(number) || this.#done.has(number)) continue;
      const since = this.#others.get(number) ?? now;
      if (now - since < abandonedMs) others.set(number, since);
      else if (this.#parts.backing.isSwept) this.#setUndone(numbered);
      else if (wayOf(order) !== 'over') await this.do(numbered);
    }
    this.#others = others;
  }
}

/**
 * How an order is done. `in-place`: it says where all lies that it is about. `lazily`: where most of it lies, or nobody waits for it; the rest, where there is any, leaves when the shelf is gone over next. `over`: by
 * going over the shelf at once.
 */
function wayOf(order: Order): 'in-place' | 'lazily' | 'over' {
  if (order.kind !== 'purge') return 'lazily';
  const { kind } = order.selection;
  if (kind === 'one') return 'in-place';
  return kind === 'targets' ? 'lazily' : 'over';
}
