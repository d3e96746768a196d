import { describe, expect, it } from 'vitest';
import { RecentSeconds, rememberedSeconds } from '../../../src/observe/recent-seconds.ts';

const start = 1_000_000_000;

describe('the recent seconds', () => {
  it('are 120, the one under way last', () => {
    const rows = new RecentSeconds(start + 500).rows(start + 900);
    expect(rows).toHaveLength(120);
    expect(rows[0]?.at).toBe(start - 119_000);
    expect(rows.at(-1)).toEqual({ at: start, requests: 0, lookups: 0, hits: 0, bytes: 0, errors: 0 });
  });

  it('have what happened in each', () => {
    const seconds = new RecentSeconds(start);
    seconds.count(start + 999, 'hit', 10, false);
    seconds.count(start + 1_000, 'passed', 20, true);
    seconds.count(start + 1_001, 'hit', 5, false);
    seconds.count(start + 1_002, 'own', 0, false);
    expect(seconds.rows(start + 3_000).slice(-4)).toEqual([
      { at: start, requests: 1, lookups: 1, hits: 1, bytes: 10, errors: 0 },
      { at: start + 1_000, requests: 3, lookups: 2, hits: 1, bytes: 25, errors: 1 },
      { at: start + 2_000, requests: 0, lookups: 0, hits: 0, bytes: 0, errors: 0 },
      { at: start + 3_000, requests: 0, lookups: 0, hits: 0, bytes: 0, errors: 0 },
    ]);
  });

  it.each([1, 59, 119, 120, 121, 100_000])('forget what is older, also when nothing happened for %i s', (passed) => {
    const seconds = new RecentSeconds(start);
    seconds.count(start, 'hit', 1, false);
    const requests = seconds.rows(start + passed * 1000).reduce((sum, row) => sum + row.requests, 0);
    expect(requests).toBe(passed < rememberedSeconds ? 1 : 0);
  });

  it('go on in the second they had reached when the clock is set back', () => {
    const seconds = new RecentSeconds(start);
    seconds.count(start, 'hit', 1, false);
    seconds.count(start - 3_600_000, 'hit', 1, false);
    expect(seconds.rows(start).at(-1)).toMatchObject({ at: start, requests: 2 });
  });
});
