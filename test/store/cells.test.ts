import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cells, type Handle } from '../../src/store/cells.ts';

const segmentBytes = 16 * 1024;
const small = segmentBytes / 32 - 8;

/** A cell whose every byte is `value`. */
function filled(cells: Cells, length: number, value: number): Handle {
  const handle = cells.allocate(length);
  const { bytes, start, end } = cells.at(handle);
  bytes.fill(value, start, end);
  return handle;
}

function contentOf(cells: Cells, handle: Handle): Buffer {
  const { bytes, start, end } = cells.at(handle);
  return Buffer.from(bytes.subarray(start, end));
}

describe('cells', () => {
  it('take nothing before there is one, and only two segments when there is none any more', () => {
    const cells = new Cells(segmentBytes);
    expect(cells).toMatchObject({ count: 0, bytesTaken: 0 });
    const handles = Array.from({ length: 1_000 }, () => cells.allocate(100));
    expect(cells.bytesTaken).toBeGreaterThan(100_000);
    for (const handle of handles) cells.free(handle);
    expect(cells.count).toBe(0);
    expect(cells.bytesTaken).toBeLessThanOrEqual(2 * segmentBytes);
  });

  it('lie together, so that each takes no more than its header beside its bytes', () => {
    const cells = new Cells(segmentBytes);
    for (let i = 0; i < 10_000; i++) cells.allocate(200);
    expect(cells.bytesTaken / 10_000).toBeLessThan(208 * 1.02);
  });

  it('have a segment of their own when they are large, and give all of it back', () => {
    const cells = new Cells(segmentBytes);
    expect([cells.isSmall(small), cells.isSmall(small + 1)]).toEqual([true, false]);
    const large = filled(cells, 100_000, 7);
    expect(cells.bytesTaken).toBe(100_008);
    const tiny = filled(cells, 1, 9);
    expect([contentOf(cells, large).length, contentOf(cells, tiny)[0]]).toEqual([100_000, 9]);
    cells.free(large);
    expect(cells.bytesTaken).toBe(segmentBytes);
    expect(contentOf(cells, tiny)).toEqual(Buffer.from([9]));
  });

  it('may be empty', () => {
    const cells = new Cells(segmentBytes);
    const [one, two] = [cells.allocate(0), filled(cells, 0, 1)];
    expect([contentOf(cells, one).length, contentOf(cells, two).length, one === two]).toEqual([0, 0, false]);
  });

  it('are moved together when most of them are gone, and keep their handles and bytes', () => {
    const cells = new Cells(segmentBytes);
    const handles = Array.from({ length: 4_000 }, (_, i) => filled(cells, 100, i % 256));
    const before = cells.bytesTaken;
    for (const [i, handle] of handles.entries()) if (i % 10 !== 0) cells.free(handle);
    expect(cells.bytesTaken).toBeLessThan(before / 5);
    const kept = handles.map((handle, i) => ({ handle, i })).filter(({ i }) => i % 10 === 0);
    for (const { handle, i } of kept) expect(contentOf(cells, handle)).toEqual(Buffer.alloc(100, i % 256));
  });
});

type Step = { readonly kind: 'allocate'; readonly length: number } | { readonly kind: 'free'; readonly which: number };

const length = fc.oneof(
  { weight: 8, arbitrary: fc.nat(small) },
  { weight: 1, arbitrary: fc.integer({ min: small, max: 3 * segmentBytes }) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('allocate' as const), length }),
  fc.record({ kind: fc.constant('free' as const), which: fc.nat() }),
);
/** First more come than go, then the other way round: so that there are segments to empty. */
const steps = fc.tuple(
  fc.array(step, { maxLength: 400, size: 'max' }),
  fc.array(step, { maxLength: 300, size: 'max' }),
);

describe('any sequence of cells that come and go', () => {
  it('keeps every byte in its place, and takes no more memory than they weigh and two segments', () => {
    fc.assert(
      fc.property(steps, ([many, mixed]) => {
        const cells = new Cells(segmentBytes);
        const live = new Map<Handle, Buffer>();
        let weight = 0;
        const allocate = (bytes: number): void => {
          const handle = filled(cells, bytes, (live.size * 31 + bytes) % 256);
          expect(live.has(handle)).toBe(false);
          live.set(handle, contentOf(cells, handle));
          weight += cells.weightOf(bytes);
        };
        for (const each of many) allocate(each.kind === 'allocate' ? each.length : each.which % small);
        for (const each of mixed) {
          const handles = [...live.keys()];
          const handle = each.kind === 'free' ? handles[each.which % handles.length] : undefined;
          if (each.kind === 'allocate') allocate(each.length);
          else if (handle !== undefined) {
            weight -= cells.weightOf(live.get(handle)?.length ?? Number.NaN);
            cells.free(handle);
            live.delete(handle);
          }
          expect(cells.count).toBe(live.size);
          expect(cells.bytesTaken).toBeLessThanOrEqual(weight + 2 * segmentBytes);
        }
        for (const [handle, bytes] of live) expect(contentOf(cells, handle).equals(bytes)).toBe(true);
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });
});
