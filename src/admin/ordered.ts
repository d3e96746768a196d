import type { Order, OrderOutcome } from '../engine/orders.ts';
import { EtagereError } from '../errors.ts';
import type { Call } from './endpoint.ts';

/** Does what an operator has ordered, and tells what became of it. Rejects as `run` does. */
export async function ordered<T extends OrderOutcome>(
  { parts: { orders, clock }, client }: Pick<Call, 'parts' | 'client'>,
  order: Order,
  run: () => Promise<T>,
): Promise<T> {
  const began = clock.steady();
  const tell = (outcome: OrderOutcome): void =>
    orders?.orderEnded({ order, outcome, client, durationMs: clock.steady() - began });
  try {
    const outcome = await run();
    tell(outcome);
    return outcome;
  } catch (error) {
    tell({ kind: 'refused', error: error instanceof EtagereError ? error.code : 'INTERNAL' });
    throw error;
  }
}
