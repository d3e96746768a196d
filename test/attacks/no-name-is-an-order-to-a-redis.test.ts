import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describedBy, describedContent } from '../harness/described-content.ts';
import { type ProxyStage, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { hasRedis, RedisProcess } from '../redis/redis-server.ts';

/** What looks like commands and patterns to whoever puts it into a line. */
const hostile = [
  '/%0d%0aFLUSHALL%0d%0a',
  '/*1%0d%0a$8%0d%0aFLUSHALL%0d%0a',
  '/a%00b',
  '/*',
  '/?',
  '/[a-z]*',
  '/%7Borders%7D',
  '/etagere:%7Borders%7D',
  '/%24%28redis-cli%20flushall%29',
  `/${'a'.repeat(4_000)}`,
  '/%FF%FE%80',
];
const tags = ['*', '?', '[a-z]*', '{orders}', 'etagere:*', 'FLUSHALL', '%0d%0aFLUSHALL', '__proto__'];

/** Whose keys have nothing to do with ours, beside what ours begin with. */
const others = ['other:app', 'etagere', 'etagereX', '{orders}', 'session:*', '*'];

/** All that a shelf has to ask for; what a script asks for counts too. */
const asked = new Set(
  'append del eval evalsha exists get hdel hello hget hgetall hkeys hlen hmget hscan hset hstrlen info pexpire ping pttl publish scan script|load set strlen subscribe time type unlink zadd zcard zrange zrangebyscore zrem zremrangebyrank zremrangebyscore zrevrange zrevrangebyscore zscore'.split(
    ' ',
  ),
);

describe.skipIf(!hasRedis)('whatever stands in targets, fields and purges', () => {
  let redis: RedisProcess;
  beforeEach(async () => {
    redis = await RedisProcess.start();
    for (const key of others) redis.ask('set', key, 'somebody else’s');
    redis.ask('config', 'resetstat');
  });
  afterEach(() => redis.stop());

  function commandsSeen(): string[] {
    const stats = redis.ask('info', 'commandstats');
    const names = [...stats.matchAll(/^cmdstat_([^:]+):/gm)].map(([, name = '']) => name);
    // Our own, right before.
    return names.filter((name) => name !== 'config|resetstat');
  }

  async function stored(): Promise<ProxyStage> {
    const stage = await proxyStage(
      ({ target }) => {
        const content = describedContent({ url: target, variant: '', user: '', generation: 0 }, 1_000);
        const fields = ['Cache-Control: max-age=600', `Surrogate-Key: ${tags.join(' ')}`, 'Vary: X-*, __proto__'];
        return responseWith(content, fields);
      },
      { store: redis.url, limits: { shelfLookupMs: 5_000 } },
    );
    for (const target of hostile) await stage.get(target);
    return stage.restarted();
  }

  test('it is found again under itself, and nothing is asked of the server but what a shelf needs', async () => {
    const stage = await stored();
    for (const target of hostile) {
      const response = await stage.get(target);
      expect([target, describedBy(response.content).url]).toEqual([target, target]);
      expect(response.field('cache-status')).toContain('; hit');
    }
    for (const tag of tags) await stage.etagere.purge({ tag, mode: 'hard' });
    expect(commandsSeen().filter((name) => !asked.has(name))).toEqual([]);
    expect(commandsSeen()).toEqual(expect.arrayContaining(['evalsha', 'hset']));
    const keys = redis.ask('--scan').split('\n');
    const foreign = keys.filter(
      (key) => !/^etagere:(?:\{[0-9a-f]{32}\}(?::[\w:]+)?|\{orders\}[\w:]*|claim:\{[0-9a-f]+\})$/.test(key),
    );
    expect(foreign.sort()).toEqual(others.toSorted());
    for (const key of others) expect(redis.ask('get', key)).toBe('somebody else’s');
  });

  test.each(['*', '?', '[a-z]*', '/'])('a pattern in a purge stands for itself: %s', async (pattern) => {
    const stage = await stored();
    await stage.etagere.purge({ prefix: `http://shop.test/${pattern}x`, mode: 'hard' });
    await stage.etagere.purge({ tag: `${pattern}x`, mode: 'hard' });
    await stage.etagere.purge({ host: pattern, mode: 'hard' }).catch(() => undefined);
    for (const target of hostile) expect((await stage.get(target)).field('cache-status')).toContain('; hit');
  });
});
