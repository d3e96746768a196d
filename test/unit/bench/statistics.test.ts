import { describe, expect, it } from 'vitest';
import { differences, median, orderOf, percentile, ratios, spread } from '../../bench/statistics.ts';

describe('a median', () => {
  it('is the middle one, or between the two in the middle, and leaves the list as it is', () => {
    const values = [10, 9, 100];
    expect(median(values)).toBe(10);
    expect(values).toEqual([10, 9, 100]);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
  });

  it('there is none of nothing', () => {
    expect(() => median([])).toThrow('nothing was measured');
  });
});

describe('a percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it('is the value that so many are not above', () => {
    expect(percentile(hundred, 50)).toBe(50);
    expect(percentile(hundred, 99)).toBe(99);
    expect(percentile(hundred, 100)).toBe(100);
    expect(percentile([3], 99)).toBe(3);
  });

  it('there is none of nothing', () => {
    expect(() => percentile([], 99)).toThrow('nothing was measured');
  });
});

it('a spread goes from the least to the most', () => {
  expect(spread([3, 1, 2])).toEqual([1, 3]);
});

it('every second round goes backwards', () => {
  expect([0, 1, 2].map((round) => orderOf(['a', 'b', 'c'], round).join(''))).toEqual(['abc', 'cba', 'abc']);
});

describe('figures held against others', () => {
  it('are held against those of the same round', () => {
    expect(ratios([10, 30], [20, 20])).toEqual([0.5, 1.5]);
    expect(differences([10, 30], [20, 20])).toEqual([-10, 10]);
  });

  it('are none where rounds are missing', () => {
    expect(() => ratios([10, 30], [20])).toThrow('not as many rounds');
    expect(() => differences([10], [20, 20])).toThrow('not as many rounds');
  });
});
