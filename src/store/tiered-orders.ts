import type { EpochMs, Seconds } from '../http/message.ts';
import type { Aging } from '../policy/age.ts';
import type { Order } from './orders.ts';
import { endTimeOf, type ShelfClock } from './shelf-clock.ts';
import type { StorePurge } from './store.ts';

export interface OrderTimes {
  readonly clock: Pick<ShelfClock, 'steady' | 'wall'>;
  /** The lifetime of a response that is to end at a steady time (`lifetimeEnding`). */
  readonly lifetimeEnding: (now: EpochMs, aging: Aging) => Seconds;
}

/** The purge of memory that an order of others asks for: of what is older than that generation. */
export function purgeOf(
  { selection, expiredAt }: Extract<Order, { kind: 'purge' }>,
  before: number,
  { clock, lifetimeEnding }: OrderTimes,
): StorePurge {
  if (expiredAt === undefined) return { selection, before };
  const ended = endTimeOf(expiredAt, clock);
  return { selection, before, expire: (aging) => lifetimeEnding(ended, aging) };
}
