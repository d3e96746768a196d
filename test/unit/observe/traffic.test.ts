import { describe, expect, it } from 'vitest';
import type { ExchangeRecord } from '../../../src/engine/events.ts';
import { exchange, traffic } from './records.ts';

describe('the statistics', () => {
  it('are all 0 at the start, and divide by nothing', () => {
    expect(traffic().snapshot()).toMatchObject({ requests: 0, hitRatio: 0, byteHitRatio: 0, byReason: {} });
  });

  it.each<[string, Partial<ExchangeRecord>, 'hits' | 'collapsed' | 'misses' | undefined, string]>([
    ['a hit', {}, 'hits', 'hit'],
    [
      'a stale hit',
      { cacheStatus: { hit: true, ttl: -1, detail: 'stale-while-revalidate' } },
      'hits',
      'hit; detail=stale-while-revalidate',
    ],
    ['a stored miss', { cacheStatus: { hit: false, fwd: 'uri-miss', stored: true } }, 'misses', 'fwd=uri-miss; stored'],
    [
      'a miss that is not stored',
      { cacheStatus: { hit: false, fwd: 'uri-miss', detail: 'set-cookie' } },
      'misses',
      'fwd=uri-miss; detail=set-cookie',
    ],
    [
      'a collapsed request, which is neither hit nor miss',
      { cacheStatus: { hit: false, fwd: 'uri-miss', collapsed: true } },
      'collapsed',
      'fwd=uri-miss; collapsed',
    ],
    [
      "a failure of another's request",
      { status: 502, error: 'ORIGIN_BROKEN', cacheStatus: { hit: false, fwd: 'uri-miss', collapsed: true } },
      'misses',
      'fwd=uri-miss',
    ],
    [
      'a response to another that broke off',
      {
        error: 'ORIGIN_RESPONSE_INCOMPLETE',
        cacheStatus: { hit: false, fwd: 'uri-miss', collapsed: true },
        end: 'broken',
      },
      'misses',
      'fwd=uri-miss',
    ],
    [
      'a collapsed request whose client read too slowly',
      { error: 'READER_TOO_SLOW', cacheStatus: { hit: false, fwd: 'uri-miss', collapsed: true }, end: 'broken' },
      'collapsed',
      'fwd=uri-miss; collapsed',
    ],
    [
      'a response that broke off, which is not stored whatever its head said',
      {
        error: 'ORIGIN_RESPONSE_INCOMPLETE',
        cacheStatus: { hit: false, fwd: 'uri-miss', stored: true },
        end: 'broken',
      },
      'misses',
      'fwd=uri-miss',
    ],
    [
      'a validation',
      { cacheStatus: { hit: false, fwd: 'stale', fwdStatus: 304 } },
      'misses',
      'fwd=stale; fwd-status=304',
    ],
    [
      'a stale answer in the place of an error',
      { cacheStatus: { hit: false, fwd: 'stale', fwdStatus: 503, ttl: -3, detail: 'stale-if-error' } },
      'misses',
      'fwd=stale; detail=stale-if-error',
    ],
    ['an answer of our own', { cacheStatus: { hit: false, detail: 'max-forwards' } }, undefined, 'detail=max-forwards'],
    [
      'a client that left',
      { status: 0, cacheStatus: { hit: false }, end: 'client-left', contentBytes: 0 },
      undefined,
      'client-left',
    ],
  ])('count %s', (_, change, kind, reason) => {
    const statistics = traffic();
    statistics.exchangeEnded(exchange(change));
    const expected = { requests: 1, hits: 0, collapsed: 0, misses: 0, byReason: { [reason]: 1 } };
    expect(statistics.snapshot()).toMatchObject(kind === undefined ? expected : { ...expected, [kind]: 1 });
  });

  it('give the ratios of hits to requests, and of content from the shelf to all content', () => {
    const statistics = traffic();
    statistics.exchangeEnded(exchange({ contentBytes: 300 }));
    statistics.exchangeEnded(exchange({ cacheStatus: { hit: false, fwd: 'stale', fwdStatus: 304 } }));
    statistics.exchangeEnded(exchange({ cacheStatus: { hit: false, fwd: 'uri-miss', stored: true } }));
    statistics.exchangeEnded(exchange({ cacheStatus: { hit: false, fwd: 'uri-miss', collapsed: true } }));
    expect(statistics.snapshot()).toMatchObject({
      hitRatio: 0.25,
      bytesSent: 600,
      bytesFromShelf: 400,
      byteHitRatio: 400 / 600,
    });
  });

  it.each([
    ['confirmed', { hit: false, fwd: 'stale', fwdStatus: 304, collapsed: true }],
    ['given in the place of an error', { hit: false, fwd: 'stale', detail: 'stale-if-error', collapsed: true }],
  ] as const)('count content as from the shelf that is %s for several at once', (_, cacheStatus) => {
    const statistics = traffic();
    statistics.exchangeEnded(exchange({ cacheStatus }));
    expect(statistics.snapshot()).toMatchObject({ collapsed: 0, misses: 1, bytesFromShelf: 100, byteHitRatio: 1 });
  });

  it('leave out of the ratio of hits what was never looked up, and whose client had left', () => {
    const statistics = traffic();
    statistics.exchangeEnded(exchange());
    statistics.exchangeEnded(exchange({ status: 403, error: 'PURGE_FORBIDDEN', cacheStatus: { hit: false } }));
    statistics.exchangeEnded(exchange({ status: 0, cacheStatus: { hit: false, fwd: 'uri-miss' }, end: 'client-left' }));
    expect(statistics.snapshot()).toMatchObject({ requests: 3, hits: 1, hitRatio: 1 });
  });

  it('count as errors what the origin or this cache failed in, not what clients brought upon themselves', () => {
    const statistics = traffic();
    statistics.exchangeEnded(exchange({ status: 502, error: 'ORIGIN_REFUSED' }));
    statistics.exchangeEnded(exchange({ status: 504, error: 'ONLY_IF_CACHED' }));
    expect(statistics.snapshot()).toMatchObject({ requests: 2, errors: 1 });
    expect(statistics.snapshot().series.at(-1)).toMatchObject({ requests: 2, errors: 1 });
  });

  it('count refused requests apart', () => {
    const statistics = traffic();
    statistics.requestRefused({
      client: { address: '::1' },
      error: 'REQUEST_HOST_INVALID',
      reason: 'no Host',
      status: 400,
    });
    expect(statistics.snapshot()).toMatchObject({ requests: 0, refused: 1 });
  });

  it('show what the shelf and the origin say of themselves, and how long that has gone on', () => {
    const now = { ms: 1_000_000 };
    const statistics = traffic(now);
    now.ms += 61_500;
    expect(statistics.snapshot()).toMatchObject({
      since: 1_000_000,
      uptimeSeconds: 61,
      memory: {
        responses: 3,
        bytesUsed: 700,
        bytesLimit: 1_000,
        evictions: 3,
        variantEvictions: 1,
        unprovenEvictions: 1,
      },
      originActive: 5,
      originQueued: 6,
    });
  });

  it('show how each server of the origins is, where that is known', () => {
    expect(traffic().snapshot().origins).toEqual([
      {
        name: 'default',
        servers: [
          { url: 'http://10.0.0.6:4000', up: true },
          { url: 'http://10.0.0.7:4000', up: false },
        ],
      },
      { name: 'assets', servers: [{ url: 'https://assets.example' }] },
    ]);
  });

  it('add up all routes', () => {
    const statistics = traffic();
    statistics.exchangeEnded(exchange({ route: 'api' }));
    statistics.exchangeEnded(exchange({ route: 'assets' }));
    expect(statistics.snapshot()).toMatchObject({ requests: 2, hits: 2, byReason: { hit: 2 } });
  });

  it('tell whoever listens of each exchange as the log does, without secrets', () => {
    const statistics = traffic();
    const heard: object[] = [];
    const leave = statistics.tail((record) => void heard.push(record));
    statistics.exchangeEnded(exchange({}, '/a?token=1'));
    statistics.requestRefused({
      client: { address: '::1' },
      error: 'REQUEST_HOST_INVALID',
      reason: 'no Host',
      status: 400,
    });
    leave();
    statistics.exchangeEnded(exchange());
    expect(JSON.parse(JSON.stringify(heard))).toEqual([
      {
        time: '2026-01-02T03:04:05.000Z',
        method: 'GET',
        url: '/a?token=[redacted]',
        host: 'shop.example',
        status: 200,
        route: 'default',
        cache: 'etagere; hit; ttl=9',
        hit: true,
        bytes: 100,
        ms: 0.4,
        client: '192.0.2.7',
        end: 'complete',
      },
      {
        time: '2026-01-02T03:04:05.000Z',
        status: 400,
        client: '::1',
        error: 'REQUEST_HOST_INVALID',
        reason: 'no Host',
      },
    ]);
  });
});
