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

/** Keys and channels of ours: digests, but for what is always there. */
const ours =
  /^etagere:(?:\{[0-9a-f]{32}\}(?::[\w:]+)?|\{(?:orders|records)\}[\w:]*|claim:\{[0-9a-f]{32}\}|0:(?:orders|released|instance:[\w.%-]+))$/;

/** Commands that name neither, and those that this test has sent. */
const nameless = new Set(['auth', 'config', 'get', 'hello', 'info', 'ping', 'scan', 'script', 'slowlog', 'time']);

function namesIn([command = '', ...args]: readonly string[]): readonly string[] {
  const name = command.toLowerCase();
  if (name === 'eval' || name === 'evalsha') return args.slice(2, 2 + Number(args[1]));
  if (nameless.has(name)) return [];
  return name === 'subscribe' ? args : args.slice(0, 1);
}

/** The URLs of what is stored, as the admin API lists it. */
async function listed(admin: string, query: string): Promise<string[]> {
  const answer = await fetch(`${admin}/v1/entries?limit=100${query}`);
  const page = (await answer.json()) as { readonly entries: readonly { readonly url: string }[] };
  return page.entries.map(({ url }) => url).toSorted();
}

/** How many of them a purge would be about. */
async function counted(admin: string, selection: object): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${admin}/v1/purge/preview`, { method: 'POST', headers, body: JSON.stringify(selection) });
  return ((await answer.json()) as { readonly matched: number }).matched;
}

describe.skipIf(!hasRedis)('whatever stands in targets, fields and purges', () => {
  let redis: RedisProcess;
  beforeEach(async () => {
    redis = await RedisProcess.start();
    for (const key of others) redis.ask('set', key, 'somebody else’s');
    // All that is asked for is written down, with its arguments.
    redis.ask('config', 'set', 'slowlog-max-len', '100000', 'slowlog-log-slower-than', '0');
    redis.ask('config', 'resetstat');
  });
  afterEach(() => redis.stop());

  function commandsSeen(): string[] {
    const stats = redis.ask('info', 'commandstats');
    const names = [...stats.matchAll(/^cmdstat_([^:]+):/gm)].map(([, name = '']) => name);
    // Our own, right before.
    return names.filter((name) => name !== 'config|resetstat');
  }

  /** What was named as a key so far, or as a channel. */
  function named(): string[] {
    const log = JSON.parse(redis.ask('--json', 'slowlog', 'get', '-1')) as readonly (readonly [
      ...unknown[],
      string[],
    ])[];
    return log.flatMap((entry) => namesIn(entry[3] as readonly string[]));
  }

  async function stored(): Promise<ProxyStage> {
    const stage = await proxyStage(
      ({ target }) => {
        const content = describedContent({ url: target, variant: '', user: '', generation: 0 }, 1_000);
        const fields = ['Cache-Control: max-age=600', `Surrogate-Key: ${tags.join(' ')}`, 'Vary: X-*, __proto__'];
        return responseWith(content, fields);
      },
      { store: redis.url, admin: 0, limits: { shelfLookupMs: 5_000 } },
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
    expect(keys.filter((key) => !ours.test(key)).sort()).toEqual(others.toSorted());
    expect(named().length).toBeGreaterThan(3 * hostile.length);
    expect(named().filter((name) => !ours.test(name))).toEqual([]);
    for (const key of others) expect(redis.ask('get', key)).toBe('somebody else’s');
  });

  test('it is listed, counted and purged as what it is, key by key, and what is of others is left alone', async () => {
    const stage = await stored();
    const admin = await stage.etagere.listenAdmin();
    // All of it is beneath memory: nothing was asked for since the start.
    const all = await listed(admin, '');
    expect(all).toEqual(hostile.map((target) => `http://shop.test${target}`).toSorted());
    for (const tag of tags) {
      expect([tag, await listed(admin, `&tag=${encodeURIComponent(tag)}`)]).toEqual([tag, all]);
      expect([tag, await counted(admin, { tag })]).toEqual([tag, hostile.length]);
    }
    for (const pattern of ['*', '?', '[a-z]*']) {
      expect([pattern, await counted(admin, { prefix: `http://shop.test/${pattern}x` })]).toEqual([pattern, 0]);
      expect([pattern, await counted(admin, { tag: `${pattern}x` })]).toEqual([pattern, 0]);
    }
    await stage.etagere.purge({ all: true, mode: 'hard' });
    expect((await stage.get('/*')).field('cache-status')).toContain('fwd=');
    expect(commandsSeen().filter((name) => !asked.has(name))).toEqual([]);
    expect(commandsSeen()).toContain('scan');
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
