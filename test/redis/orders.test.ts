import { EventEmitter, once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CacheKey } from '../../src/key/cache-key.ts';
import { textOfOrder } from '../../src/store/order-text.ts';
import type { NumberedOrder, Order } from '../../src/store/orders.ts';
import { openRedis, type RedisBacking } from '../../src/store/redis/backing.ts';
import { placeOf, putRecord } from '../store/ground.ts';
import { RedisGround } from './redis-ground.ts';
import { hasRedis, RedisProcess } from './redis-server.ts';

const all: Order = { kind: 'purge', selection: { kind: 'all' } };

const invalidation: Order = { kind: 'invalidate', key: 'http:1:a/' as CacheKey };

/** What an instance hears from now on, and when it hears of the next. */
function hearing({ log }: RedisBacking): { heard: (NumberedOrder | 'gap')[]; next: () => Promise<unknown> } {
  const heard: (NumberedOrder | 'gap')[] = [];
  const told = new EventEmitter();
  log.listen((each) => {
    heard.push(each);
    told.emit('heard');
  });
  return { heard, next: () => once(told, 'heard') };
}

describe.skipIf(!hasRedis)('orders through a Redis', () => {
  let server: RedisProcess;
  let ground: RedisGround;

  beforeAll(async () => {
    server = await RedisProcess.start();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    ground = new RedisGround(server.url);
  });
  afterEach(() => ground.close());

  const logKey = (): string => `${ground.prefix}{orders}`;

  /** All that is of this ground is gone, as after a loss of the server. */
  const lose = (...names: readonly string[]): void => {
    server.ask('del', ...names.map((name) => `${ground.prefix}${name}`));
  };

  it('are in force with all others when the receipt is there, which names them', async () => {
    const instances = await Promise.all(['a', 'b:1', 'c é', 'd'].map((name) => ground.join(name)));
    const heard = instances.map((instance) => hearing(instance).heard);
    const given = await instances[0]?.log.append({ kind: 'invalidate', key: 'http:1:a/\xff' as CacheKey });
    const receipt = (await given?.heard) ?? [];
    expect(receipt.map(({ instance }) => instance).toSorted()).toEqual(['b:1', 'c é', 'd']);
    expect(receipt.every(({ ms }) => ms !== undefined && ms >= 0)).toBe(true);
    const numbered = { number: given?.number, order: { kind: 'invalidate', key: 'http:1:a/\xff' } };
    expect(heard).toEqual([[], [numbered], [numbered], [numbered]]);
  });

  it('are not waited for longer than that by who does not answer, and the receipt names it', async () => {
    const instance = await ground.join('here', { heardMs: 1 });
    server.ask('zadd', `${logKey()}:instances`, '9999999999999', 'silent');
    const { heard } = await instance.log.append(all);
    expect(await heard).toEqual([{ instance: 'silent', ms: undefined }]);
  });

  it('are not expected to be heard by an instance that has left', async () => {
    const [here, left] = [await ground.join(), await ground.join()];
    await left.close();
    expect(await (await here.log.append(all)).heard).toEqual([]);
  });

  it('are heard by nobody under another prefix', async () => {
    const other = new RedisGround(server.url);
    const [here, there] = [await ground.join(), await other.join()];
    const { heard } = hearing(there);
    expect(await (await here.log.append(all)).heard).toEqual([]);
    expect([heard, await there.log.head()]).toEqual([[], 0]);
    await other.close();
  });

  it('are heard of by an instance that may not hear what is published', async () => {
    server.ask('acl', 'setuser', 'deaf', 'on', '>secret', '~*', '+@all', '-subscribe', 'allchannels');
    const deafGround = new RedisGround(server.url.replace('//', '//deaf:secret@'));
    const deaf = await deafGround.join('deaf', { beatMs: 1 });
    await deafGround.says('orders of others are heard late');
    const { heard, next } = hearing(deaf);
    const told = next();
    const knowing = await openRedis({
      url: `${server.url}?prefix=${deafGround.prefix}`,
      instance: 'knowing',
      say: () => {},
    });
    const { number } = await knowing.log.append(all);
    await told;
    expect(heard[0]).toBe('gap');
    expect((await deaf.log.since(0)).orders).toEqual([{ number, order: all }]);
    await knowing.close();
    await deafGround.close();
  });

  it('are kept up to a number; those that had to go are said to be lost', async () => {
    const instance = await ground.join('here', { maxOrders: 3 });
    const numbers: number[] = [];
    for (let i = 0; i < 5; i++) numbers.push((await instance.log.append(all)).number);
    const { orders, forgotten, lost } = await instance.log.since(0);
    expect(orders.map(({ number }) => number)).toEqual(numbers.slice(2));
    expect([forgotten, lost]).toEqual([numbers[1], numbers[1]]);
  });

  it('are read in pages, however many there are', async () => {
    const instance = await ground.join();
    const given = await Promise.all(Array.from({ length: 600 }, () => instance.log.append(all)));
    const numbers = given.map(({ number }) => number).toSorted((a, b) => a - b);
    expect((await instance.log.since(0)).orders.map(({ number }) => number)).toEqual(numbers);
  });

  it('are given back to a log that has lost them, and told to who has not heard of them', async () => {
    const knowing = await ground.join('knowing', { beatMs: 1 });
    const { number } = await knowing.log.append(all);
    const other = await ground.join('other');
    const { heard, next } = hearing(other);
    const told = next();
    lose('{orders}');
    await told;
    expect(heard).toEqual([{ number, order: all }]);
    expect((await other.log.since(0)).orders).toEqual([{ number, order: all }]);
  });

  it('go on above all that there were, when the log was lost', async () => {
    const instance = await ground.join();
    const before = (await instance.log.append(all)).number;
    lose('{orders}');
    expect((await instance.log.append(all)).number).toBeGreaterThan(before);
  });

  it('that are lost take with them what they may have been about, and only that', async () => {
    const instance = await ground.join();
    await putRecord(instance, placeOf(1), 'before');
    lose('{orders}');
    expect((await instance.row(placeOf(1).row)).lying).toEqual([]);
    await instance.log.append(all);
    expect(await instance.at(placeOf(1))).toBeUndefined();
    await putRecord(instance, placeOf(1), 'after');
    expect((await instance.at(placeOf(1)))?.head.toString()).toBe('after');
  });

  it('are given though the server has no memory left', async () => {
    const instance = await ground.join();
    const other = await ground.join();
    const { heard } = hearing(other);
    server.ask('config', 'set', 'maxmemory', '1');
    try {
      expect(await putRecord(instance, placeOf(1), 'head', 'content')).toBe(false);
      const given = await instance.log.append(all);
      await given.heard;
      expect(heard).toEqual([{ number: given.number, order: all }]);
    } finally {
      server.ask('config', 'set', 'maxmemory', '0');
    }
    expect(ground.said.filter((line) => line.includes('records are not taken'))).toHaveLength(1);
  });

  it('that a server has lost which took over come behind those given since, once, and who had not heard of them does', async () => {
    const knowing = await ground.join('knowing', { beatMs: 600_000 });
    // Whoever puts nothing in force has not heard, and would be waited for.
    hearing(knowing);
    const { number } = await knowing.log.append(all);
    server.ask('zremrangebyscore', logKey(), String(number), String(number));
    const other = await ground.join('other', { beatMs: 600_000 });
    const { heard, next } = hearing(other);
    const later = await other.log.append(invalidation);
    await later.heard;
    const told = next();
    knowing.log.rejoined();
    await told;
    expect(heard).toEqual([{ number: expect.any(Number), order: all }]);
    other.log.rejoined();
    knowing.log.rejoined();
    await Promise.all([other.log.head(), knowing.log.head()]);
    const { orders } = await other.log.since(0);
    expect(orders.map(({ order }) => order)).toEqual([invalidation, all]);
    expect(orders[0]?.number).toBe(later.number);
  });

  it('are given back later, where that could not be done at once', async () => {
    const knowing = await ground.join('knowing', { beatMs: 600_000 });
    const { number } = await knowing.log.append(all);
    const { number: last } = await knowing.log.append(invalidation);
    server.ask('zremrangebyscore', logKey(), String(number), String(number));
    server.ask('acl', 'setuser', 'default', '-zadd');
    try {
      knowing.log.rejoined();
      await knowing.log.head();
      expect((await knowing.log.since(0)).orders.map(({ number: kept }) => kept)).toEqual([last]);
    } finally {
      server.ask('acl', 'setuser', 'default', '+zadd');
    }
    await knowing.log.beat();
    expect((await knowing.log.since(0)).orders).toHaveLength(2);
  });

  it('are heard by an instance that happens to have the same name', async () => {
    const [one, twin] = [await ground.join('twin'), await ground.join('twin')];
    const { heard, next } = hearing(twin);
    const told = next();
    const { number } = await one.log.append(all);
    await told;
    expect(heard).toEqual([{ number, order: all }]);
  });

  it('are not said to be heard by who has nobody yet to put them in force', async () => {
    const here = await ground.join('here', { heardMs: 300 });
    await ground.join('opening');
    expect(await (await here.log.append(all)).heard).toEqual([{ instance: 'opening', ms: undefined }]);
  });

  it('are forgotten when no record can be as old', async () => {
    const instance = await ground.join('here', { maxKeepMs: 30_000 });
    await instance.log.append(all);
    const before = Date.now() * 1000 - 120_000_000;
    server.ask('zadd', logKey(), String(before), `other:0123456789abcdef:${textOfOrder(all)}`);
    expect((await instance.log.since(0)).orders.map(({ number }) => number)).toContain(before);
    await instance.log.append(all);
    const { orders, forgotten, lost } = await instance.log.since(0);
    expect(orders).toHaveLength(2);
    expect([forgotten, lost]).toEqual([before, 0]);
  });
});
