import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type OpenEnvironment, openLmdb } from '../../src/store/disk/environment.ts';
import { newDirectory, openShelf } from './disk-ground.ts';
import { placeOf } from './ground.ts';
import { responseTo } from './shelved.ts';

/** What was read stays what is read: LMDB lets go of it with a timer, which a busy process comes to late. */
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }));
afterEach(() => void vi.useRealTimers());

describe('the orders of a shelf on a disk', () => {
  it('are told as they are, whatever was read just before others gave them', async () => {
    const directory = await newDirectory();
    const sharedBy = { token: 'together', pid: process.pid };
    const [one, other] = [await openShelf(directory, { sharedBy }), await openShelf(directory, { sharedBy })];
    expect(other.at(placeOf(1))).toBeUndefined();
    const { number } = await one.log.append({ kind: 'purge', selection: { kind: 'all' } });
    const { orders } = await other.log.since(0);
    expect(orders.map((order) => order.number)).toEqual([number]);
  });

  it('are read and forgotten a few at a time where there are many, and requests go on', async () => {
    let transactions = 0;
    const openEnvironment: OpenEnvironment = async (...where) => {
      const environment = await openLmdb(...where);
      const transaction = environment.transaction.bind(environment);
      environment.transaction = (work) => {
        transactions++;
        return transaction(work);
      };
      return environment;
    };
    const { log } = await openShelf(await newDirectory(), { openEnvironment });
    const { key } = responseTo('/a');
    const given = await Promise.all(Array.from({ length: 1_000 }, () => log.append({ kind: 'invalidate', key })));
    const numbers = given.map(({ number }) => number).toSorted((a, b) => a - b);
    const turns: number[] = [];
    const reading = Promise.resolve(log.since(0)).finally(() => turns.push(0));
    for (let i = 1; turns.at(-1) !== 0; i++) {
      turns.push(i);
      await turn();
    }
    expect((await reading).orders.map(({ number }) => number)).toEqual(numbers);
    expect(turns.length).toBeGreaterThan(3);
    const before = transactions;
    await log.forget(numbers);
    expect(transactions - before).toBe(4);
    expect(await log.since(0)).toEqual({ orders: [], forgotten: numbers.at(-1), lost: 0 });
  });
});
