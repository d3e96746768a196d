import { afterEach, expect, it, vi } from 'vitest';
import { MemoryStore } from '../../src/store/memory.ts';
import { put, responseTo, textsAt } from './shelved.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

it('leaves alone what has got the place of a response while it rested', async () => {
  const store = new MemoryStore({ maxBytes: 2 ** 20, maxObjectBytes: 2 ** 18, maxVariants: 4 });
  for (const path of ['/a', '/b']) await put(store, { ...responseTo(path), tags: ['red'] }, path);
  let now = 0;
  // Every look at the clock finds that it has to rest; at the fourth it has been at the first response.
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += 10;
    if (now === 40) {
      store.invalidate(responseTo('/b').key);
      void put(store, responseTo('/c'), '/c');
    }
    return now;
  });
  expect((await store.purge({ selection: { kind: 'tag', tag: 'red' }, before: 1 })).matched).toBe(1);
  expect(now).toBeGreaterThan(40);
  expect(await textsAt(store, responseTo('/c'))).toEqual(['/c']);
});

it('goes over the shelf for one after the other, whether it is to purge or to count', async () => {
  const store = new MemoryStore({ maxBytes: 2 ** 20, maxObjectBytes: 2 ** 18, maxVariants: 4 });
  await put(store, responseTo('/a'), '/a');
  const ended: string[] = [];
  await Promise.all([
    store.count({ kind: 'all' }).then(({ matched }) => ended.push(`count ${matched}`)),
    store.purge({ selection: { kind: 'all' }, before: 1 }).then(({ matched }) => ended.push(`purge ${matched}`)),
    store.count({ kind: 'all' }).then(({ matched }) => ended.push(`count ${matched}`)),
  ]);
  expect(ended).toEqual(['count 0', 'purge 1', 'count 0']);
});
