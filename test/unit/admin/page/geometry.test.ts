import { describe, expect, it } from 'vitest';
import { areaPath, binaryTop, linePath, roundTop, xOf } from '../../../../src/admin/page/geometry.ts';

const box = { width: 100, height: 50 };

describe('the upper edge of a chart', () => {
  it.each([
    [[], 1],
    [[0, undefined], 1],
    [[1], 1],
    [[2.1], 5],
    [[5, 51], 100],
    [[100], 100],
    [[101], 200],
  ])('is round above %j: %d', (values, top) => {
    expect(roundTop(values)).toBe(top);
  });

  it.each([
    [[], 1],
    [[1_024], 1_024],
    [[1_025], 2_048],
  ])('is round for bytes above %j: %d', (values, top) => {
    expect(binaryTop(values)).toBe(top);
  });
});

describe('linePath', () => {
  it('goes from left to right, the top above', () => {
    expect(linePath([0, 5, 10], 10, box)).toBe('M0 50L50 25L100 0');
  });

  it('leaves a gap where there is no value, and shows a value that stands alone', () => {
    expect(linePath([0, undefined, 10, 10, undefined, 5], 10, box)).toBe('M0 50h1M40 0L60 0M100 25h1');
  });

  it('stays inside where a value is beyond the top', () => {
    expect(linePath([20, 20], 10, box)).toBe('M0 0L100 0');
  });
});

describe('areaPath', () => {
  it('goes along the upper edge and back along the lower', () => {
    expect(areaPath([0, 5], [10, 10], 10, box)).toBe('M0 0L100 0L100 25L0 50Z');
  });

  it('is nothing where there is nothing', () => {
    expect(areaPath([], [], 10, box)).toBe('');
  });
});

it('the last value stands at the right edge, also alone', () => {
  expect([xOf(0, 1, box), xOf(2, 3, box)]).toEqual([100, 100]);
});
