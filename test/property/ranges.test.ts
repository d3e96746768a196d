import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ByteRange, formatContentRange, parseContentRange, parseRange } from '../../src/http/range.ts';
import { selectRange } from '../../src/policy/partial.ts';
import { get, stored200, wall } from '../unit/policy/messages.ts';

const stored = stored200(['cache-control', 'max-age=60'], ['etag', '"v1"']);

/** The ranges that a Range field selects of so many bytes. */
function selected(range: string, length: number): readonly ByteRange[] | string {
  const selection = selectRange(get(['range', range]), stored, length, wall);
  if (selection.kind === 'part') return [selection.range];
  return selection.kind === 'parts' ? selection.ranges : selection.kind;
}

const spec = fc.oneof(
  fc.tuple(fc.nat(40), fc.nat(40)).map(([first, last]) => `${first}-${last}`),
  fc.nat(40).map((first) => `${first}-`),
  fc.nat(40).map((suffix) => `-${suffix}`),
  fc.constantFrom('', ' ', '-', 'x', '0-0'),
);
const anyRange = fc.array(spec, { maxLength: 4 }).map((specs) => `bytes=${specs.join(',')}`);

/** Cuts a content into as many pieces as there are numbers, and one more. */
function cuts(length: number, at: readonly number[]): ByteRange[] {
  const ends = [...new Set(at.map((each) => each % length)), length - 1].sort((a, b) => a - b);
  return [...new Set(ends)].map((last, i, all) => ({ first: i === 0 ? 0 : (all[i - 1] as number) + 1, last }));
}

const content = fc.uint8Array({ minLength: 1, maxLength: 60 });

describe('any Range of any content', () => {
  it('selects bytes that are there, each once, or nothing', () => {
    let parts = 0;
    fc.assert(
      fc.property(anyRange, fc.nat(50), (range, length) => {
        const ranges = selected(range, length);
        if (typeof ranges === 'string') return;
        parts++;
        const taken = new Set<number>();
        for (const { first, last } of ranges) {
          expect(first <= last && first >= 0 && last < length).toBe(true);
          for (let at = first; at <= last; at++) {
            expect(taken).not.toContain(at);
            taken.add(at);
          }
        }
      }),
      { numRuns: 2_000 },
    );
    expect(parts).toBeGreaterThan(200);
  });

  it('put together from its parts is the content, however they are asked for', () => {
    fc.assert(
      fc.property(content, fc.array(fc.nat(1_000), { maxLength: 5 }), fc.boolean(), (bytes, at, open) => {
        const pieces = cuts(bytes.length, at);
        const specs = pieces.map(({ first, last }) =>
          open && last === bytes.length - 1 ? `${first}-` : `${first}-${last}`,
        );
        const asked = [specs.join(', ')].concat(specs);
        const [together, ...separately] = asked.map((each) => selected(`bytes=${each}`, bytes.length));
        expect(together).toEqual(pieces);
        expect(separately.flat()).toEqual(pieces);
        const joined = pieces.flatMap(({ first, last }) => [...bytes.subarray(first, last + 1)]);
        expect(joined).toEqual([...bytes]);
      }),
      { numRuns: 500 },
    );
  });

  it('begins where a suffix of the same length begins', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.nat(150), (length, suffix) => {
        const expected = suffix === 0 ? 'unsatisfiable' : selected(`bytes=${Math.max(0, length - suffix)}-`, length);
        expect(selected(`bytes=-${suffix}`, length)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('is never read beyond the number of ranges that are allowed', () => {
    fc.assert(
      fc.property(anyRange, fc.integer({ min: 1, max: 4 }), (range, maxRanges) => {
        const request = parseRange(range, 50, maxRanges);
        expect(request.kind === 'ranges' ? request.ranges.length : 0).toBeLessThanOrEqual(maxRanges);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a Content-Range', () => {
  it('is read as it is written', () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.nat(1e9), fc.nat(1e9), (first, more, rest) => {
        const range = { first, last: first + more };
        const length = first + more + rest + 1;
        expect(parseContentRange(formatContentRange(range, length))).toEqual({ ...range, length });
      }),
    );
  });
});
