import { expect, it } from 'vitest';
import { Ending, type EndingParts } from '../../src/ending.ts';

const never = new Promise<never>(() => undefined);

/** Parts that note the order in which they have ended; those that are named never do. */
function partsWithout(hanging: readonly string[], drainTimeoutMs = 60_000): EndingParts & { readonly ended: string[] } {
  const ended: string[] = [];
  const ends = async (name: string): Promise<void> => {
    if (hanging.includes(name)) await never;
    await Promise.resolve();
    ended.push(name);
  };
  return {
    ended,
    listener: { close: () => ends('connections'), retire: () => ends('retired connections') },
    engine: { drain: () => ends('answers') },
    admin: { close: () => ends('admin API'), retire: () => ends('retired admin API') },
    inForce: { upstreams: { close: () => ends('origins') } },
    shelves: { close: () => ends('shelf') },
    log: { close: () => ends('log') },
    watches: [{ stop: () => void ended.push('watch') }],
    limits: { drainTimeoutMs },
    warn: (trouble) => void ended.push(trouble),
  };
}

it('ends one after the other: what is answered, then what answers are made of', async () => {
  const parts = partsWithout([]);
  const ending = new Ending(parts);
  expect(ending.hasBegun).toBe(false);
  expect(await Promise.all([ending.close(), ending.close()])).toEqual(['whole', 'whole']);
  expect(ending.hasBegun).toBe(true);
  expect(parts.ended).toEqual(['watch', 'connections', 'answers', 'admin API', 'origins', 'shelf', 'log']);
});

it('tells clients first that another listens in its place', async () => {
  const parts = partsWithout([]);
  expect(await new Ending(parts).retire()).toBe('whole');
  expect(parts.ended.slice(0, 3)).toEqual(['retired connections', 'retired admin API', 'watch']);
});

it('breaks off what takes longer than answers may, and ends whole', async () => {
  const parts = partsWithout(['answers'], 1);
  expect(await new Ending(parts).close()).toBe('whole');
  expect(parts.ended).toEqual(['watch', 'connections', 'admin API', 'origins', 'shelf', 'log']);
});

it.each([
  ['admin API', ['origins', 'shelf', 'log']],
  ['origins', ['admin API', 'shelf', 'log']],
  ['shelf', ['admin API', 'origins', 'log']],
  ['log', ['admin API', 'origins', 'shelf']],
])('leaves behind what hangs, ends all else, and says so: the %s', async (name, others) => {
  const parts = partsWithout([name], 1);
  expect(await new Ending(parts).close()).toBe('late');
  expect(parts.ended.filter((each) => others.includes(each))).toEqual(others);
  expect(parts.ended.at(-1)).toBe(
    `left behind, as it did not end in time: the ${name}${name === 'shelf' ? '; what was stored last may be lost' : ''}`,
  );
});
