import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type OpenEnvironment, openLmdb } from '../../src/store/disk/environment.ts';
import { backedClock } from './backed-shelf.ts';
import { busesOfOneProcess, newDirectory, openShelf } from './disk-ground.ts';
import { put, responseTo, textsAt } from './shelved.ts';
import { Tiers } from './tiers.ts';

/** Two processes that share a shelf on a disk; the first writes nothing more on it once it is halted, until that is over or has failed. */
async function twoTiers() {
  const directory = await newDirectory();
  const sharedBy = { token: 'together', pid: process.pid };
  const busOf = busesOfOneProcess();
  let halted = Promise.resolve();
  const openEnvironment: OpenEnvironment = async (...where) => {
    const environment = await openLmdb(...where);
    const transaction = environment.transaction.bind(environment);
    environment.transaction = (work) => halted.then(() => transaction(work));
    return environment;
  };
  const backings = [
    await openShelf(directory, { sharedBy, bus: busOf('one'), openEnvironment }),
    await openShelf(directory, { sharedBy, bus: busOf('other') }),
  ] as const;
  const clock = backedClock();
  const [one, other] = [new Tiers(backings[0], clock), new Tiers(backings[1], clock)];
  const halt = (): { end: () => void; fail: () => void } => {
    let ending: { end: () => void; fail: () => void } = { end: () => {}, fail: () => {} };
    halted = new Promise<void>((resolve, reject) => {
      ending = { end: resolve, fail: () => reject(new Error('nothing can be written')) };
    });
    halted.catch(() => undefined);
    return ending;
  };
  return { one: one.store, other: other.store, log: backings[1].log, clock, halt };
}

const a = responseTo('/a');

/** The same where the second has something in its memory. */
async function having(text: string) {
  const stage = await twoTiers();
  await put(stage.other, a, text);
  expect(stage.other.atHand(a.key)).toHaveLength(1);
  return stage;
}

describe('an order that is not kept yet', () => {
  it('is in force at the others all the same: nothing that it is about is found in their memory, nor on the disk', async () => {
    const { one, other, halt } = await having('old');
    const { end } = halt();
    const given = one.invalidate(a.key);
    await turn();
    expect(other.atHand(a.key)).toEqual([]);
    expect(await textsAt(other, a)).toEqual([]);
    end();
    await given;
    expect(await textsAt(other, a)).toEqual([]);
  });

  it('takes nothing away that came after it, when it is kept', async () => {
    const { one, other, halt } = await having('old');
    const { end } = halt();
    const given = one.purge({ selection: { kind: 'targets', keys: [a.key] }, before: 1 });
    await turn();
    await put(other, a, 'new');
    end();
    expect((await given).heard).toEqual([{ instance: 'other', ms: 0 }]);
    expect(other.atHand(a.key)).toHaveLength(1);
  });

  it('is foretold once, however often it has to be given until it is kept', async () => {
    const { one, other, log, clock, halt } = await having('old');
    const { fail } = halt();
    const given = one.invalidate(a.key);
    fail();
    await given;
    await put(other, a, 'new');
    await clock.advance(3_000, turn);
    expect(other.atHand(a.key)).toHaveLength(1);
    expect((await log.since(0)).orders).toEqual([]);
  });

  it('is given by who has heard of it, where who was to give it may be gone', async () => {
    const { one, other, log, clock, halt } = await having('old');
    halt().fail();
    await one.invalidate(a.key);
    expect((await log.since(0)).orders).toEqual([]);
    await clock.advance(20_000, turn);
    const kept = async () => (await log.since(0)).orders.map(({ order }) => order);
    // A disk has its own time, however many turns there are meanwhile.
    await expect.poll(kept).toEqual([{ kind: 'invalidate', key: a.key }]);
    expect(await textsAt(other, a)).toEqual([]);
    await put(other, a, 'new');
    expect(await textsAt(other, a)).toEqual(['new']);
  });
});
