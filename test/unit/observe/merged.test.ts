import { describe, expect, it } from 'vitest';
import type { Metric } from '../../../src/observe/exposition.ts';
import { countedOnly, mergedMetrics } from '../../../src/observe/merged-metrics.ts';
import { mergedSnapshot, withoutState } from '../../../src/observe/merged-statistics.ts';
import { mergedTop } from '../../../src/observe/merged-top.ts';
import type { StatisticsSnapshot, TopRow } from '../../../src/observe/statistics.ts';

function metric(type: Metric['type'], name: string, ...samples: Metric['samples']): Metric {
  return { type, name, help: 'Something.', samples };
}

const serverUp = (value: number): Metric[] => [metric('gauge', 'etagere_origin_server_up', { value })];

const process = (lag: number, start: number): Metric[] => [
  metric('gauge', 'nodejs_eventloop_lag_p99_seconds', { value: lag }),
  metric('gauge', 'process_start_time_seconds', { value: start }),
];

describe('metrics of several workers', () => {
  it('are summed by their labels', () => {
    const one = [
      metric('counter', 'a_total', { labels: { route: 'x' }, value: 1 }, { labels: { route: 'y' }, value: 2 }),
    ];
    const other = [
      metric('counter', 'a_total', { labels: { route: 'y' }, value: 3 }, { labels: { route: 'z' }, value: 4 }),
    ];
    expect(mergedMetrics([one, other])).toEqual([
      metric(
        'counter',
        'a_total',
        { labels: { route: 'x' }, value: 1 },
        { labels: { route: 'y' }, value: 5 },
        { labels: { route: 'z' }, value: 4 },
      ),
    ]);
  });

  it('keep the buckets of a histogram apart', () => {
    const one = [
      metric('histogram', 'h', { suffix: '_bucket', labels: { le: '1' }, value: 1 }, { suffix: '_count', value: 2 }),
    ];
    expect(mergedMetrics([one, one])[0]?.samples.map(({ value }) => value)).toEqual([2, 4]);
  });

  it('take a server of an origin for down that is down for any', () => {
    expect(mergedMetrics([serverUp(1), serverUp(0), serverUp(1)])[0]?.samples).toEqual([{ value: 0 }]);
  });

  it('have the longest delay of any event loop, and the beginning of the oldest', () => {
    const values = mergedMetrics([process(1, 50), process(3, 20), process(2, 30)]).map(
      ({ samples }) => samples[0]?.value,
    );
    expect(values).toEqual([3, 20]);
  });

  it('do not count a shelf twice that all have', () => {
    const tiers = [
      metric('gauge', 'etagere_any', { labels: { tier: 'memory' }, value: 2 }, { labels: { tier: 'disk' }, value: 9 }),
    ];
    expect(mergedMetrics([tiers, tiers])[0]?.samples.map(({ value }) => value)).toEqual([4, 9]);
  });

  it('tell a shelf for left alone that one of them leaves alone', () => {
    const [up, down] = [1, 0].map((value) => [
      metric('gauge', 'etagere_store_up', { labels: { tier: 'disk' }, value }),
    ]);
    expect(mergedMetrics([up ?? [], down ?? [], up ?? []])[0]?.samples.map(({ value }) => value)).toEqual([0]);
  });

  it('of one that has gone are what it has counted', () => {
    const all = [metric('gauge', 'g'), metric('counter', 'c'), metric('histogram', 'h')];
    expect(countedOnly(all).map(({ name }) => name)).toEqual(['c', 'h']);
  });
});

const memory = {
  responses: 1,
  bytesUsed: 10,
  bytesLimit: 100,
  evictions: 4,
  variantEvictions: 1,
  unprovenEvictions: 1,
};

function snapshot(said: Partial<StatisticsSnapshot>): StatisticsSnapshot {
  return {
    since: 1_000,
    uptimeSeconds: 5,
    requests: 0,
    hits: 0,
    collapsed: 0,
    misses: 0,
    refused: 0,
    errors: 0,
    hitRatio: 0,
    byteHitRatio: 0,
    bytesSent: 0,
    bytesFromShelf: 0,
    byReason: {},
    series: [],
    memory,
    originActive: 1,
    originQueued: 0,
    origins: [],
    ...said,
  };
}

const seconds = (from: number): StatisticsSnapshot =>
  snapshot({
    series: Array.from({ length: 120 }, (_, i) => {
      return { at: (from + i) * 1_000, requests: 2, lookups: 2, hits: 1, bytes: 3, errors: 0 };
    }),
  });

const origins = (up: boolean): StatisticsSnapshot =>
  snapshot({ origins: [{ name: 'o', servers: [{ url: 'http://a', up }, { url: 'http://b' }] }] });

const row = (url: string, requests: number, more: Partial<TopRow> = {}): TopRow => {
  return { url, requests, hits: 0, misses: 0, bytes: 0, lastDetail: '', ...more };
};

describe('statistics of several workers', () => {
  it('have ratios of all together', () => {
    const one = snapshot({ hits: 9, misses: 1, bytesSent: 10, bytesFromShelf: 10, byReason: { hit: 9 } });
    const other = snapshot({ hits: 1, misses: 9, bytesSent: 30, byReason: { hit: 1, 'fwd=uri-miss': 9 } });
    expect(mergedSnapshot([one, other])).toMatchObject({
      hits: 10,
      misses: 10,
      hitRatio: 0.5,
      byteHitRatio: 0.25,
      byReason: { hit: 10, 'fwd=uri-miss': 9 },
    });
  });

  it('have each second once, and the last 120', () => {
    const { series } = mergedSnapshot([seconds(0), seconds(1)]);
    expect(series).toHaveLength(120);
    expect(series[0]).toEqual({ at: 1_000, requests: 4, lookups: 4, hits: 2, bytes: 6, errors: 0 });
    expect(series.at(-1)).toEqual({ at: 120_000, requests: 2, lookups: 2, hits: 1, bytes: 3, errors: 0 });
  });

  it('tell a server as down that gets no requests of one', () => {
    for (const all of [
      [origins(true), origins(false)],
      [origins(false), origins(true)],
    ]) {
      expect(mergedSnapshot(all).origins).toEqual([
        { name: 'o', servers: [{ url: 'http://a', up: false }, { url: 'http://b' }] },
      ]);
    }
  });

  it('of one that has gone are what it has counted', () => {
    const gone = withoutState(snapshot({ hits: 4 }));
    expect(mergedSnapshot([gone, snapshot({ hits: 1 })])).toMatchObject({
      hits: 5,
      originActive: 1,
      memory: { ...memory, evictions: 8, variantEvictions: 2, unprovenEvictions: 2 },
    });
  });
});

describe('the top of several workers', () => {
  it('is ordered by the sums', () => {
    const one = [row('a', 5), row('b', 4)];
    const other = [row('b', 3), row('c', 1)];
    expect(mergedTop([one, other], 'requests', 2)).toEqual([row('b', 7), row('a', 5)]);
  });

  it('says how many there may be where one of them is not sure', () => {
    const merged = mergedTop([[row('a', 5, { atMost: 6 })], [row('a', 2)]], 'requests', 5);
    expect(merged).toEqual([row('a', 7, { atMost: 8 })]);
  });
});
