import { describe, expect, it } from 'vitest';
import { metricIn } from '../../bench/page-of-metrics.ts';
import { hitsBetween } from '../../bench/tiers.ts';

function page(memory: number, redis: number): string {
  return `# TYPE etagere_store_hits_total counter
etagere_store_hits_total{tier="memory"} ${memory}
etagere_store_hits_total{tier="redis"} ${redis}
etagere_workers{state="answered"} 2
`;
}

describe('a metric', () => {
  it('is that of the whole series, and not of one that begins alike', () => {
    expect(metricIn(page(7, 8), 'etagere_store_hits_total{tier="redis"}')).toBe(8);
    expect(() => metricIn(page(7, 8), 'etagere_store_hits_total')).toThrow('no such metric');
  });
});

describe('hits from a tier', () => {
  it('are those since the first page, as a share of all hits since then', () => {
    expect(hitsBetween(page(100, 1_000), page(101, 1_099), 'redis')).toEqual({ hits: 99, share: 0.99 });
  });

  it('are all of them where there is nothing but memory', () => {
    expect(hitsBetween('', '', 'memory').share).toBe(1);
  });
});
