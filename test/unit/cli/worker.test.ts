import { expect, it } from 'vitest';
import { end } from '../../../src/cli/worker.ts';

const never = new Promise<void>(() => undefined);

it('a worker that lets its clients go politely ends at once when all are to stop', async () => {
  const done: string[] = [];
  const proxy = {
    retire: () => never,
    close: async () => void done.push('closed'),
  };
  await end(proxy, { retire: Promise.resolve(), stop: Promise.resolve() });
  expect(done).toEqual(['closed']);
});

it('a worker in whose place another listens has ended when its clients have gone', async () => {
  const done: string[] = [];
  const proxy = {
    retire: async () => void done.push('retired'),
    close: async () => void done.push('closed'),
  };
  await end(proxy, { retire: Promise.resolve(), stop: never });
  expect(done).toEqual(['retired']);
});
