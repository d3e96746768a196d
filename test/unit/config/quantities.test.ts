import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatQuantity, parseCount, parseDuration, parseShare, parseSize } from '../../../src/config/quantities.ts';

describe('parseSize', () => {
  it.each([
    ['65536', 65_536],
    ['64kb', 65_536],
    ['64 KB', 65_536],
    ['256mb', 268_435_456],
    ['1.5gb', 1_610_612_736],
    ['12b', 12],
  ])('reads %s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', 'mb', '-1mb', '1tb', '0x10', '1e9', 'NaN', '256 m b', '99999999999999gb'])('refuses "%s"', (text) => {
    expect(() => parseSize(text)).toThrow(/is not a size; write a number with a unit, like 64kb/);
  });
});

describe('parseDuration', () => {
  it.each([
    ['0', 0],
    ['0s', 0],
    ['500ms', 500],
    ['1.5s', 1_500],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['2d', 172_800_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it('refuses a number without a unit and says both ways to mean it', () => {
    expect(() => parseDuration('60')).toThrow('"60" is not a duration; add its unit, like 60s for seconds or 60ms');
  });

  it.each(['', '-1s', '5 minutes', '1w', 's'])('refuses "%s"', (text) => {
    expect(() => parseDuration(text)).toThrow(/is not a duration; write a number with a unit/);
  });
});

describe('parseCount', () => {
  it('reads digits', () => {
    expect(parseCount('64')).toBe(64);
  });

  it.each(['', '-1', '1.5', '1e3', '64k', '99999999999999999999'])('refuses "%s"', (text) => {
    expect(() => parseCount(text)).toThrow(/is not a whole number/);
  });
});

describe('parseShare', () => {
  it.each([
    ['0.25', 0.25],
    ['25%', 0.25],
    ['1', 1],
    ['100%', 1],
    ['.5', 0.5],
  ])('reads %s', (text, share) => {
    expect(parseShare(text)).toBe(share);
  });

  it.each(['0', '0%', '1.01', '101%', '-1', 'half'])('refuses "%s"', (text) => {
    expect(() => parseShare(text)).toThrow(/is not a share/);
  });
});

describe('formatQuantity', () => {
  it('picks the largest unit that leaves a whole number', () => {
    expect(formatQuantity('bytes', 268_435_456)).toBe('256mb');
    expect(formatQuantity('ms', 300_000)).toBe('5m');
    expect(formatQuantity('ms', 0)).toBe('0');
    expect(formatQuantity('count', 64)).toBe('64');
    expect(formatQuantity('share', 0.1)).toBe('0.1');
  });

  it('writes what the parsers read as the same number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 45 }), (value) => {
        expect(parseSize(formatQuantity('bytes', value))).toBe(value);
        expect(parseDuration(formatQuantity('ms', value))).toBe(value);
      }),
    );
  });
});
