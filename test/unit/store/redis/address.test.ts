import { describe, expect, it } from 'vitest';
import { nameOf, NoRedisUrl, redisAddressOf } from '../../../../src/store/redis/address.ts';

const plain = { tls: false, username: undefined, password: undefined, database: 0 };

describe('the URL of a Redis', () => {
  it.each([
    ['redis://cache.test', { host: 'cache.test', port: 6379, ...plain }],
    ['redis://127.0.0.1:7000/3', { host: '127.0.0.1', port: 7000, ...plain, database: 3 }],
    ['rediss://[::1]:7000', { host: '::1', port: 7000, ...plain, tls: true }],
    ['redis://:s%40cret@cache.test', { host: 'cache.test', port: 6379, ...plain, password: 's@cret' }],
    ['redis://me:a:b@cache.test', { host: 'cache.test', port: 6379, ...plain, username: 'me', password: 'a:b' }],
  ])('says where it is and who asks: %s', (url, endpoint) => {
    expect(redisAddressOf(url)).toMatchObject({ endpoints: [endpoint], isCluster: false, prefix: 'etagere:' });
  });

  it('names some servers of a cluster', () => {
    const { endpoints, isCluster } = redisAddressOf('rediss+cluster://me:pass@a.test:1,[::1]:2,c.test');
    expect(isCluster).toBe(true);
    expect(endpoints.map(nameOf)).toEqual(['a.test:1', '[::1]:2', 'c.test:6379']);
    expect(endpoints.every(({ tls, password }) => tls && password === 'pass')).toBe(true);
  });

  it('says what names begin with', () => {
    expect(redisAddressOf('redis://cache.test/1?prefix=shop:').prefix).toBe('shop:');
  });

  it.each([
    ['redis://me:secret@cache.test:1/2?prefix=a:', 'redis://me:(password)@cache.test:1/2?prefix=a:'],
    ['rediss://:secret@cache.test', 'rediss://:(password)@cache.test'],
    ['redis://m%20e:@cache.test?prefix=etagere:', 'redis://m%20e:@cache.test'],
    ['redis+cluster://a.test:1,[::1]:2', 'redis+cluster://a.test:1,[::1]:2'],
  ])('is shown with all but the password: %s', (url, shown) => {
    expect(redisAddressOf(url).shown('(password)')).toBe(shown);
  });

  it('is where it is without who asks, and what for', () => {
    expect(redisAddressOf('redis://me:secret@cache.test:1/2?prefix=a:').place).toBe('redis://cache.test:1/2');
  });

  it.each([
    'http://cache.test',
    'redis://',
    'redis://cache.test:0',
    'redis://cache test',
    'redis://[cache.test]:1',
    'redis://a.test,b.test',
    'redis+cluster://a.test,,b.test',
    'redis+cluster://a.test/1',
    `redis+cluster://${Array.from({ length: 33 }, () => 'a.test').join()}`,
    'redis://cache.test/one',
    'redis://cache.test?prefix={a}',
    'redis://cache.test?prefix=',
    'redis://cache.test?prefix=a:&prefix=b:',
    'redis://cache.test?timeout=1',
    'redis://cache.test#1',
    'redis://me:%zz@cache.test',
    'redis://me@cache.test',
  ])('is refused where it is none: %s', (url) => {
    expect(() => redisAddressOf(url)).toThrow(NoRedisUrl);
  });

  it.each(['redis://127.0.0.1:65536', 'redis://127.0.0.1:99999', 'redis://127.0.0.1:123456'])(
    'has a port from 1 to 65535: %s',
    (url) => expect(refusalOf(url)).toContain('write a number from 1 to 65535'),
  );

  it.each([
    'redis://:qq/xx:zz@jj:47379/0',
    'redis://:qq?xx@jj:6379',
    'redis://:qq#xx@jj:6379',
    'redis://:qq@xx/zz:jj@127.0.0.1:47379/0',
    'redis://:qq@jj/0?prefix=xx@zz',
    'redis://qq:xx?zz=1@jj',
  ])('has what parts it in a password percent-encoded: %s', (url) => {
    expect(refusalOf(url)).toContain('/ is %2F, ? is %3F, # is %23');
  });

  it('is refused without a piece of it, as any may be one of the password', () => {
    const pieces = ['qq', 'xx', 'zz', 'jj'];
    const parts = ['/', '?', '#', '@', ':', '%', ',', ' ', '[', '\n'];
    const begins = ['redis://', 'rediss+cluster://', 'redis:', 'redis:/', ''];
    const urls = begins.flatMap((begin) =>
      parts.flatMap((a) => parts.flatMap((b) => parts.map((c) => `${begin}:qq${a}xx${b}zz${c}jj`))),
    );
    const refusals = urls.map(refusalOf).filter((refusal) => refusal !== undefined);
    expect(refusals.length).toBeGreaterThan(4000);
    expect(refusals.filter((refusal) => pieces.some((piece) => refusal.includes(piece)))).toEqual([]);
  });
});

/** All that is said where it is refused. */
function refusalOf(url: string): string | undefined {
  try {
    redisAddressOf(url);
    return undefined;
  } catch (error) {
    return error instanceof NoRedisUrl ? `${error.message}; ${error.advice}` : String(error);
  }
}
