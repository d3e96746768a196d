import { describe, expect, it } from 'vitest';
import type { ExchangeRecord } from '../../../src/engine/events.ts';
import { missReasons } from '../../../src/observe/miss-reasons.ts';
import { exchange, traffic } from './records.ts';

describe('the reasons of misses', () => {
  it.each<[string, Partial<ExchangeRecord>]>([
    ['hits', {}],
    ['stale hits', { cacheStatus: { hit: true, detail: 'stale-while-revalidate' } }],
    ['collapsed requests', { cacheStatus: { hit: false, fwd: 'uri-miss', collapsed: true, detail: 'invalidated' } }],
    ['answers of our own', { cacheStatus: { hit: false, detail: 'max-forwards' } }],
    ['clients that left', { status: 0, cacheStatus: { hit: false, fwd: 'uri-miss' }, end: 'client-left' }],
  ])('leave out those of %s', (_, change) => {
    const statistics = traffic();
    statistics.exchangeEnded(exchange(change));
    const { byReason, misses } = statistics.snapshot();
    expect(Object.keys(byReason)).toHaveLength(1);
    expect([missReasons(byReason), misses]).toEqual([[], 0]);
  });

  it('are as many as there were misses, the most frequent first', () => {
    const statistics = traffic();
    const confirmed = { hit: false, fwd: 'stale', fwdStatus: 304 } as const;
    for (const cacheStatus of [{ hit: false, fwd: 'uri-miss', stored: true } as const, confirmed, confirmed])
      statistics.exchangeEnded(exchange({ cacheStatus }));
    expect(statistics.snapshot().misses).toBe(3);
    expect(missReasons(statistics.snapshot().byReason)).toEqual([
      ['fwd=stale; fwd-status=304', 2],
      ['fwd=uri-miss; stored', 1],
    ]);
  });
});
