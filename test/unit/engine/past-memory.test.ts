import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, test } from 'vitest';
import { ManualClock } from '../../../src/play/manual-clock.ts';
import { Retained } from '../../../src/engine/retained.ts';
import type { Limits } from '../../../src/engine/limits.ts';
import { MemoryStore } from '../../../src/store/memory.ts';
import type { Store } from '../../../src/store/store.ts';
import { beginStoring, responseTo } from '../../store/shelved.ts';
import { turnstile } from '../../store/turnstile.ts';
import { adapted } from './adapted-store.ts';
import { answerTo } from './answering.ts';
import { stage as engineStage } from './engine-stage.ts';
import { fieldsOf, fieldValue, noFields } from '../../../src/http/fields.ts';
import { PastMemory } from './past-memory-writer.ts';
import { RecordingSink } from './recording-sink.ts';

const blockBytes = 64 * 1024;
const windowBytes = 2 * blockBytes;

const stored = responseTo('/large');

/** A response of which memory keeps so many bytes, at the most, on its way past it. */
function stage(maxObjectBytes: number) {
  const store = new MemoryStore({ maxBytes: 64 * blockBytes, maxObjectBytes, maxVariants: 4 });
  const writer = new PastMemory(maxObjectBytes === 0 ? undefined : beginStoring(store, stored));
  const calls: string[] = [];
  const record = (call: string) => () => void calls.push(call);
  const controls = {
    pause: record('pause'),
    resume: record('resume'),
    unread: record('unread'),
    refused: record('refused'),
    storing: () => undefined,
  };
  const body = new Retained(writer, controls, store, { windowBytes, shelfStallMs: 1_000, clock: timer });
  const reader = (): RecordingSink => {
    const sink = new RecordingSink();
    const answer = answerTo(sink);
    answer.head({ status: 200, fields: noFields }, { hit: false });
    body.add(answer);
    return sink;
  };
  return { store, writer, body, calls, reader };
}

const timer = new ManualClock(0);

const piece = Buffer.alloc(blockBytes, 'x');

describe('a response that is stored past memory', () => {
  it('is stored whole, and held by no more than its window', () => {
    const { store, writer, body, calls, reader } = stage(blockBytes);
    const sink = reader();
    for (let i = 0; i < 100; i++) {
      body.write(piece);
      expect(store.stats().bytesUsed).toBeLessThanOrEqual(windowBytes);
    }
    body.complete(stored);
    expect([writer.written, writer.ended]).toEqual([100 * blockBytes, 'committed']);
    expect([sink.received, sink.ended, store.stats().bytesUsed]).toEqual([100 * blockBytes, true, 0]);
    expect(calls).toEqual([]);
  });

  it('goes on to be stored when its only reader has left', () => {
    const { store, writer, body, calls, reader } = stage(blockBytes);
    const sink = reader();
    sink.full = true;
    for (let i = 0; i < 5; i++) body.write(piece);
    expect(calls.at(-1)).toBe('pause');
    sink.leave();
    expect(calls.slice(-2)).toEqual(['unread', 'resume']);
    expect(body.wanted).toBe(true);
    for (let i = 0; i < 5; i++) body.write(piece);
    expect(store.stats().bytesUsed).toBeLessThanOrEqual(windowBytes);
    body.complete(stored);
    expect([writer.written, writer.ended]).toEqual([10 * blockBytes, 'committed']);
  });

  it('comes no faster than its only reader takes it', () => {
    const { store, body, calls, reader } = stage(blockBytes);
    const sink = reader();
    sink.full = true;
    for (let i = 0; i < 5; i++) body.write(piece);
    expect(calls).toEqual(['pause']);
    sink.drain();
    expect([calls.at(-1), sink.received]).toEqual(['resume', 5 * blockBytes]);
    expect(store.stats().bytesUsed).toBeLessThanOrEqual(windowBytes);
  });

  it('lets a reader go that keeps another waiting', () => {
    const { body, reader, writer } = stage(blockBytes);
    const slow = reader();
    const fast = reader();
    slow.full = true;
    for (let i = 0; i < 5; i++) body.write(piece);
    expect([slow.aborted, fast.received, writer.written]).toEqual([true, 5 * blockBytes, 5 * blockBytes]);
  });

  it('may be joined until something of it was let go of', () => {
    const { body, reader } = stage(0);
    expect(body.whole).toBe(true);
    body.write(piece.subarray(0, 1_000));
    const late = reader();
    expect([body.whole, late.received]).toEqual([true, 1_000]);
    for (let i = 0; i < 3; i++) body.write(piece);
    expect([body.whole, body.stores, late.received]).toEqual([false, true, 3 * blockBytes + 1_000]);
  });

  it('is not stored when it breaks off, and holds nothing', () => {
    const { store, writer, body, reader } = stage(blockBytes);
    const sink = reader();
    for (let i = 0; i < 5; i++) body.write(piece);
    body.abort(undefined);
    expect([writer.ended, sink.aborted, body.stores, store.stats().bytesUsed]).toEqual(['aborted', true, false, 0]);
  });
});

describe('a response that comes faster than a slower shelf takes it', () => {
  it.each([
    ['memory keeps it', 32 * blockBytes],
    ['memory has no room for it', 0],
  ])('waits for that, and goes on when it keeps pace again: where %s', async (_where, maxObjectBytes) => {
    const { writer, body, calls, reader } = stage(maxObjectBytes);
    const sink = reader();
    const [first, second] = [turnstile(), turnstile()];
    writer.behind = first.opened;
    for (let i = 0; i < 3; i++) body.write(piece);
    expect(calls).toEqual(['pause']);
    writer.behind = second.opened;
    first.open();
    await turn();
    expect(calls).toEqual(['pause']);
    writer.behind = undefined;
    second.open();
    await turn();
    expect(calls).toEqual(['pause', 'resume']);
    body.write(piece);
    body.complete(stored);
    expect([sink.received, sink.ended, writer.ended, calls.length]).toEqual([4 * blockBytes, true, 'committed', 2]);
  });

  it('waits as long as its slowest reader, too', async () => {
    const { writer, body, calls, reader } = stage(blockBytes);
    const sink = reader();
    const { opened, open } = turnstile();
    writer.behind = opened;
    sink.full = true;
    for (let i = 0; i < 5; i++) body.write(piece);
    writer.behind = undefined;
    open();
    await turn();
    expect(calls).toEqual(['pause']);
    sink.drain();
    expect(calls).toEqual(['pause', 'resume']);
  });

  it('waits no more when it breaks off, or is complete', async () => {
    for (const ended of ['aborted', 'committed']) {
      const { writer, body, calls } = stage(blockBytes);
      writer.behind = new Promise(() => {});
      body.write(piece);
      if (ended === 'aborted') body.abort(undefined);
      else body.complete(stored);
      await timer.advance(10_000, turn);
      expect([calls.includes('resume'), writer.ended]).toEqual([false, ended]);
    }
  });
});

/** An engine over a shelf that takes past memory what that has no room for. */
function engineOn(limits: Partial<Limits> = {}) {
  const writers: PastMemory[] = [];
  const begin: (memory: MemoryStore) => Store['begin'] = (memory) => (head, length) => {
    const inner = memory.begin(head, length);
    const writer = new PastMemory(typeof inner === 'string' ? undefined : inner);
    writers.push(writer);
    return writer;
  };
  const play = engineStage(limits, (memory) => adapted(memory, { begin: begin(memory) }));
  const head = (...lines: readonly (readonly [string, string])[]): void => {
    const fields = fieldsOf(play.date, ['cache-control', 'max-age=60'], ...lines);
    play.origin.arrivals.at(-1)?.head({ status: 200, fields });
  };
  return { ...play, writers, head };
}

test('a response that is too large for memory is stored, and says so, and those who wait for it share it', async () => {
  const { ask, origin, records, writers, head } = engineOn();
  const length = 2 ** 21;
  const [leader, follower] = [ask('/'), ask('/')];
  head(['content-length', String(length)]);
  for (let sent = 0; sent < length; sent += blockBytes) origin.arrivals[0]?.write(piece);
  origin.arrivals[0]?.end();
  await new Promise(setImmediate);
  expect(origin.arrivals).toHaveLength(1);
  expect([leader, follower].map(({ received, ended }) => [received, ended])).toEqual([
    [length, true],
    [length, true],
  ]);
  expect(fieldValue(leader.heads[0]?.fields ?? noFields, 'cache-status')).toBe('etagere; fwd=uri-miss; stored');
  expect([writers[0]?.written, writers[0]?.ended]).toEqual([length, 'committed']);
  expect(records.map(({ cacheStatus }) => [cacheStatus.stored, cacheStatus.collapsed])).toEqual([
    [true, undefined],
    [undefined, true],
  ]);
});

test('a response goes on unstored when a shelf that is behind gets no further', async () => {
  const { ask, clock, origin, records, writers, head } = engineOn({ shelfStallMs: 1_000 });
  const client = ask('/');
  head();
  const arrival = origin.arrivals[0];
  for (let i = 0; i < 20; i++) arrival?.write(piece);
  const [writer] = writers;
  if (writer === undefined) throw new Error('it is stored');
  let next = turnstile();
  writer.behind = next.opened;
  for (let i = 0; i < 20; i++) arrival?.write(piece);
  const { received } = client;
  expect(received).toBeLessThan(22 * blockBytes);
  // It gets on now and then: that is waited for.
  for (let i = 0; i < 5; i++) {
    await clock.advance(900, turn);
    const { open } = next;
    next = turnstile();
    writer.behind = next.opened;
    open();
    await turn();
  }
  expect([client.received, writer.ended]).toEqual([received, undefined]);
  await clock.advance(1_000, turn);
  expect([client.received, writer.ended]).toEqual([40 * blockBytes, 'aborted']);
  arrival?.end();
  expect([client.ended, client.aborted]).toEqual([true, false]);
  expect(records[0]?.cacheStatus).toEqual({ hit: false, fwd: 'uri-miss', stored: false, detail: 'store-refused' });
});

test('a response that is on its way past memory is not put there once more for those who come too late to share it', async () => {
  const { ask, origin, records, writers, head } = engineOn();
  const tags = [['etag', '"1"'] as const];
  ask('/');
  head(...tags);
  for (let i = 0; i < 20; i++) origin.arrivals[0]?.write(piece);
  const late = ask('/');
  head(...tags);
  origin.arrivals[1]?.write(piece);
  origin.arrivals[1]?.end();
  ask('/');
  head(['etag', '"2"']);
  expect([writers.length, late.ended, origin.arrivals.length]).toEqual([2, true, 3]);
  expect(records[0]?.cacheStatus).toEqual({ hit: false, fwd: 'uri-miss', detail: 'superseded' });
  origin.arrivals[0]?.end();
  await new Promise(setImmediate);
  expect(writers[0]?.ended).toBe('committed');
});

test('a purge reaches a response on its way past memory', async () => {
  const { ask, origin, engine, records, writers, head } = engineOn();
  ask('/');
  head();
  for (let i = 0; i < 20; i++) origin.arrivals[0]?.write(piece);
  const receipt = await engine.operations.purge({ kind: 'all' }, 'soft');
  origin.arrivals[0]?.end();
  expect([receipt.fillsDoomed, writers[0]?.ended, records[0]?.cacheStatus]).toEqual([
    1,
    'aborted',
    { hit: false, fwd: 'uri-miss', stored: false, detail: 'invalidated' },
  ]);
});
