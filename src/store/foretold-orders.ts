import type { ForetoldOrder, Order } from './orders.ts';
import type { ShelfClock } from './shelf-clock.ts';

export interface ForetoldOrdersParts {
  readonly clock: Pick<ShelfClock, 'schedule'>;
  /** Takes over an order whose giver may be gone. */
  readonly adopt: (order: Order) => void;
}

/** How long an order may have no number, in ms: a transaction of its giver is given up sooner. */
const adoptAfterMs = 20_000;
/** Of so many at the most it is remembered; the oldest is then what it would be if nobody had foretold it. */
const maxForetold = 1_000;

interface Foretold {
  readonly order: Order;
  readonly callOff: () => void;
}

/** Orders that others are giving, until they have their numbers. */
export class ForetoldOrders {
  readonly #parts: ForetoldOrdersParts;
  readonly #foretold = new Map<string, Foretold>();

  constructor(parts: ForetoldOrdersParts) {
    this.#parts = parts;
  }

  get orders(): readonly Order[] {
    return [...this.#foretold.values()].map(({ order }) => order);
  }

  get size(): number {
    return this.#foretold.size;
  }

  add({ foretoldAs, order }: ForetoldOrder): void {
    const { clock, adopt } = this.#parts;
    const [oldest] = this.#foretold.size < maxForetold ? [] : this.#foretold.keys();
    if (oldest !== undefined) this.remove(oldest);
    const callOff = clock.schedule(adoptAfterMs, () => {
      // In force all the time: it is forgotten when it is given.
      adopt(order);
      this.#foretold.delete(foretoldAs);
    });
    this.#foretold.set(foretoldAs, { order, callOff });
  }

  /** Whether it was in here. */
  remove(foretoldAs: string): boolean {
    this.#foretold.get(foretoldAs)?.callOff();
    return this.#foretold.delete(foretoldAs);
  }

  close(): void {
    for (const { callOff } of this.#foretold.values()) callOff();
  }
}
