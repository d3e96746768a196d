import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, request, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEtagere, type Etagere } from '../../src/index.ts';
import { hasRedis, RedisProcess } from './redis-server.ts';

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly cacheStatus: string;
}

/** One Etagere of several before the same origin. */
class Instance {
  readonly #etagere: Etagere;
  readonly #url: string;
  readonly #admin: string;

  private constructor(etagere: Etagere, url: string, admin: string) {
    this.#etagere = etagere;
    this.#url = url;
    this.#admin = admin;
  }

  static async start(origin: string, store: string, shelfLookupMs: number): Promise<Instance> {
    // However slow this machine is; what a slow Redis means is said where that is slow on purpose.
    const limits = { shelfLookupMs };
    const etagere = createEtagere({ origin, listen: 0, admin: 0, store, limits });
    return new Instance(etagere, await etagere.listen(), await etagere.listenAdmin());
  }

  async get(path: string, method = 'GET'): Promise<Answer> {
    // All of them are asked for the same: the name is part of the key.
    const headers = { host: 'shop.test' };
    const asking = request(this.#url + path, { method, headers, agent: false }).end();
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    const cacheStatus = response.headers['cache-status'];
    return { status: response.statusCode ?? 0, text: await text(response), cacheStatus: String(cacheStatus) };
  }

  /** Who had it in force by the receipt. */
  async purge(body: Readonly<Record<string, unknown>>): Promise<number> {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify({ mode: 'hard', ...body }) };
    const receipt = (await (await fetch(`${this.#admin}/v1/purge`, init)).json()) as { acknowledged: unknown[] };
    return receipt.acknowledged.length;
  }

  close(): Promise<void> {
    return this.#etagere.close();
  }
}

const long = 'x'.repeat(300_000);

describe.skipIf(!hasRedis)('several Etageres with one Redis', () => {
  let redis: RedisProcess;
  let server: Server;
  let origin: string;
  let instances: Instance[];
  let asked: string[];
  let answers: RequestListener;

  beforeEach(async () => {
    asked = [];
    answers = ({ url }, response) => {
      response.setHeader('cache-control', 'max-age=600').setHeader('surrogate-key', 'tagged');
      response.end(url === '/long' ? long : `answer ${asked.length}`);
    };
    server = createServer((exchange, response) => {
      asked.push(`${exchange.method} ${exchange.url}`);
      answers(exchange, response);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    redis = await RedisProcess.start();
    instances = [];
  });

  afterEach(async () => {
    redis.signal('SIGCONT');
    await Promise.all(instances.map((instance) => instance.close()));
    await redis.stop();
    server.closeAllConnections();
    server.close();
  });

  /** So many instances that have all been in Redis. */
  const start = async (count: number, shelfLookupMs = 5_000): Promise<Instance[]> => {
    for (let i = 0; i < count; i++) instances.push(await Instance.start(origin, redis.url, shelfLookupMs));
    return instances;
  };

  const gets = (path: string): Promise<Answer[]> => Promise.all(instances.map((instance) => instance.get(path)));

  const rows = (): string => redis.ask('--scan', '--pattern', `*{${'?'.repeat(32)}}`);

  /** Has the first one store it: until it is in Redis, which is after it was answered. */
  const stored = async (path: string): Promise<string> => {
    const answer = await instances[0]?.get(path);
    while (rows() === '') await new Promise(setImmediate);
    return answer?.text ?? '';
  };

  it.each(['/a', '/long'])('share what one of them has stored: %s', async (path) => {
    await start(3);
    const content = await stored(path);
    const others = await Promise.all(instances.slice(1).map((instance) => instance.get(path)));
    expect(others.map((answer) => [answer.text === content, answer.cacheStatus.includes('hit')])).toEqual([
      [true, true],
      [true, true],
    ]);
    expect(asked).toHaveLength(1);
  });

  it.each([{ tag: 'tagged' }, { all: true }])('have all purged what one has, with its receipt: %o', async (body) => {
    await start(3);
    await stored('/a');
    await gets('/a');
    expect(await instances[2]?.purge(body)).toBe(3);
    const after = await gets('/a');
    expect(after.filter(({ text: content }) => content === 'answer 1')).toEqual([]);
  });

  it('have all invalidated what an unsafe request of one has changed', async () => {
    await start(2);
    await stored('/a');
    await gets('/a');
    expect((await instances[0]?.get('/a', 'POST'))?.status).toBe(200);
    // Nobody waits for that: until it is heard, the other one may have what was there before.
    let answer = await instances[1]?.get('/a');
    while (answer?.text === 'answer 1') answer = await instances[1]?.get('/a');
    expect(answer?.status).toBe(200);
  });

  it('ask the origin once for what all of them are asked at a time', async () => {
    await start(3);
    const held = new EventEmitter();
    const honest = answers;
    answers = (exchange, response) => {
      held.once('released', () => honest(exchange, response));
    };
    const asking = Array.from({ length: 4 }, () => gets('/a'));
    while (asked.length === 0) await new Promise(setImmediate);
    held.emit('released');
    const answered = (await Promise.all(asking)).flat();
    expect(new Set(answered.map((answer) => answer.text))).toEqual(new Set(['answer 1']));
    expect(asked).toEqual(['GET /a']);
  });

  it.each<NodeJS.Signals>(['SIGKILL', 'SIGSTOP'])('answer all the same when Redis gets %s', async (signal) => {
    await start(2, 50);
    await stored('/a');
    redis.signal(signal);
    const answered: Answer[] = [];
    for (let turn = 0; turn < 20; turn++) answered.push(...(await gets(`/new-${turn % 7}`)), ...(await gets('/a')));
    expect(answered.filter(({ status }) => status !== 200)).toEqual([]);
    expect(await instances[0]?.purge({ all: true })).toBeGreaterThanOrEqual(1);
  });
});
