import { describe, expect, it } from 'vitest';
import { bytes, count, counted, duration, milliseconds, percent, rate } from '../../../../src/admin/page/format.ts';

describe('figures for people', () => {
  it.each([
    [0, '0'],
    [1_234_567, '1,234,567'],
  ])('count %d as %s', (value, text) => {
    expect(count(value)).toBe(text);
  });

  it.each([
    [0, 'stored response', '0 stored responses'],
    [1, 'stored response', '1 stored response'],
    [2_000, 'stored response', '2,000 stored responses'],
  ])('count %d of what is called %s as %s', (value, name, text) => {
    expect(counted(value, name)).toBe(text);
  });

  it('count what has a plural of its own', () => {
    expect([1, 2].map((value) => counted(value, 'miss', 'misses'))).toEqual(['1 miss', '2 misses']);
  });

  it.each([
    [0.25, '0.3'],
    [9.96, '10'],
    [1_234.5, '1,235'],
  ])('write the rate %d as %s', (value, text) => {
    expect(rate(value)).toBe(text);
  });

  it.each([
    [0, '0 %'],
    [0.0001, '< 0.1 %'],
    [0.5, '50.0 %'],
    [0.9344, '93.4 %'],
    [0.99999, '99.9 %'],
    [1, '100 %'],
  ])('write the part %d as %s, and nothing as all or none that is not', (value, text) => {
    expect(percent(value)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [1_023, '1,023 B'],
    [1_024, '1 KiB'],
    [1_536, '1.5 KiB'],
    [268_435_456, '256 MiB'],
    [12.34 * 2 ** 30, '12.3 GiB'],
    [2 ** 52, '4,096 TiB'],
  ])('write %d bytes as %s', (value, text) => {
    expect(bytes(value)).toBe(text);
  });

  it.each([
    [0, '0 s'],
    [0.4, '0 s'],
    [-0.4, '0 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [125, '2 min 5 s'],
    [3_605, '1 h'],
    [-3_700, '-1 h 1 min'],
    [90_000, '1 d 1 h'],
  ])('write %d seconds as %s', (value, text) => {
    expect(duration(value)).toBe(text);
  });

  it('write milliseconds with a digit where they are few', () => {
    expect([0.42, 12.34].map(milliseconds)).toEqual(['0.4 ms', '12 ms']);
  });
});
