import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearest } from '../../../src/config/nearest.ts';

const words = ['memory', 'defaultTtl', 'origin', 'listen', 'log'];

describe('nearest', () => {
  it.each([
    ['memroy', 'memory'],
    ['Memory', 'memory'],
    ['defaultTTL', 'defaultTtl'],
    ['deafultTtl', 'defaultTtl'],
    ['orgin', 'origin'],
    ['lsiten', 'listen'],
    ['lgo', 'log'],
  ])('finds what was meant by %s', (misspelt, meant) => {
    expect(nearest(misspelt, words)).toBe(meant);
  });

  it.each(['', 'x', 'speed', 'memorandum'])('finds nothing near %j', (word) => {
    expect(nearest(word, words)).toBeUndefined();
  });

  it('finds a word itself, however long the list', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{4,9}$/), { minLength: 1 }), (list) => {
        expect(list.map((word) => nearest(word, list))).toEqual(list);
      }),
    );
  });
});
