import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Draft, pieceBytes } from '../../src/store/backing.ts';
import type { RedisBacking } from '../../src/store/redis/backing.ts';
import { placeOf } from '../store/ground.ts';
import { RedisGround } from './redis-ground.ts';
import { StubServer } from './stub-server.ts';

const piece = Buffer.alloc(pieceBytes, 'content');
const megabyte = 2 ** 20;

/** What a log says of itself that has no orders. */
const log = '*2\r\n$1\r\n0\r\n$16\r\n1790000000000000\r\n';

function begin(backing: RedisBacking, row: number, expectedLength?: number): Draft {
  const draft = backing.draft(placeOf(row), expectedLength);
  if (draft === undefined) throw new Error('it is up');
  return draft;
}

describe('a draft for a Redis that has stopped to take anything', () => {
  let stub: StubServer;
  let ground: RedisGround;

  beforeEach(async () => {
    stub = await StubServer.start();
    stub.answer = (command) => (command === 'SET' ? undefined : log);
    ground = new RedisGround(stub.url, { beatMs: 600_000 });
  });

  afterEach(async () => {
    await ground.close();
    await stub.stop();
  });

  it('is behind while more than 1 MiB waits, and is given up when that is not answered in time', async () => {
    const draft = begin(await ground.join('hasty', { workMs: 1_000, silentMs: 1_000 }), 1);
    let taken = 0;
    for (; draft.behind === undefined; taken += pieceBytes) expect(draft.write(piece)).toBe(true);
    expect(taken).toBe(megabyte + pieceBytes);
    await draft.behind;
    expect(draft.write(piece)).toBe(false);
    expect(draft.behind).toBeUndefined();
  });

  it('is given up by a bound for all of them where its source does not wait', async () => {
    const backing = await ground.join('patient', { maxWaitingBytes: 2 * megabyte, workMs: 60_000, silentMs: 60_000 });
    const [first, second] = [begin(backing, 1, 32 * megabyte), begin(backing, 2)];
    let taken = 0;
    while (first.write(piece)) taken += pieceBytes;
    expect(taken).toBe(2 * megabyte);
    // The first piece of a content of unknown length is held by its source until there is a second.
    expect([second.write(piece), second.write(piece), second.write(piece)]).toEqual([true, false, false]);
  });

  it('makes others wait that can, when much waits of all of them', async () => {
    const backing = await ground.join('patient', { maxWaitingBytes: 2 * megabyte, workMs: 60_000, silentMs: 60_000 });
    const [first, second] = [begin(backing, 1, 32 * megabyte), begin(backing, 2, 32 * megabyte)];
    for (let i = 0; i < megabyte / pieceBytes; i++) first.write(piece);
    expect([first.behind, second.behind]).toEqual([undefined, undefined]);
    expect(second.write(piece)).toBe(true);
    expect([first.behind, second.behind]).toEqual([expect.any(Promise), expect.any(Promise)]);
  });
});
