import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { descriptionBytes } from '../../src/store/redis/row-scripts.ts';
import { placeOf, putRecord } from '../store/ground.ts';
import { RedisGround } from './redis-ground.ts';
import { type Answer, StubServer } from './stub-server.ts';

const { row, variant } = placeOf(1);
const name = '1790000000000000';
const description = `1${name}${'9'.repeat(16)}0000000000000007${'-'.padEnd(16)}${name}`;

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}

function list(...items: readonly string[]): string {
  return `*${items.length}\r\n${items.join('')}`;
}

/** What a server answers that has one record in every row. */
const honest = list(bulk('0'), bulk(name), bulk('1'), bulk(variant), bulk(`${description}head`), bulk('content'));

const lies: readonly (readonly [what: string, answer: Answer])[] = [
  ['a number', ':5\r\n'],
  ['a word', '+OK\r\n'],
  ['nothing', '$-1\r\n'],
  ['no list', '*-1\r\n'],
  ['an empty list', '*0\r\n'],
  ['a list of lists', list(list(), list(list()), list(), list(), list(), list())],
  ['a list of numbers', list(':1\r\n', ':2\r\n', ':3\r\n', ':4\r\n', ':5\r\n', ':6\r\n')],
  ['a record without an end', list(bulk('0'), bulk(name), bulk('1'), bulk(variant))],
  ['a variant that is none', honest.replace(bulk(variant), bulk('../../../../etc/'))],
  ['a description that is too short', honest.replace(bulk(`${description}head`), bulk('1'))],
  ['another version', honest.replace(`\r\n1${name}9`, `\r\n2${name}9`)],
  ['another log', honest.replace(bulk(name), bulk('1790000000000001'))],
  ['a log without a name', honest.replace(bulk(name), bulk('n'))],
  ['a time that has passed', honest.replace('9'.repeat(16), '0'.repeat(16))],
  ['a time that is none', honest.replace(bulk('1'), bulk('soon'))],
  ['an error', '-ERR unknown\r\n'],
  ['that it has no memory left', "-OOM command not allowed when used memory > 'maxmemory'.\r\n"],
  ['that it is a replica', "-READONLY You can't write against a read only replica.\r\n"],
  ['that it knows nobody', '-NOAUTH Authentication required.\r\n'],
  ['that it is loading', '-LOADING Redis is loading the dataset in memory\r\n'],
  ['that the key is elsewhere', '-MOVED 1 127.0.0.1:1\r\n'],
  ['that the key is something else', '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n'],
  ['that no script is known, ever', '-NOSCRIPT No matching script.\r\n'],
  ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ['more than was asked for', '*0\r\n'.repeat(20)],
  ['a length that is none', '$x\r\n\r\n'],
  ['more than there is room for', '$999999999999\r\nx'],
  ['a list that is longer than any', '*4294967295\r\n'],
  ['a list that goes down without an end', '*1\r\n'.repeat(10_000)],
  ['half a reply, and is gone', { bytes: honest.slice(0, 40), ends: true }],
  ['nothing, and is gone', { bytes: '', ends: true }],
  ['nothing at all', undefined],
];

describe('a Redis that says', () => {
  let stub: StubServer;
  let ground: RedisGround;

  beforeEach(async () => {
    stub = await StubServer.start();
    stub.answer = () => honest;
    ground = new RedisGround(stub.url, { lookupMs: 20, workMs: 20, silentMs: 20, connectMs: 500, beatMs: 600_000 });
  });

  afterEach(async () => {
    await ground.close();
    await stub.stop();
  });

  it('what is true has what it says', async () => {
    expect(description).toHaveLength(descriptionBytes);
    // Its one reply to everything is that to a look-up; only the number may be late on a busy machine.
    ground = new RedisGround(stub.url, { beatMs: 600_000 });
    const { orders, lying } = await (await ground.join()).row(row);
    expect([orders, lying.map(({ head }) => head.toString())]).toEqual([0, ['head']]);
    expect(Buffer.from((await lying[0]?.pieces.read(0)) ?? []).toString()).toBe('content');
  });

  it.each(lies)('%s has nothing, and does no harm', async (_what, answer) => {
    const backing = await ground.join();
    stub.answer = () => answer;
    const found = await backing.row(row).catch(() => undefined);
    expect(found?.lying ?? []).toEqual([]);
    expect(await backing.at(placeOf(1)).catch(() => undefined)).toBeUndefined();
    expect((await backing.claims.claim('name')).kind).toBe('granted');
    // A word that is no error may be what is said when something was put.
    await putRecord(backing, placeOf(1), 'head', 'content');
    const page = await backing.scan(undefined, 10).catch(() => undefined);
    expect(page?.lying ?? []).toEqual([]);
    await backing.log.since(0).catch(() => undefined);
    await backing.log.append({ kind: 'purge', selection: { kind: 'all' } }).catch(() => undefined);
  });

  it('nothing any more is not asked, and connected to anew', async () => {
    const backing = await ground.join();
    const before = stub.connections;
    stub.isFrozen = true;
    await Promise.allSettled([backing.row(row), backing.row(row), backing.row(row)]);
    await ground.says('is not used for now');
    expect(backing.stats().isUp).toBe(false);
    await expect(backing.row(row)).rejects.toThrow(/too slow|not connected/);
    expect(backing.draft(placeOf(1), 1)).toBeUndefined();
    expect((await backing.claims.claim('name')).kind).toBe('granted');
    stub.isFrozen = false;
    await ground.says('is in use again');
    expect(stub.connections).toBeGreaterThan(before);
    expect(backing.stats().isUp).toBe(true);
    expect(ground.said).toHaveLength(2);
  });

  it('nothing in time is told with that time in whole milliseconds', async () => {
    ground = new RedisGround(stub.url, { lookupMs: 20.4 });
    const backing = await ground.join();
    stub.answer = () => undefined;
    await expect(backing.row(row)).rejects.toThrow('no answer within 20 ms from');
  });

  it('nothing on the connection where it is heard from is connected to anew there', async () => {
    // Signs of life go out and are answered, but none comes back.
    await ground.join('deaf', { beatMs: 1, deafMs: 1, lookupMs: 5_000, silentMs: 5_000 });
    const before = stub.connections;
    await stub.connected(before + 3);
    expect(ground.said).toEqual([]);
  });

  it('is a replica, it is told once, and used again when it is none any more', async () => {
    ground = new RedisGround(stub.url, { beatMs: 1, maxRetryMs: 1 });
    stub.answer = () => "-READONLY You can't write against a read only replica.\r\n";
    const backing = await ground.join();
    await stub.connected(12);
    expect(ground.said.filter((line) => line.includes('in use again'))).toEqual([]);
    expect(backing.stats().isUp).toBe(false);
    stub.answer = () => honest;
    await ground.says('in use again');
    expect((await backing.row(row)).lying).toHaveLength(1);
    expect(ground.said.filter((line) => line.includes('not used for now'))).toHaveLength(1);
  });

  it('nothing to who wants to hear what is published, it is used all the same, and asked for that again', async () => {
    stub.takesListeners = false;
    ground = new RedisGround(stub.url, { connectMs: 200, maxRetryMs: 1 });
    stub.answer = () => honest;
    const backing = await ground.join();
    expect((await backing.row(row)).lying).toHaveLength(1);
    await stub.connected(3);
  });

  it('the same orders for ever has no log', async () => {
    const backing = await ground.join();
    const order = bulk('5:other:0123456789abcdef:{}');
    stub.answer = () => list(bulk('0'), bulk('0'), ...Array.from({ length: 256 }, () => order));
    await expect(backing.log.since(0)).rejects.toThrow('no log');
  });
});
