import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { OrdersInForce } from '../../src/store/orders-in-force.ts';
import type { NumberedOrder, OrderLog } from '../../src/store/orders.ts';
import { backedClock, shelfRules } from './backed-shelf.ts';
import { responseTo } from './shelved.ts';

const invalidationOf = (target: string) => ({ kind: 'invalidate', key: responseTo(target).key }) as const;

describe('a log of very many orders', () => {
  it('is read, and read anew, while all else goes on, and what is heard meanwhile is in force after it', async () => {
    const count = 20_000;
    const orders: NumberedOrder[] = Array.from({ length: count }, (_, index) => ({
      number: index + 1,
      order: invalidationOf(`/${index + 1}`),
    }));
    const listening: { hear?: (heard: NumberedOrder | 'gap') => void } = {};
    const log: OrderLog = {
      head: () => count,
      append: () => Promise.reject(new Error('never called')),
      since: (number) => ({ orders: orders.slice(number), forgotten: 0, lost: 0 }),
      listen: (listener) => {
        listening.hear = listener;
      },
      forget: () => {},
    };
    const told: unknown[] = [];
    const inForce = new OrdersInForce({
      log,
      clock: backedClock(),
      equivalence: shelfRules,
      maxNames: 2 * count,
      onOthers: (order) => told.push(order),
      onKept: () => {},
    });
    let isOver = false;
    const reaching = inForce.reach(count)?.then(() => {
      isOver = true;
    });
    await turn();
    expect(isOver).toBe(false);
    await reaching;
    isOver = false;
    const refreshing = inForce.refresh().then(() => {
      isOver = true;
    });
    await turn();
    expect(isOver).toBe(false);
    listening.hear?.({ number: count + 1, order: invalidationOf('/a') });
    expect(inForce.seen).toBe(count + 1);
    await refreshing;
    expect(told).toEqual([invalidationOf('/a')]);
    for (const target of ['/a', '/1', `/${count}`])
      expect(inForce.verdict({ id: target, stored: responseTo(target) }, 0).isGone).toBe(true);
    expect(inForce.verdict({ id: '/b', stored: responseTo('/b') }, 0).isGone).toBe(false);
    expect(inForce.verdict({ id: '/a', stored: responseTo('/a') }, count + 1).isGone).toBe(false);
    inForce.close();
  });
});

/** Of as many, the one with that index can't be kept; how the others fare is not known yet. */
async function flooded(count: number, failing: number | undefined) {
  let compared = 0;
  let appended = 0;
  const isOfTarget: typeof shelfRules.isOfTarget = (...of) => {
    compared++;
    return shelfRules.isOfTarget(...of);
  };
  const inForce = new OrdersInForce({
    log: {
      head: () => 0,
      append: () => (appended++ === failing ? Promise.reject(new Error('full')) : new Promise(() => {})),
      since: () => ({ orders: [], forgotten: 0, lost: 0 }),
      listen: () => {},
      forget: () => {},
    },
    clock: backedClock(),
    equivalence: { ...shelfRules, isOfTarget },
    maxNames: count,
    onOthers: () => {},
    onKept: () => {},
  });
  for (let i = 0; i < count; i++) void inForce.give(invalidationOf(`/${i}`));
  await turn();
  return { inForce, compared: () => compared };
}

describe('a log that takes its time with very many orders', () => {
  it('has what is read compared with those alone that may be about it', async () => {
    const { inForce, compared } = await flooded(2_000, undefined);
    expect(inForce.verdict({ id: 'b', stored: responseTo('/b') }, 0).isGone).toBe(false);
    expect(compared()).toBe(0);
    expect(inForce.verdict({ id: '7', stored: responseTo('/7') }, 0).isGone).toBe(true);
    inForce.close();
  });

  it('does not lose all that is on the shelf where it can not keep one of them', async () => {
    const { inForce } = await flooded(2_000, 7);
    expect(inForce.verdict({ id: 'b', stored: responseTo('/b') }, 0).isGone).toBe(false);
    expect(inForce.verdict({ id: '7', stored: responseTo('/7') }, 0).isGone).toBe(true);
    inForce.close();
  });
});
