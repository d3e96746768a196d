import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pieceBytes } from '../../src/store/backing.ts';
import type { RedisLimits } from '../../src/store/redis/limits.ts';
import { keepMs, placeOf, putRecord } from '../store/ground.ts';
import { RedisGround } from './redis-ground.ts';
import { hasRedis, RedisProcess } from './redis-server.ts';

const { row } = placeOf(1);
const long = 'x'.repeat(3 * pieceBytes);

/** What is slow is told soon, though not so soon that a busy machine is. */
const hasty: Partial<RedisLimits> = { lookupMs: 200, workMs: 400, silentMs: 300, connectMs: 300 };

describe.skipIf(!hasRedis)('with a Redis that', () => {
  let server: RedisProcess;
  let ground: RedisGround;

  beforeEach(async () => {
    server = await RedisProcess.start();
    ground = new RedisGround(server.url);
  });

  afterEach(async () => {
    server.signal('SIGCONT');
    await ground.close();
    await server.stop();
  });

  it('is killed, everything is refused at once, and goes on when it is there again', async () => {
    const backing = await ground.join();
    await putRecord(backing, placeOf(1), 'head');
    await server.kill();
    await ground.says('is not used for now');
    await expect(backing.row(row)).rejects.toThrow('not connected');
    await expect(backing.log.append({ kind: 'purge', selection: { kind: 'all' } })).rejects.toThrow('not connected');
    expect(backing.draft(placeOf(1), 1)).toBeUndefined();
    expect(backing.stats()).toMatchObject({ isUp: false });
    await server.start();
    await ground.says('is in use again');
    await backing.log.beat();
    expect((await backing.row(row)).lying).toEqual([]);
    expect(await putRecord(backing, placeOf(1), 'head')).toBe(true);
    expect(ground.said).toHaveLength(2);
  });

  it('is not there at first, is used as soon as it is', async () => {
    await server.kill();
    const backing = await ground.join();
    expect(backing.stats().isUp).toBe(false);
    await server.start();
    await ground.says('is in use again');
    await backing.log.beat();
    expect(await putRecord(backing, placeOf(1), 'head')).toBe(true);
  });

  it('is frozen, a look-up is over in its time, and the next ones at once; it is used when it moves again', async () => {
    const backing = await ground.join('hasty', hasty);
    await putRecord(backing, placeOf(1), 'head', long);
    server.signal('SIGSTOP');
    const looks = await Promise.allSettled(Array.from({ length: 3 }, () => backing.row(row)));
    expect(looks.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await ground.says('is not used for now');
    await expect(backing.row(row)).rejects.toThrow(/too slow|not connected/);
    server.signal('SIGCONT');
    await ground.says('is in use again');
    expect((await backing.row(row)).lying).toHaveLength(1);
  });

  it('freezes in the middle of a draft, nothing is kept, and nothing hangs', async () => {
    const backing = await ground.join('hasty', hasty);
    const draft = backing.draft(placeOf(1), undefined);
    draft?.write(Buffer.alloc(pieceBytes));
    draft?.write(Buffer.alloc(pieceBytes));
    server.signal('SIGSTOP');
    draft?.write(Buffer.alloc(pieceBytes));
    expect(await draft?.commit(Buffer.from('head'), keepMs)).toBe(false);
    expect(draft?.write(Buffer.alloc(1))).toBe(false);
  });

  it('takes no more bytes at once than that, a draft is given up', async () => {
    const backing = await ground.join('small', { maxBytesInFlight: 2 * pieceBytes });
    const draft = backing.draft(placeOf(1), undefined);
    const taken = Array.from({ length: 8 }, () => draft?.write(Buffer.alloc(pieceBytes)));
    expect(taken[0]).toBe(true);
    expect(await draft?.commit(Buffer.from('head'), keepMs)).toBe(false);
    expect((await backing.row(row)).lying).toEqual([]);
  });

  it('is asked more at once than may be, the rest is refused', async () => {
    const backing = await ground.join('small', { maxCommands: 2 });
    const looks = await Promise.allSettled(Array.from({ length: 10 }, () => backing.row(row)));
    expect(looks.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(2);
    expect((await backing.row(row)).lying).toEqual([]);
  });

  it('has content that is larger than may be, neither is it taken nor fetched', async () => {
    const backing = await ground.join('small', { maxContentBytes: 2 * pieceBytes, maxHeadBytes: 4 });
    expect(backing.draft(placeOf(1), 2 * pieceBytes + 1)).toBeUndefined();
    const draft = backing.draft(placeOf(1), undefined);
    expect([1, 2, 3].map(() => draft?.write(Buffer.alloc(pieceBytes)))).toEqual([true, true, false]);
    expect(await putRecord(backing, placeOf(1), 'large')).toBe(false);
    await putRecord(await ground.join('other'), placeOf(1), 'large');
    expect((await backing.row(row)).lying).toEqual([]);
  });

  it('has more records in a row than may be, none is fetched', async () => {
    const backing = await ground.join('small', { maxRecords: 1 });
    for (const variant of [1, 2, 3]) await putRecord(backing, placeOf(1, variant), 'head');
    expect((await backing.row(row)).lying).toEqual([]);
  });

  it('has more heads in a row than there is room for, those have it first that are asked for', async () => {
    const backing = await ground.join('small', { maxRowBytes: 250 });
    for (const variant of [1, 2, 3]) await putRecord(backing, placeOf(1, variant), `head ${variant}`);
    expect((await backing.row(row)).lying).toHaveLength(2);
    for (const variant of [1, 2, 3]) {
      const { lying } = await backing.row(row, () => [placeOf(1, variant).variant]);
      expect(lying).toHaveLength(2);
      expect(lying.map(({ head }) => head.toString())).toContain(`head ${variant}`);
    }
  });

  it('has other content by now, none is given for a head that was read before', async () => {
    const backing = await ground.join();
    for (const variant of [1, 2]) await putRecord(backing, placeOf(1, variant), 'old', 'one');
    const [first, second] = (await backing.row(row)).lying;
    await putRecord(backing, placeOf(1, 1), 'new', 'two');
    expect(await first?.pieces.read(0)).toBeUndefined();
    expect(Buffer.from((await second?.pieces.read(0)) ?? []).toString()).toBe('one');
  });

  it('has lost a piece of content, it has nothing of that', async () => {
    const backing = await ground.join();
    await putRecord(backing, placeOf(1), 'head', long);
    const [piece = ''] = server.ask('keys', `${ground.prefix}*:1`).split('\n');
    const lying = await backing.at(placeOf(1));
    server.ask('del', piece);
    expect(await lying?.pieces.read(1)).toBeUndefined();
    expect(await backing.at(placeOf(1))).toBeUndefined();
    const draft = backing.draft(placeOf(2), undefined);
    for (let i = 0; i < 3; i++) draft?.write(Buffer.alloc(pieceBytes));
    await backing.log.head();
    server.ask('eval', "for _, key in ipairs(redis.call('keys', '*:2')) do redis.call('del', key) end", '0');
    expect(await draft?.commit(Buffer.from('head'), keepMs)).toBe(false);
  });

  it('has something else in the place of a row, nothing is found there until something is put', async () => {
    const backing = await ground.join();
    server.ask('set', `${ground.prefix}{${row}}`, 'something else');
    await expect(backing.row(row)).rejects.toThrow('WRONGTYPE');
    expect(await putRecord(backing, placeOf(1), 'head')).toBe(true);
    expect((await backing.row(row)).lying).toHaveLength(1);
  });

  it('has no memory left, records are not taken for a while, and found still', async () => {
    const backing = await ground.join();
    await putRecord(backing, placeOf(1), 'head');
    server.ask('config', 'set', 'maxmemory', '1');
    expect(await putRecord(backing, placeOf(2), 'head', long)).toBe(false);
    expect(backing.draft(placeOf(2), 1)).toBeUndefined();
    expect((await backing.row(row)).lying).toHaveLength(1);
    expect(ground.said.map((line) => line.includes('records are not taken'))).toEqual([true]);
  });

  it('wants a password, it is told', async () => {
    const backing = await ground.join();
    server.ask('config', 'set', 'requirepass', 'secret');
    server.ask('-a', 'secret', '--no-auth-warning', 'client', 'kill', 'type', 'normal', 'skipme', 'yes');
    await ground.says('NOAUTH');
    await expect(backing.row(row)).rejects.toThrow('not connected');
    const knowing = new RedisGround(server.url.replace('//', '//:secret@'));
    expect((await (await knowing.join()).row(row)).lying).toEqual([]);
    await knowing.close();
  });

  it('has keys of ours, each of them expires', async () => {
    const backing = await ground.join();
    await putRecord(backing, placeOf(1), 'head', long);
    await putRecord(backing, placeOf(1), 'another', long);
    await putRecord(backing, placeOf(2), 'head', 'content');
    await backing.claims.claim('name');
    await backing.log.append({ kind: 'purge', selection: { kind: 'all' } });
    const keys = server.ask('keys', '*').split('\n');
    expect(keys.length).toBeGreaterThan(8);
    expect(keys.filter((key) => !key.startsWith(ground.prefix) || Number(server.ask('pttl', key)) <= 0)).toEqual([]);
  });

  it('has long content whose head is replaced, it keeps all of it as long as that', async () => {
    const backing = await ground.join();
    await putRecord(backing, placeOf(1), 'head', long);
    expect(await backing.replace(placeOf(1), Buffer.from('head'), Buffer.from('after'), 2 * keepMs)).toBe(true);
    const keys = server.ask('keys', `${ground.prefix}{${row}}*`).split('\n');
    expect(keys).toHaveLength(4);
    expect(keys.filter((key) => Number(server.ask('pttl', key)) <= keepMs)).toEqual([]);
    const [piece = ''] = keys.filter((key) => key.endsWith(':2'));
    server.ask('del', piece);
    expect(await backing.replace(placeOf(1), Buffer.from('after'), Buffer.from('last'), keepMs)).toBe(false);
  });
});
