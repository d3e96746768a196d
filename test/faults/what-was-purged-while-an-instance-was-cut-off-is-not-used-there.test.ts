import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answerer, responseWith } from '../harness/recording-origin.ts';
import { atEnd, proxyStage, type ProxyStage } from '../harness/proxy-stage.ts';
import { hasRedis, RedisProcess } from '../redis/redis-server.ts';

/** A way to a Redis that can be cut. */
class Strait {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(port: number) {
    this.#server = createServer((near) => {
      if (this.#isCut) {
        near.destroy();
        return;
      }
      const far = connect({ port, host: '127.0.0.1' });
      for (const [each, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(each);
        each.on('error', () => undefined);
        each.on('close', () => {
          this.#sockets.delete(each);
          other.destroy();
        });
        each.pipe(other);
      }
    });
  }

  static async to(port: number): Promise<Strait> {
    const strait = new Strait(port);
    strait.#server.listen(0, '127.0.0.1');
    await once(strait.#server, 'listening');
    atEnd(() => {
      strait.cut();
      strait.#server.close();
    });
    return strait;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }
}

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
