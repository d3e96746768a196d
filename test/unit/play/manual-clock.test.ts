import { expect, it } from 'vitest';
import { ManualClock } from '../../../src/play/manual-clock.ts';

const settled = (): Promise<void> => Promise.resolve();

it('stands still until it is moved', async () => {
  const clock = new ManualClock(1_000);
  expect([clock.steady(), clock.wall()]).toEqual([1_000, 1_000]);
  await clock.advance(500, settled);
  expect([clock.steady(), clock.wall()]).toEqual([1_500, 1_500]);
});

it('lets the wall clock jump while steady time does not notice', async () => {
  const clock = new ManualClock(1_000);
  clock.jump(-700);
  await clock.advance(100, settled);
  expect([clock.steady(), clock.wall()]).toEqual([1_100, 400]);
});

it('calls back at the time asked for, the earliest first, and never twice', async () => {
  const clock = new ManualClock(0);
  const called: [string, number][] = [];
  clock.schedule(20, () => called.push(['late', clock.steady()]));
  clock.schedule(10, () => called.push(['early', clock.steady()]));
  clock.schedule(31, () => called.push(['not yet', clock.steady()]));
  await clock.advance(30, settled);
  await clock.advance(0, settled);
  expect(called).toEqual([
    ['early', 10],
    ['late', 20],
  ]);
});

it('takes back what was asked for', async () => {
  const clock = new ManualClock(0);
  const called: string[] = [];
  clock.schedule(10, () => called.push('kept'));
  clock.schedule(10, () => called.push('taken back'))();
  await clock.advance(10, settled);
  expect(called).toEqual(['kept']);
});

it('calls back within one advance what was asked for during it', async () => {
  const clock = new ManualClock(0);
  const called: number[] = [];
  const again = (): void => {
    called.push(clock.steady());
    clock.schedule(10, again);
  };
  clock.schedule(10, again);
  await clock.advance(35, settled);
  expect(called).toEqual([10, 20, 30]);
});
