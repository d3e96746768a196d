import { expect, test } from 'vitest';
import { Generations } from '../../../src/engine/invalidate.ts';
import { cacheKey } from '../../../src/key/cache-key.ts';

const keyOf = (target: string) => cacheKey({ scheme: 'http', authority: 'example.com', target });

test('what began before an invalidation of its key no longer counts', () => {
  const generations = new Generations(10);
  const began = generations.current;
  generations.invalidate(keyOf('/a'));
  expect(generations.isCurrent(keyOf('/a'), began)).toBe(false);
  expect(generations.isCurrent(keyOf('/b'), began)).toBe(true);
});

test('what began after an invalidation counts', () => {
  const generations = new Generations(10);
  generations.invalidate(keyOf('/a'));
  expect(generations.isCurrent(keyOf('/a'), generations.current)).toBe(true);
});

test('forgetting a key past the limit errs on the side of a miss, never of a stale hit', () => {
  const generations = new Generations(2);
  const began = generations.current;
  for (const target of ['/a', '/b', '/c']) generations.invalidate(keyOf(target));
  for (const target of ['/a', '/b', '/c']) expect(generations.isCurrent(keyOf(target), began)).toBe(false);
  expect(generations.isCurrent(keyOf('/never-invalidated'), began)).toBe(false);
  expect(generations.isCurrent(keyOf('/a'), generations.current)).toBe(true);
});

test('a key invalidated again stays among the remembered', () => {
  const generations = new Generations(2);
  generations.invalidate(keyOf('/a'));
  generations.invalidate(keyOf('/b'));
  generations.invalidate(keyOf('/a'));
  const began = generations.current;
  generations.invalidate(keyOf('/c'));
  expect(generations.isCurrent(keyOf('/a'), began)).toBe(true);
});
