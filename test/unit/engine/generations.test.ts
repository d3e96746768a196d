import { expect, test } from 'vitest';
import { Generations } from '../../../src/engine/invalidate.ts';
import { type CacheKey, cacheKey, groupKey } from '../../../src/key/cache-key.ts';
import { equivalenceKey } from '../../../src/policy/search-variation.ts';

const keyOf = (target: string): CacheKey => cacheKey({ scheme: 'http', authority: 'example.com', target });

test('what began before an invalidation of its key no longer counts', () => {
  const generations = new Generations(10);
  const began = generations.current;
  generations.invalidate(keyOf('/a'));
  expect([generations.mayPublish(keyOf('/a'), began), generations.mayServe(keyOf('/a'), began)]).toEqual([
    false,
    false,
  ]);
  expect([generations.mayPublish(keyOf('/b'), began), generations.mayServe(keyOf('/b'), began)]).toEqual([true, true]);
});

test('what began after an invalidation counts', () => {
  const generations = new Generations(10);
  generations.invalidate(keyOf('/a'));
  expect(generations.mayPublish(keyOf('/a'), generations.current)).toBe(true);
});

test('a fill of a key that was forgotten past the limit is not published', () => {
  const generations = new Generations(2);
  const began = generations.current;
  for (const target of ['/a', '/b', '/c']) generations.invalidate(keyOf(target));
  for (const target of ['/a', '/b', '/c']) expect(generations.mayPublish(keyOf(target), began)).toBe(false);
  expect(generations.mayPublish(keyOf('/a'), generations.current)).toBe(true);
});

test('invalidating many other keys takes nothing that is stored off the shelf', () => {
  const generations = new Generations(2);
  const began = generations.current;
  for (let i = 0; i < 100; i++) generations.invalidate(keyOf(`/other/${i}`));
  expect(generations.mayServe(keyOf('/hot'), began)).toBe(true);
});

test('long keys take the room of several, so that memory is bounded whatever is asked for', () => {
  const generations = new Generations(10);
  const began = generations.current;
  generations.invalidate(keyOf('/first'));
  generations.invalidate(keyOf(`/${'x'.repeat(2_000)}`));
  expect(generations.mayServe(keyOf('/first'), began)).toBe(true);
  expect(generations.mayPublish(keyOf('/first'), began)).toBe(false);
});

test('a key invalidated again stays among the remembered', () => {
  const generations = new Generations(2);
  generations.invalidate(keyOf('/a'));
  generations.invalidate(keyOf('/b'));
  generations.invalidate(keyOf('/a'));
  const began = generations.current;
  generations.invalidate(keyOf('/c'));
  expect(generations.mayServe(keyOf('/a'), 0)).toBe(false);
  expect(generations.mayPublish(keyOf('/a'), began)).toBe(true);
});

test('what belongs to an invalidated group no longer counts, nor does what belongs to any once that is forgotten', () => {
  const generations = new Generations(2);
  const began = generations.current;
  const member = (...groups: string[]) => ({ key: keyOf('/a'), groups });
  generations.invalidateGroup(groupKey(keyOf('/b'), 'one'));
  expect(generations.mayServeGroups(member('one'), began)).toBe(false);
  expect(generations.mayServeGroups(member('two'), began)).toBe(true);
  expect(generations.mayServeGroups(member('one'), generations.current)).toBe(true);
  for (const name of ['three', 'four', 'five']) generations.invalidateGroup(groupKey(keyOf('/b'), name));
  expect(generations.mayServeGroups(member('two'), began)).toBe(false);
  expect(generations.mayServeGroups(member(), began)).toBe(true);
});

test('the same name is another group at another origin', () => {
  const generations = new Generations(10);
  generations.invalidateGroup(groupKey(cacheKey({ scheme: 'https', authority: 'example.com', target: '/a' }), 'one'));
  generations.invalidateGroup(
    groupKey(cacheKey({ scheme: 'http', authority: 'example.com:80#', target: '/a' }), 'one'),
  );
  expect(generations.mayServeGroups({ key: keyOf('/a'), groups: ['one'] }, 0)).toBe(true);
});

/** Stored, with a parameter that does not matter. */
const equivalent = (path: string, ended?: 'purged', generation = 0) => {
  const variation = { mode: 'params', names: new Set(['u']), keyOrderMatters: true } as const;
  return { key: keyOf(`${path}?u=1`), search: { variation, significant: path }, ended, generation };
};

test('what is equivalent to a target that was to expire is not served unless that has reached it, nor is anything with equivalents once that is forgotten', () => {
  const generations = new Generations(2);
  const expire = (path: string): void => {
    generations.advance();
    generations.expireEquivalents(equivalenceKey(keyOf(path), path));
  };
  expire('/a');
  expect(generations.mayServeEquivalent(equivalent('/a'))).toBe(false);
  expect(generations.mayServeEquivalent(equivalent('/a', 'purged'))).toBe(true);
  expect(generations.mayServeEquivalent(equivalent('/a', undefined, generations.current))).toBe(true);
  expect(generations.mayServeEquivalent(equivalent('/other'))).toBe(true);
  for (const path of ['/b', '/c']) expire(path);
  expect(generations.mayServeEquivalent(equivalent('/other'))).toBe(false);
  expect(generations.mayServeEquivalent({ ...equivalent('/other'), search: undefined })).toBe(true);
});
