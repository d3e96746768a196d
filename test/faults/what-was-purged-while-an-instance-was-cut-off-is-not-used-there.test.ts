import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answerer, responseWith } from '../harness/recording-origin.ts';
import { atEnd, proxyStage, type ProxyStage } from '../harness/proxy-stage.ts';
import { hasRedis, RedisProcess } from '../redis/redis-server.ts';
import { Strait } from '../redis/strait.ts';

const lines = ['Cache-Control: max-age=600', 'Cache-Tag: news'];

/** However slow this machine is, each finds what the others have stored. */
function instance(answer: Answerer, url: string): Promise<ProxyStage> {
  return proxyStage(answer, { store: url, limits: { shelfLookupMs: 5_000 } });
}

/** The purge of something that is nowhere, again and again until all three have it in force: then the third is back. */
async function hasCome({ etagere }: ProxyStage): Promise<void> {
  let acknowledged = 0;
  while (acknowledged < 3) {
    const receipt = await etagere.purge({ url: 'http://shop.test/nowhere', mode: 'hard' });
    acknowledged = receipt.acknowledged.length;
  }
}

describe.skipIf(!hasRedis)('of three that share a Redis', () => {
  let redis: RedisProcess;

  beforeAll(async () => {
    redis = await RedisProcess.start();
  });

  afterAll(() => redis.stop());

  test.each([
    ['the URL', { url: 'http://shop.test/a' }],
    ['the tag', { tag: 'news' }],
    ['everything', { all: true }],
  ] as const)(
    'one that was cut off while %s was purged uses nothing of before when it is back',
    async (_, selection) => {
      redis.ask('flushall');
      let generation = 'before';
      const answer: Answerer = () => responseWith(generation, lines);
      const strait = await Strait.to(redis.port);
      atEnd(() => strait.close());
      const [first, second] = [await instance(answer, redis.url), await instance(answer, redis.url)];
      const third = await instance(answer, strait.url);
      await hasCome(first);
      // In the memory of the third, too; `/b` it would have to fetch from the shelf of all.
      expect((await third.get('/a')).content).toBe('before');
      expect((await first.get('/b')).content).toBe('before');
      strait.cut();
      generation = 'after';
      const receipt = await first.etagere.purge({ ...selection, mode: 'hard' });
      expect(receipt.acknowledged).toHaveLength(2);
      expect((await first.get('/a')).content).toBe('after');
      expect((await second.get('/a')).content).toBe('after');
      strait.mend();
      await hasCome(first);
      expect((await third.get('/a')).content).toBe('after');
      const isPurged = !('url' in selection);
      expect((await third.get('/b')).content).toBe(isPurged ? 'after' : 'before');
    },
  );
});
