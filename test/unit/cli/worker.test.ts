import { beforeEach, expect, it } from 'vitest';
import { end } from '../../../src/cli/worker.ts';

const never = new Promise<never>(() => undefined);

let done: string[] = [];

beforeEach(() => {
  done = [];
});

function noted(what: string): 'whole' {
  done.push(what);
  return 'whole';
}

it('a worker that lets its clients go politely ends at once when all are to stop', async () => {
  const proxy = {
    retire: () => never,
    close: async () => noted('closed'),
  };
  expect(await end(proxy, { retire: Promise.resolve(), stop: Promise.resolve() })).toBe('whole');
  expect(done).toEqual(['closed']);
});

it('a worker in whose place another listens has ended when its clients have gone', async () => {
  const proxy = {
    retire: async () => noted('retired'),
    close: async () => noted('closed'),
  };
  expect(await end(proxy, { retire: Promise.resolve(), stop: never })).toBe('whole');
  expect(done).toEqual(['retired']);
});
