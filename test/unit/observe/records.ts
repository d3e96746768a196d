import type { LowerStats } from '../../../src/store/lower-stats.ts';
import type { ExchangeRecord } from '../../../src/engine/events.ts';
import { noFields } from '../../../src/http/fields.ts';
import { Traffic } from '../../../src/observe/traffic.ts';

/** A hit of 100 bytes on http://shop.example/a, but for `change`. */
export function exchange(change: Partial<ExchangeRecord> = {}, target = '/a'): ExchangeRecord {
  return {
    request: { method: 'GET', scheme: 'http', authority: 'shop.example', target, version: '1.1', fields: noFields },
    client: { address: '192.0.2.7' },
    status: 200,
    cacheStatus: { hit: true, ttl: 9 },
    route: 'default',
    contentBytes: 100,
    durationMs: 0.4,
    end: 'complete',
    ...change,
  };
}

/** Statistics whose clocks stand at `now.ms`; with `lower`, of a memory over such a shelf. */
export function traffic(
  now: { ms: number } = { ms: Date.UTC(2026, 0, 2, 3, 4, 5) },
  routes: readonly string[] = ['default', 'api'],
  lower?: LowerStats,
): Traffic {
  return new Traffic({
    wall: () => now.ms,
    steady: () => now.ms,
    cacheName: 'etagere',
    store: () => ({
      responses: 3,
      bytesUsed: 700,
      bytesLimit: 1_000,
      evictions: 3,
      variantEvictions: 1,
      unprovenEvictions: 1,
      ...(lower && { lower }),
    }),
    lostLogLines: () => 0,
    clientConnections: () => 7,
    shedding: () => 'misses',
    routes: () => routes,
    certificates: () => [{ certFile: '/etc/tls/shop.pem', expiresAt: Date.UTC(2030, 0, 1) }],
    origins: () => [
      {
        name: 'default',
        active: 5,
        queued: 6,
        servers: [
          { url: 'http://10.0.0.6:4000', isUp: true, downs: 0 },
          { url: 'http://10.0.0.7:4000', isUp: false, downs: 2 },
        ],
      },
      { name: 'assets', active: 0, queued: 0, servers: [{ url: 'https://assets.example' }] },
    ],
  });
}
