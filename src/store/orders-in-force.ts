import { type Equivalence, isAbout, isKinOrder, kinOrder, type Subject } from './order-subject.ts';
import { gone, OrderTable, type Verdict } from './order-table.ts';
import { aboutEverything } from './order-text.ts';
import { ForetoldOrders } from './foretold-orders.ts';
import type { ForetoldOrder, NumberedOrder, Order, OrderLog, Remembered } from './orders.ts';
import { Pace } from './pace.ts';
import type { ShelfClock } from './shelf-clock.ts';
import { type Unnumbered, UnnumberedOrders } from './unnumbered-orders.ts';

export interface OrdersInForceParts {
  readonly log: OrderLog;
  readonly clock: ShelfClock;
  readonly equivalence: Equivalence;
  /** Most names of a kind of which orders are remembered one by one. */
  readonly maxNames: number;
  /** Is told of what others have ordered, when it is in force here. */
  readonly onOthers: (order: Order) => void;
  /** Is told of an order of this instance that was kept after all. */
  readonly onKept: (numbered: NumberedOrder) => void;
}

/** An order that was given here, and has its number. */
export type Given = Awaited<ReturnType<OrderLog['append']>>;

/** Something that is on its way to the shelf, for as long as orders that come meanwhile may be about it. */
export interface Watched {
  readonly isDoomed: boolean;
  end(): void;
}

/** How soon an order is given again that could not be kept; and how many of these there may be. */
const againMs = 1_000;
const maxFailed = 1_000;

/**
 * Keeps in step with the orders of a log. One that is given here, or that others foretell, is in force at once, as if it were later than everything that is on the shelf, and stays so until it has its number; those
 * of others are in force before anything is used that was found when they had been given.
 */
export class OrdersInForce {
  readonly #parts: OrdersInForceParts;
  #table: OrderTable;
  #seen = 0;
  /** The greatest number of an order that is known to be lost. */
  #lost = 0;
  /** Numbers beyond `#seen` whose orders are known all the same. */
  readonly #ahead = new Set<number>();
  /** Orders that were given here, and have no number yet. */
  readonly #pending: UnnumberedOrders<Unnumbered>;
  /** Of these, the ones that could not be kept. */
  readonly #failed = new Set<Unnumbered>();
  readonly #foretold: ForetoldOrders;
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #watched = new Set<{ readonly subject: Subject; isDoomed: boolean }>();
  #catchingUp: Promise<void> | undefined;
  /** Until the log has been asked for the first time: nothing is kept yet that an order before that could be about, but on the shelf. */
  #isNew = true;
  #hasKin = false;
  /** Whether kin was put there from here. */
  #putsKin = false;
  /** For all who are about to. */
  #announcing: Promise<Given | undefined> | undefined;
  /** What was learned while the table is being made anew. */
  #learned: NumberedOrder[] | undefined;
  #cancelAgain: (() => void) | undefined;
  #isClosed = false;

  constructor(parts: OrdersInForceParts) {
    this.#parts = parts;
    this.#table = new OrderTable(parts);
    const { clock, equivalence } = parts;
    this.#pending = new UnnumberedOrders(equivalence);
    this.#foretold = new ForetoldOrders({ clock, equivalence, adopt: (order) => void this.give(order) });
    parts.log.listen((heard) => this.#hear(heard));
    void this.#lookAround();
  }

  /** The number of the last order up to which all are known. */
  get seen(): number {
    return this.#seen;
  }

  /** Whether there may be kin on the shelf, as far as orders are known. */
  get hasKin(): boolean {
    return this.#hasKin;
  }

  /** Kin is about to be put there: false where nobody can be told. */
  async announceKin(): Promise<boolean> {
    this.#putsKin = true;
    if (this.#hasKin) return true;
    this.#announcing ??= this.give(kinOrder).finally(() => {
      this.#announcing = undefined;
    });
    return (await this.#announcing) !== undefined;
  }

  /** `number`: of the last order that was known to who put it there. */
  verdict(subject: Subject, number: number): Verdict {
    const verdict = this.#table.verdict(subject, number);
    if (verdict.isGone || this.#pending.size + this.#foretold.size === 0) return verdict;
    let { endedAt } = verdict;
    for (const order of [...this.#pending.about(subject), ...this.#foretold.about(subject)]) {
      if (order.kind !== 'purge' || order.expiredAt === undefined) return gone;
      endedAt = Math.min(endedAt ?? order.expiredAt, order.expiredAt);
    }
    return { isGone: false, endedAt };
  }

  /** In force when this returns. Undefined where the log has not kept it: then it stays in force here, and is given again. */
  async give(order: Order): Promise<Given | undefined> {
    const pending: Unnumbered = { order };
    this.#pending.add(pending);
    this.#doom(order);
    const given = await this.#append(pending);
    if (given === undefined) this.#giveAgainLater();
    return given;
  }

  /** All orders up to that number are in force when this is done. Rejects where they can't be told. */
  reach(number: number): Promise<void> | undefined {
    if (number <= this.#seen) {
      this.#isNew = false;
      return undefined;
    }
    this.#catchingUp ??= this.#catchUp(number).finally(() => {
      this.#catchingUp = undefined;
    });
    return this.#catchingUp.then(() => this.reach(number));
  }

  /** Whether all orders that were given here have their numbers, and `seen` is the last order that anybody may know of. */
  async settle(): Promise<boolean> {
    const isUnderWay = (each: Unnumbered): boolean => this.#pending.has(each) && !this.#failed.has(each);
    const before = [...this.#pending].filter(isUnderWay);
    while (before.some(isUnderWay)) await Promise.allSettled(this.#inFlight);
    if (this.#failed.size > 0) return false;
    try {
      await this.reach(greatestOf(this.#ahead));
      return true;
    } catch {
      return false;
    }
  }

  /** From now on, whether an order is about what is on its way. */
  watch(subject: Subject): Watched {
    const watched = { subject, isDoomed: false, end: () => void this.#watched.delete(watched) };
    this.#watched.add(watched);
    return watched;
  }

  /** Forgets what the log has forgotten, and says what it remembers. */
  async refresh(): Promise<Remembered> {
    this.#learned = [];
    try {
      const remembered = await this.#parts.log.since(0);
      const table = new OrderTable(this.#parts);
      const pace = new Pace();
      for (const { number, order } of remembered.orders) {
        table.add(number, order);
        if (pace.isOver()) await pace.rest();
      }
      table.raiseFloor(Math.max(remembered.lost, this.#lost));
      for (const { number, order } of this.#learned) table.add(number, order);
      this.#table = table;
      const isAnnounced = remembered.orders.some(({ order }) => isKinOrder(order));
      this.#hasKin ||= isAnnounced;
      // A log that was full has lost it.
      if (this.#putsKin && !isAnnounced) await this.give(kinOrder);
      return remembered;
    } finally {
      this.#learned = undefined;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#foretold.close();
    this.#cancelAgain?.();
  }

  async #append(pending: Unnumbered): Promise<Given | undefined> {
    const { log } = this.#parts;
    const appending = Promise.resolve().then(() => log.append(pending.order));
    this.#inFlight.add(appending);
    try {
      const given = await appending;
      // Not everybody who gives one waits for that.
      given.heard.catch(() => undefined);
      this.#pending.delete(pending);
      this.#failed.delete(pending);
      this.#learn({ number: given.number, order: pending.order });
      return given;
    } catch {
      if (this.#pending.has(pending)) this.#failed.add(pending);
      return undefined;
    } finally {
      this.#inFlight.delete(appending);
    }
  }

  #giveAgainLater(): void {
    if (this.#failed.size > maxFailed) this.#takeTogether();
    if (this.#isClosed) return;
    this.#cancelAgain ??= this.#parts.clock.schedule(againMs, () => {
      this.#cancelAgain = undefined;
      void this.#giveAgain();
    });
  }

  /** All that could not be kept is from now on one order about everything. */
  #takeTogether(): void {
    for (const pending of this.#failed) this.#pending.delete(pending);
    this.#failed.clear();
    const together: Unnumbered = { order: aboutEverything };
    this.#pending.add(together);
    this.#failed.add(together);
  }

  async #giveAgain(): Promise<void> {
    for (const pending of this.#failed) {
      const given = await this.#append(pending);
      if (given === undefined) {
        this.#giveAgainLater();
        return;
      }
      this.#parts.onKept({ number: given.number, order: pending.order });
    }
  }

  #hear(heard: NumberedOrder | ForetoldOrder | 'gap'): void {
    if (heard === 'gap') {
      void this.#lookAround();
      return;
    }
    if (!('number' in heard)) {
      if (this.#isClosed) return;
      this.#foretold.add(heard);
      this.#tellOf(heard.order);
      return;
    }
    const isInForce = heard.foretoldAs !== undefined && this.#foretold.remove(heard.foretoldAs);
    if (heard.number <= this.#seen || this.#ahead.has(heard.number)) return;
    this.#learn(heard);
    if (!isInForce) this.#tellOf(heard.order);
    // What was between has been missed.
    if (this.#seen < heard.number) this.reach(heard.number)?.catch(() => {});
  }

  /** What can't be told now is found out when something is read. */
  async #lookAround(): Promise<void> {
    try {
      await this.reach(await this.#parts.log.head());
    } catch {
      this.#isNew = false;
    }
  }

  #learn(numbered: NumberedOrder): void {
    const { number, order } = numbered;
    this.#table.add(number, order);
    this.#learned?.push(numbered);
    this.#hasKin ||= isKinOrder(order);
    if (number === this.#seen + 1) this.#see(number);
    else if (number > this.#seen) this.#ahead.add(number);
  }

  #see(number: number): void {
    this.#seen = Math.max(this.#seen, number);
    while (this.#ahead.delete(this.#seen + 1)) this.#seen++;
    for (const ahead of this.#ahead) if (ahead <= this.#seen) this.#ahead.delete(ahead);
  }

  async #catchUp(number: number): Promise<void> {
    const { log } = this.#parts;
    const from = this.#seen;
    const isNew = this.#isNew;
    this.#isNew = false;
    const { orders, forgotten, lost } = await log.since(from);
    // Of those that were given here, the numbers are known by then, so that none is taken for another's. What is given later is not among them.
    await Promise.allSettled(this.#inFlight);
    const pace = new Pace();
    this.#lost = Math.max(this.#lost, lost);
    this.#table.raiseFloor(lost);
    for (const numbered of orders) {
      if (numbered.number <= this.#seen || this.#ahead.has(numbered.number)) continue;
      this.#learn(numbered);
      if (!isNew) this.#tellOf(numbered.order);
      if (pace.isOver()) await pace.rest();
    }
    // What was forgotten by now is about nothing on the shelf, but nobody has heard of it here.
    if (!isNew && Math.max(forgotten, lost) > from) this.#tellOf(aboutEverything);
    this.#see(Math.max(number, orders.at(-1)?.number ?? 0));
  }

  #tellOf(order: Order): void {
    this.#doom(order);
    this.#parts.onOthers(order);
  }

  #doom(order: Order): void {
    for (const watched of this.#watched)
      if (isAbout(order, watched.subject, this.#parts.equivalence)) watched.isDoomed = true;
  }
}

function greatestOf(numbers: Iterable<number>): number {
  let greatest = 0;
  for (const number of numbers) greatest = Math.max(greatest, number);
  return greatest;
}
