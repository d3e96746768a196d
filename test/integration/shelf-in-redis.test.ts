import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../free-port.ts';
import { hasRedis, RedisProcess } from '../redis/redis-server.ts';
import { atEnd, endAll, originOf, started } from './running.ts';

afterEach(endAll);

async function redis(): Promise<RedisProcess> {
  const server = await RedisProcess.start();
  atEnd(() => server.stop());
  return server;
}

describe.skipIf(!hasRedis)('instances that share a Redis', () => {
  it('serve what any of them has stored, and nothing that was purged at any of them', async () => {
    const server = await redis();
    const store = server.url;
    const origin = await originOf((_, response) => {
      response.writeHead(200, { 'cache-control': 'max-age=600', 'cache-tag': 'news' }).end('kept');
    });
    // However slow this machine is.
    const limits = { shelfLookupMs: 5_000 };
    const [one, other] = [await started(origin, { store, limits }), await started(origin, { store, limits })];
    await one.get('/a');
    await expect.poll(() => server.ask('--scan')).toMatch(/^etagere:\{[0-9a-f]{32}\}$/m);
    expect((await other.get('/a')).cacheStatus).toContain('; hit');
    expect(await one.purge({ tag: 'news', mode: 'hard' })).toMatchObject({ acknowledged: [{}, {}] });
    expect((await other.get('/a')).cacheStatus).toContain('fwd=');
    expect(origin.asked).toEqual(['/a', '/a']);
    await expect.poll(() => server.ask('--scan')).toMatch(/^etagere:\{[0-9a-f]{32}\}$/m);
    expect(await other.etagere.purge({ tag: 'news', mode: 'hard' })).toMatchObject({ acknowledged: [{}, {}] });
    expect((await one.get('/a')).cacheStatus).toContain('fwd=');
  });
});

describe('an instance whose Redis is not there', () => {
  it('listens, answers from memory, and says that it does without', async () => {
    const origin = await originOf((_, response) => {
      response.writeHead(200, { 'cache-control': 'max-age=600' }).end('kept');
    });
    const { get, admin } = await started(origin, { store: `redis://127.0.0.1:${await freePort()}` });
    await get('/a');
    expect((await get('/a')).cacheStatus).toContain('; hit');
    const ready = await fetch(`${admin}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true, degraded: ['store'] }]);
  });
});

describe.skipIf(!hasRedis)('an instance whose URL is for another kind of Redis', () => {
  it.each([
    ['a cluster by redis://', 'redis', ['--cluster-enabled', 'yes']],
    ['no cluster by redis+cluster://', 'redis+cluster', []],
  ])('says that it does without: %s', async (_what, scheme, args) => {
    const server = await RedisProcess.start(...args);
    atEnd(() => server.stop());
    const origin = await originOf((_, response) => response.end('kept'));
    const { get, admin } = await started(origin, { store: `${scheme}://127.0.0.1:${server.port}` });
    expect((await get('/a')).text).toBe('kept');
    expect(await (await fetch(`${admin}/readyz`)).json()).toEqual({ ready: true, degraded: ['store'] });
  });
});
