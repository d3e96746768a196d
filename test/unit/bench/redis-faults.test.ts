import { describe, expect, it } from 'vitest';
import { type FaultySample, faultRows } from '../../bench/redis-faults.ts';

function sample(p99Ms: number, more: Partial<FaultySample> = {}): FaultySample {
  return { requests: 1_000, errors: 0, p50Ms: p99Ms / 10, p99Ms, backMs: undefined, ...more };
}

describe('the rows of a Redis that is not well', () => {
  const rows = faultRows(
    new Map([
      [{ what: 'well' }, [sample(10), sample(30), sample(20)]],
      [
        { what: 'frozen' },
        [sample(40, { backMs: 12 }), sample(50, { backMs: 11 }), sample(30, { errors: 2, backMs: 19 })],
      ],
    ]),
  );

  it('have what each adds to the same round of a Redis that is well', () => {
    expect(rows[1]?.slice(5, 8)).toEqual(['2.0 (1.0–3.0)', '20.0 (10.0–30.0)', '≤ 50']);
    expect(rows[0]?.slice(5, 8)).toEqual(['', '', '']);
  });

  it('have all requests and all errors, and when Redis was used again', () => {
    expect(rows[0]?.slice(0, 3)).toEqual(['well', '3000', '0']);
    expect(rows[1]?.slice(0, 3)).toEqual(['frozen', '3000', '2']);
    expect(rows.map((cells) => cells.at(-1))).toEqual(['', '12 (11–19)']);
  });
});
