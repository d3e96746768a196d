import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import type { Environment } from '../../src/store/disk/environment.ts';
import type { Ledger } from '../../src/store/disk/ledger.ts';
import { Writes, type WritesParts } from '../../src/store/disk/writes.ts';
import { turnstile } from './turnstile.ts';

afterEach(() => void vi.restoreAllMocks());

function writesOn(environment: Pick<Environment, 'transaction'>, parts: Partial<WritesParts> = {}): Writes {
  const ledger: Pick<Ledger, 'begin' | 'end' | 'committed'> = { begin: () => {}, end: () => {}, committed: () => [] };
  return new Writes({
    environment: environment as Environment,
    ledger: ledger as Ledger,
    check: async () => undefined,
    unused: () => {},
    failed: () => {},
    ...parts,
  });
}

test('what is to be written is spread over transactions that end after a few ms, in its order', async () => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const transactions: number[][] = [];
  const writes = writesOn({
    transaction: async (work) => {
      transactions.push([]);
      return work();
    },
  });
  // The second is as long as all that a transaction may take by itself.
  const jobs = [2, 9, 2, 3, 1, 1].map((ms, index) =>
    writes.do(() => {
      transactions.at(-1)?.push(index);
      now += ms;
      return index;
    }),
  );
  expect(await Promise.all(jobs)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(transactions).toEqual([
    [0, 1],
    [2, 3],
    [4, 5],
  ]);
});

test('nobody waits for a transaction that does not end: what was to be done is refused until it has', async () => {
  const { opened, open } = turnstile();
  const failures: unknown[] = [];
  const patience: (() => void)[] = [];
  const after = (ms: number, task: () => void): (() => void) => {
    expect(ms).toBe(10_000);
    patience.push(task);
    return () => void patience.splice(0);
  };
  const environment: Pick<Environment, 'transaction'> = { transaction: async (work) => opened.then(work) };
  const writes = writesOn(environment, { after, failed: (error) => failures.push(error) });
  const done: string[] = [];
  const first = writes.do(() => done.push('first'));
  await turn();
  const second = writes.do(() => done.push('second'), { urgent: true });
  patience[0]?.();
  for (const each of [first, second, writes.do(() => done.push('third'), { urgent: true })])
    await expect(each).rejects.toThrow(/nothing could be written for 10 s|too much waits/);
  expect(failures).toHaveLength(1);
  open();
  await writes.idle();
  expect([await writes.do(() => 'fourth'), done, patience]).toEqual(['fourth', [], []]);
});
