import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ByteRange, parseRange } from '../../../src/http/range.ts';

/** `first-last` for each range, or the kind where there is none. */
function ranges(value: string, length: number, maxRanges = 16): string {
  const request = parseRange(value, length, maxRanges);
  if (request.kind !== 'ranges') return request.kind;
  return request.ranges.map(({ first, last }: ByteRange) => `${first}-${last}`).join();
}

describe('one range of 100 bytes (RFC 9110 §14.1.2)', () => {
  it.each([
    ['bytes=0-0', '0-0'],
    ['bytes=0-99', '0-99'],
    ['bytes=0-100', '0-99'],
    ['bytes=99-', '99-99'],
    ['bytes=0-', '0-99'],
    ['bytes=-1', '99-99'],
    ['bytes=-100', '0-99'],
    ['bytes=-500', '0-99'],
    ['BYTES=5-6', '5-6'],
    ['bytes= 5-6 ', '5-6'],
    ['bytes=\t5-6', '5-6'],
    ['bytes=,5-6,', '5-6'],
    ['bytes=0005-0006', '5-6'],
    ['bytes=0-999999999999999', '0-99'],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=100-200', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=999999999999999-', 'unsatisfiable'],
  ])('%j is %s', (value, expected) => {
    expect(ranges(value, 100)).toBe(expected);
  });
});

describe('what is ignored', () => {
  it.each([
    '',
    'bytes',
    'bytes=',
    'bytes=,',
    'bytes=-',
    'bytes=5',
    'bytes=6-5',
    'bytes=--5',
    'bytes=5--6',
    'bytes=a-b',
    'bytes=0x0-5',
    'bytes=+1-5',
    'bytes=1.5-2',
    'bytes=1e1-20',
    'bytes=1 -5',
    'bytes=1- 5',
    'bytes=1-5;6-7',
    'bytes=1-5, x',
    'bytes:1-5',
    'bytes 1-5',
    'lines=1-5',
    'bytes=1-5, bytes=7-8',
    'bytes=0-99999999999999999999999',
    'bytes=99999999999999999999999-',
    'bytes=-99999999999999999999999',
    'bytes=\u0661-5',
  ])('%j', (value) => {
    expect(ranges(value, 100)).toBe('ignore');
  });
});

describe('a representation without content', () => {
  it('has no first byte', () => {
    expect(ranges('bytes=0-', 0)).toBe('unsatisfiable');
    expect(ranges('bytes=0-0', 0)).toBe('unsatisfiable');
  });

  it('is sent whole for any suffix of it, which is satisfiable', () => {
    expect(ranges('bytes=-5', 0)).toBe('ignore');
    expect(ranges('bytes=-0', 0)).toBe('unsatisfiable');
  });
});

describe('several ranges', () => {
  it('come in the order in which they were asked for', () => {
    expect(ranges('bytes=9-10, 0-1,-2', 100)).toBe('9-10,0-1,98-99');
  });

  it('lose those that can not be satisfied', () => {
    expect(ranges('bytes=0-1, 500-', 100)).toBe('0-1');
    expect(ranges('bytes=500-, -0', 100)).toBe('unsatisfiable');
  });

  it('are ignored beyond the limit, wherever white space and empty members stand', () => {
    expect(ranges('bytes=0-1,4-5', 100, 2)).toBe('0-1,4-5');
    expect(ranges('bytes=0-1,4-5', 100, 1)).toBe('ignore');
    expect(ranges('bytes=0-1,,4-5', 100, 1)).toBe('ignore');
    expect(ranges(`bytes=0-1${' '.repeat(60)},4-5`, 100, 1)).toBe('ignore');
  });

  it('are never cut inside a number', () => {
    expect(ranges(`bytes=${' '.repeat(40)}0-12345678`, 1e9, 1)).toBe('ignore');
  });
});

describe('properties', () => {
  it('never throws, and every range lies inside the representation', () => {
    const parts = fc.array(fc.constantFrom('bytes=', '-', ',', ' ', '0', '1', '99', '100', '9999999999999999', 'x'));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          parts.map((each) => `bytes=${each.join('')}`),
        ),
        fc.nat(200),
        (value, length) => {
          const request = parseRange(value, length, 4);
          const found = request.kind === 'ranges' ? request.ranges : [];
          expect(found.length).toBeLessThanOrEqual(4);
          for (const { first, last } of found) expect(0 <= first && first <= last && last < length).toBe(true);
        },
      ),
    );
  });

  it('gives exactly what was asked where that is there', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), fc.nat(1000), (first, more, rest) => {
        expect(ranges(`bytes=${first}-${first + more}`, first + more + rest + 1)).toBe(`${first}-${first + more}`);
      }),
    );
  });

  it.each([
    ['spaces', `bytes=0-1${' '.repeat(2 ** 20)}x`],
    ['commas', `bytes=${','.repeat(2 ** 20)}`],
    ['ranges', `bytes=${'0-,'.repeat(2 ** 18)}`],
    ['digits', `bytes=${'9'.repeat(2 ** 20)}-`],
  ])('ignores a mebibyte of %s', (_what, value) => {
    expect(ranges(value, 100)).toBe('ignore');
  });
});
