import { describe, expect, it } from 'vitest';
import { drawn } from '../../bench/zipf.ts';

describe('the list of requests', () => {
  const size = { objects: 100, draws: 20_000 };
  const list = drawn(size);

  function timesOf(rank: number): number {
    return list.filter(({ path }) => path === `/varying/${rank - 1}`).length;
  }

  it('is the same in every run', () => {
    expect(drawn(size)).toEqual(list);
  });

  it('asks for objects in proportion to 1/rank', () => {
    // The harmonic number of 100 is 5.187: the first one has 19.3 % of all, the tenth one a tenth of that.
    expect(timesOf(1) / size.draws).toBeCloseTo(0.193, 2);
    expect(timesOf(10) / size.draws).toBeCloseTo(0.0193, 2);
    expect(timesOf(100)).toBeGreaterThan(0);
  });

  it('asks for nothing else, in four variants about alike', () => {
    expect(new Set(list.map(({ path }) => path)).size).toBe(size.objects);
    const encodings = new Set(list.map(({ encoding }) => encoding));
    expect(encodings.size).toBe(4);
    for (const each of encodings) {
      expect(list.filter(({ encoding }) => encoding === each).length).toBeGreaterThan(size.draws / 5);
    }
  });
});
