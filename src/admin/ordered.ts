import type { Order, OrderOutcome, OrderSource } from '../engine/orders.ts';
import { EtagereError } from '../errors.ts';
import type { AdminParts } from './parts.ts';

/** Who has given an order, and who is told what became of it. */
export interface Ordering {
  readonly parts: Pick<AdminParts, 'orders' | 'clock'>;
  readonly client: OrderSource;
}

/** Does what an operator has ordered, and tells what became of it. Rejects as `run` does. */
export async function ordered<T extends OrderOutcome>(
  { parts: { orders, clock }, client }: Ordering,
  order: Order,
  run: () => Promise<T>,
): Promise<T> {
  const began = clock.steady();
  const tell = (outcome: OrderOutcome): void =>
    orders?.orderEnded({ order, outcome, from: client, durationMs: clock.steady() - began });
  try {
    const outcome = await run();
    tell(outcome);
    return outcome;
  } catch (error) {
    tell({ kind: 'refused', error: error instanceof EtagereError ? error.code : 'INTERNAL' });
    throw error;
  }
}
