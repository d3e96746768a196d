import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answerer, responseWith } from '../harness/recording-origin.ts';
import { overBothLanes, proxyStage, type ProxyStage } from '../harness/proxy-stage.ts';
import { hasRedis, RedisProcess } from '../redis/redis-server.ts';

const lines = ['Cache-Control: max-age=600', 'Vary: X-Lang', 'Cache-Tag: news'];
const languages = Array.from({ length: 30 }, (_, index) => [`X-Lang: l${index}`]);
const url = 'http://shop.test/a';

const orders = [
  ['hard', 'the URL', { url }],
  ['soft', 'the URL', { url }],
  ['hard', 'the tag', { tag: 'news' }],
  ['hard', 'the prefix', { prefix: 'http://shop.test/' }],
  ['hard', 'the host', { host: 'shop.test' }],
] as const;

/** What there is to read in all languages. */
async function contents({ get }: ProxyStage): Promise<readonly string[]> {
  const answers = await Promise.all(languages.map((each) => get('/a', each)));
  return [...new Set(answers.map(({ content }) => content))];
}

describe.skipIf(!hasRedis)('of those that share a Redis', () => {
  let redis: RedisProcess;

  beforeAll(async () => {
    redis = await RedisProcess.start();
  });

  afterAll(() => redis.stop());

  /** Two instances before origins that answer alike; nothing is stored yet. However slow this machine is, each finds what the other has stored. */
  async function instances(answer: Answerer): Promise<readonly [ProxyStage, ProxyStage]> {
    redis.ask('flushall');
    const options = { store: redis.url, limits: { shelfLookupMs: 5_000 } };
    return [await proxyStage(answer, options), await proxyStage(answer, options)];
  }

  test.each(orders)(
    'a %s purge of %s at one leaves none of thirty variants in use at the other, before and after it begins anew',
    async (mode, _, selection) => {
      let generation = 'before';
      const [first, second] = await instances(() => responseWith(generation, lines));
      expect(await contents(first)).toEqual(['before']);
      expect(await contents(second)).toEqual(['before']);
      generation = 'after';
      await first.etagere.purge({ ...selection, mode });
      expect(await contents(second)).toEqual(['after']);
      expect(await contents(first)).toEqual(['after']);
      expect(await contents(await second.restarted())).toEqual(['after']);
    },
  );

  overBothLanes(() => {
    test('what began at the other before a purge is not used after it, by neither', async () => {
      const [first, second] = await instances(() => responseWith('after', lines));
      second.origin.answer = ({ connection }) => {
        connection.send(responseWith('before', lines).slice(0, -3));
        return undefined;
      };
      const asking = second.client();
      asking.send('GET /a HTTP/1.1\r\nHost: shop.test\r\n\r\n');
      await asking.until((received) => received.endsWith('bef'));
      await first.etagere.purge({ url, mode: 'hard' });
      second.origin.answer = () => responseWith('after', lines);
      second.origin.connections[0]?.send('ore');
      await asking.until((received) => received.endsWith('before'));
      expect([(await second.get('/a')).content, (await first.get('/a')).content]).toEqual(['after', 'after']);
      expect((await (await second.restarted()).get('/a')).content).toBe('after');
    });
  });
});
