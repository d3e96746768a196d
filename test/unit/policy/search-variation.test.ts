import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../../src/http/fields.ts';
import { type SearchVariation, searchVariation, significantTarget } from '../../../src/policy/search-variation.ts';

/** What a No-Vary-Search of these lines says. */
function variationOf(...lines: readonly string[]): SearchVariation | undefined {
  return searchVariation(fieldsOf(...lines.map((line) => ['no-vary-search', line] as const)));
}

/** Whether two targets are equivalent under a No-Vary-Search that changes something. */
function equivalent(noVarySearch: string, a: string, b: string): boolean {
  const variation = variationOf(noVarySearch);
  if (variation === undefined) throw new Error(`changes nothing: ${noVarySearch}`);
  return significantTarget(a, variation) === significantTarget(b, variation);
}

describe('No-Vary-Search (draft §5.1, §5.2)', () => {
  it.each([
    ['params=("a")', { mode: 'params', names: new Set(['a']), keyOrderMatters: true }],
    ['except=("x")', { mode: 'except', names: new Set(['x']), keyOrderMatters: true }],
    ['except=()', { mode: 'except', names: new Set(), keyOrderMatters: true }],
    ['key-order, params=()', { mode: 'params', names: new Set(), keyOrderMatters: false }],
    ['key-order', { mode: 'params', names: new Set(), keyOrderMatters: false }],
    ['key-order=?1, except=("x")', { mode: 'except', names: new Set(['x']), keyOrderMatters: false }],
    ['except=("x"), key-order', { mode: 'except', names: new Set(['x']), keyOrderMatters: false }],
    ['params=("a"), future=(1 2);x', { mode: 'params', names: new Set(['a']), keyOrderMatters: true }],
    ['params=("%C3%A9+%E6%B0%97")', { mode: 'params', names: new Set(['\u00e9 \u6c17']), keyOrderMatters: true }],
    [
      'params=("a=b&c" "?" "%zz" "")',
      { mode: 'params', names: new Set(['a=b&c', '?', '%zz', '']), keyOrderMatters: true },
    ],
  ])('reads %s', (value, variation) => {
    expect(variationOf(value)).toEqual(variation);
  });

  it('is one dictionary on however many lines, in which the last of two entries counts', () => {
    expect(variationOf('key-order, params=("a")', 'params=("b")')).toEqual(variationOf('key-order, params=("b")'));
  });

  it.each([
    'key-order="not a boolean"',
    'key-order=(?1)',
    'key-order=1, params=("a")',
    'params="not an inner list"',
    'params=(not-a-string)',
    'params=("a" 1)',
    'params=?0',
    'params=?1',
    'params',
    'params=?1, except=("x")',
    'params=("a"), except=("x")',
    'params=(), except=()',
    'except="not an inner list"',
    'except=(not-a-string)',
    'except=?1',
    '("a")',
    'params=("a"',
    '',
  ])('that breaks its rules is as good as none: %s', (value) => {
    expect(variationOf(value)).toBeUndefined();
  });

  it.each(['params=()', 'key-order=?0', 'params=(), key-order=?0', 'future=1'])(
    'can say what holds anyway: %s',
    (value) => {
      expect(variationOf(value)).toBeUndefined();
    },
  );
});

describe('two targets (draft §6)', () => {
  it.each([
    ['/a', '/a?'],
    ['/a?a=x', '/a?%61=%78'],
    ['/a?a=%f6', '/a?a=%ef%bf%bd'],
    ['/a?a=x&&&&', '/a?a=x'],
    ['/a?a=', '/a?a'],
    ['/a?a=%20', '/a?a=+'],
  ])('are equivalent under any variation that lets both matter: %s and %s', (a, b) => {
    for (const value of ['key-order', 'params=("other")', 'except=("a")'])
      expect([value, equivalent(value, a, b)]).toEqual([value, true]);
  });

  it.each([
    ['key-order', '/a?x=1', '/b?x=1'],
    ['key-order', '/a?x=1', '/a?x=2'],
    ['key-order', '/a?x=1&x=2', '/a?x=2&x=1'],
    ['key-order', '/a?x=1', '/a??x=1'],
    ['key-order', '/a?x=1', '/a?x=1&x=1'],
    ['key-order', '/a?x=1', '/a?X=1'],
    ['key-order', '/a?%EF%BB%BFx=1', '/a?x=1'],
    ['params=("a")', '/a?b=1&c=2', '/a?c=2&b=1'],
    ['params=("x")', '/a?b=1', '/a?b=1&?x=1'],
    ['except=("a")', '/a?a=1', '/a'],
  ])('are not equivalent under %s: %s and %s', (value, a, b) => {
    expect(equivalent(value, a, b)).toBe(false);
  });

  it.each([
    ['key-order', '/a?b=1&a=2', '/a?a=2&b=1'],
    ['params=("a")', '/a?a=1&b=2', '/a?b=2&a=3&a=4'],
    ['except=("b")', '/a?a=1&b=2&c', '/a?b=2'],
    ['except=()', '/a?a=1', '/a'],
    ['params=("%C3%A9+%E6%B0%97")', '/a?%C3%A9%20%E6%B0%97=3', '/a?%C3%A9+%e6%b0%97=4'],
    ['params=("?x")', '/a??x=1', '/a'],
  ])('are equivalent under %s: %s and %s', (value, a, b) => {
    expect(equivalent(value, a, b)).toBe(true);
  });
});
