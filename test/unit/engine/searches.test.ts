import { describe, expect, it } from 'vitest';
import { Searches } from '../../../src/engine/searches.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import { type CacheKey, cacheKey } from '../../../src/key/cache-key.ts';
import { type SearchVariation, searchVariation, significantTarget } from '../../../src/policy/search-variation.ts';

const keyOf = (target: string): CacheKey => cacheKey({ scheme: 'http', authority: 'example.com', target });

const variationBut = (name: string): SearchVariation => {
  const variation = searchVariation(fieldsOf(['no-vary-search', `params=("${name}")`]));
  if (variation === undefined) throw new Error('no variation');
  return variation;
};

/** A response for `target`, whose parameter `u` does not matter unless said. */
const responseFor = (target: string, variation = variationBut('u')): Parameters<Searches['add']>[0] => ({
  key: keyOf(target),
  search: { variation, significant: significantTarget(target, variation) },
});

describe('the targets that are known to be equivalent', () => {
  it('are all that were named, of which the last is looked for', () => {
    const searches = new Searches(10);
    for (const target of ['/a?u=1', '/a?u=2', '/a?b&u=1']) searches.add(responseFor(target));
    expect(searches.find(keyOf('/a?u=9'))).toBe(keyOf('/a?u=2'));
    expect(searches.allOf(keyOf('/a?u=9'))).toEqual([keyOf('/a?u=1'), keyOf('/a?u=2')]);
  });

  it('are those named last, beyond the limit', () => {
    const searches = new Searches(2);
    for (const target of ['/a?u=1', '/a?u=2', '/a?u=1', '/a?u=3']) searches.add(responseFor(target));
    expect(searches.allOf(keyOf('/a'))).toEqual([keyOf('/a?u=1'), keyOf('/a?u=3')]);
  });

  it('are none any more where others are remembered in their place', () => {
    const searches = new Searches(2);
    for (const target of ['/a?u=1', '/a?b&u=1', '/a?c&u=1']) searches.add(responseFor(target));
    expect([searches.find(keyOf('/a')), searches.allOf(keyOf('/a'))]).toEqual([undefined, []]);
  });

  it('are without one whose response says otherwise now', () => {
    const searches = new Searches(10);
    for (const target of ['/a?u=1', '/a?u=2']) searches.add(responseFor(target));
    searches.add(responseFor('/a?u=2', variationBut('w')));
    searches.add(responseFor('/a?u=1'));
    expect(searches.allOf(keyOf('/a'))).toEqual([keyOf('/a?u=1')]);
  });

  it('are so few of one page that those of another stay known', () => {
    const searches = new Searches(1_000);
    const long = 'x'.repeat(1_000);
    const targets = Array.from({ length: 300 }, (_, index) => `/a?u=${long}${index}`);
    for (const target of ['/b?u=1', ...targets]) searches.add(responseFor(target));
    expect(searches.find(keyOf('/b?u=2'))).toBe(keyOf('/b?u=1'));
    expect(searches.allOf(keyOf('/a'))).toEqual(targets.slice(-16).map(keyOf));
  });

  it('are without one that is too long to remember', () => {
    const searches = new Searches(2);
    for (const target of ['/a?u=1', `/a?u=${'x'.repeat(1_000)}`]) searches.add(responseFor(target));
    expect(searches.allOf(keyOf('/a'))).toEqual([]);
    searches.add(responseFor('/a?u=2'));
    expect(searches.allOf(keyOf('/a'))).toEqual([keyOf('/a?u=2')]);
  });
});
