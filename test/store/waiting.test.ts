import { expect, it } from 'vitest';
import { Waiting, waitingBytesBeside } from '../../src/store/waiting.ts';

const megabyte = 2 ** 20;

it('leaves a sixteenth of memory to what waits, within bounds', () => {
  const [least, half, most] = [1, 128, 100_000].map((megabytes) => waitingBytesBeside(megabytes * megabyte) / megabyte);
  expect([least, half, most]).toEqual([4, 8, 32]);
});

it('holds no more than may wait, and again what was let go', () => {
  const waiting = new Waiting(100);
  expect([waiting.hold(50), waiting.isCrowded, waiting.isFull]).toEqual([true, false, false]);
  expect([waiting.hold(50), waiting.isCrowded, waiting.isFull]).toEqual([true, true, true]);
  expect(waiting.hold(1)).toBe(false);
  waiting.letGo(100);
  expect([waiting.hold(100), waiting.hold(1)]).toEqual([true, false]);
});
