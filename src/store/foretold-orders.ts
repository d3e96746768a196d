import type { Equivalence, Subject } from './order-subject.ts';
import type { ForetoldOrder, Order } from './orders.ts';
import type { ShelfClock } from './shelf-clock.ts';
import { type Unnumbered, UnnumberedOrders } from './unnumbered-orders.ts';

export interface ForetoldOrdersParts {
  readonly clock: Pick<ShelfClock, 'schedule'>;
  readonly equivalence: Equivalence;
  /** Takes over an order whose giver may be gone. */
  readonly adopt: (order: Order) => void;
}

/** How long an order may have no number, in ms: a transaction of its giver is given up sooner. */
const adoptAfterMs = 20_000;
/** Of so many at the most it is remembered; the oldest is then what it would be if nobody had foretold it. */
const maxForetold = 1_000;

interface Foretold extends Unnumbered {
  readonly callOff: () => void;
}

/** Orders that others are giving, until they have their numbers. */
export class ForetoldOrders {
  readonly #parts: ForetoldOrdersParts;
  readonly #foretold = new Map<string, Foretold>();
  readonly #orders: UnnumberedOrders<Foretold>;

  constructor(parts: ForetoldOrdersParts) {
    this.#parts = parts;
    this.#orders = new UnnumberedOrders(parts.equivalence);
  }

  /** Those that are about a response. */
  about(subject: Subject): readonly Order[] {
    return this.#orders.about(subject);
  }

  get size(): number {
    return this.#foretold.size;
  }

  add({ foretoldAs, order }: ForetoldOrder): void {
    const { clock, adopt } = this.#parts;
    const [oldest] = this.#foretold.size < maxForetold ? [] : this.#foretold.keys();
    if (oldest !== undefined) this.remove(oldest);
    // Told once more, it is the same.
    this.remove(foretoldAs);
    const callOff = clock.schedule(adoptAfterMs, () => {
      // In force all the time: it is forgotten when it is given.
      adopt(order);
      this.remove(foretoldAs);
    });
    const foretold: Foretold = { order, callOff };
    this.#foretold.set(foretoldAs, foretold);
    this.#orders.add(foretold);
  }

  /** Whether it was in here. */
  remove(foretoldAs: string): boolean {
    const foretold = this.#foretold.get(foretoldAs);
    if (foretold === undefined) return false;
    foretold.callOff();
    this.#orders.delete(foretold);
    return this.#foretold.delete(foretoldAs);
  }

  close(): void {
    for (const { callOff } of this.#foretold.values()) callOff();
  }
}
