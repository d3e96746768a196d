import { describe, expect, it } from 'vitest';
import { Popularity } from '../../src/store/popularity.ts';

describe('popularity', () => {
  it('is how often a handle was counted', () => {
    const popularity = new Popularity(16);
    for (const handle of [3, 5, 3]) popularity.count(handle);
    expect([3, 5, 7].map((handle) => popularity.of(handle))).toEqual([2, 1, 0]);
  });

  it('is halved once in each round of eight for each place, but the first', () => {
    const popularity = new Popularity(16);
    for (let i = 0; i < 100; i++) popularity.count(9);
    for (let i = 0; i < 28; i++) popularity.count(2);
    expect([popularity.of(9), popularity.of(2)]).toEqual([100, 28]);
    for (const left of [50, 25, 12]) {
      for (let i = 0; i < 16 * 8; i++) popularity.count(2);
      expect(popularity.of(9)).toBe(left);
    }
  });

  it('has a most', () => {
    const popularity = new Popularity(2 ** 10);
    for (let i = 0; i < 1_000; i++) popularity.count(1_023);
    expect(popularity.of(1_023)).toBe(255);
  });

  it('is shared by handles beyond its places', () => {
    const popularity = new Popularity(16);
    popularity.count(16 + 3);
    expect(popularity.of(3)).toBe(1);
  });
});
