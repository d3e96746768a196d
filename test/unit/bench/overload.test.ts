import { describe, expect, it } from 'vitest';
import type { Asked } from '../../bench/open-load.ts';
import { overloadRows, type StepSample } from '../../bench/overload.ts';

const seconds = 2;

/** Evenly over that time, of which each is the next of these. */
function asked(count: number, ...statuses: readonly number[]): Asked[] {
  return Array.from({ length: count }, (_, index) => ({
    atMs: (index * seconds * 1_000) / count,
    status: statuses[index % statuses.length] ?? 0,
    tookMs: 10,
  }));
}

const calm: StepSample = { capacity: 100, misses: asked(160, 200), hits: asked(20, 200) };

describe('the rows of an overload', () => {
  const crowded: StepSample = { capacity: 100, misses: asked(600, 200, 503, 0), hits: asked(20, 200) };
  const [before = [], over = [], after = []] = overloadRows([[calm, crowded, calm]], seconds);

  it('count what was answered in time, of what the origin could do or of what was asked for', () => {
    expect([before[1], over[1], over[2]]).toEqual(['1.00', '1.00', '≥ 0.9']);
  });

  it('have who was refused, who has gone, and the hits', () => {
    expect(over.slice(3, 5)).toEqual(['200 (10)', '33 %']);
    expect(over[7]).toBe('100.0 %');
  });

  it('say of the time after when all was well again', () => {
    const late = [...asked(160, 200)].map((one) => (one.atMs < 700 ? { ...one, status: 0 } : one));
    const [, , recovering = []] = overloadRows([[calm, crowded, { ...calm, misses: late }]], seconds);
    expect([after[9], recovering[9]]).toEqual(['0.0', '1.0']);
  });
});
