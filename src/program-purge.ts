import { ordered } from './admin/ordered.ts';
import { type PurgeOrder, readPurgeOrder } from './admin/purge-order.ts';
import { UsageError } from './config/usage-error.ts';
import { systemClock } from './engine/clock.ts';
import type { Operations, PurgeReceipt } from './engine/operations.ts';
import type { OrderEvents } from './engine/orders.ts';
import { EtagereError } from './errors.ts';

export interface ProgramPurgeParts {
  readonly operations: Pick<Operations, 'purge'>;
  readonly orders: OrderEvents;
}

/**
 * Purges what a program says, which may have been written without types.
 * @throws UsageError where it says nothing that can be purged, EtagereError PURGES_FULL
 */
export async function purgeForProgram(
  order: PurgeOrder,
  { operations, orders }: ProgramPurgeParts,
): Promise<PurgeReceipt> {
  const { selection, mode } = understood(order);
  const told = { parts: { orders, clock: systemClock }, client: 'program' } as const;
  const { receipt } = await ordered(told, { kind: 'purge', asked: { selection, mode } }, async () => {
    return { kind: 'purged', receipt: await operations.purge(selection, mode) };
  });
  return receipt;
}

function understood(order: PurgeOrder): ReturnType<typeof readPurgeOrder> {
  try {
    return readPurgeOrder(order);
  } catch (error) {
    if (!(error instanceof EtagereError)) throw error;
    const advice =
      "write purge({ url: 'http://shop.example/a' }), or { tag: … }, { prefix: … }, { host: … }, { all: true }";
    throw new UsageError(`purge: ${error.detail}`, advice);
  }
}
