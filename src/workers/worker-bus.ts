import type { Bus } from '../store/disk/bus.ts';
import type { ForetoldOrder, Heard, NumberedOrder } from '../store/orders.ts';
import type { Link } from './link.ts';

/** The way of orders to the other workers of this Etagere. */
export class WorkerBus implements Bus {
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  foretell(order: ForetoldOrder): Promise<unknown> {
    return this.#link.ask({ kind: 'foretold', order });
  }

  async tell(order: NumberedOrder): Promise<readonly Heard[]> {
    const answers = await this.#link.ask({ kind: 'order', order });
    return answers.map(({ instance, ms }) => ({ instance, ms }));
  }

  async listen(listener: (order: NumberedOrder | ForetoldOrder) => void): Promise<void> {
    await Promise.all([
      this.#link.answers('foretold', ({ order }) => listener(order)),
      this.#link.answers('order', ({ order }) => listener(order)),
    ]);
  }
}
