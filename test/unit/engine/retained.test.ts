import { expect, test } from 'vitest';
import { ManualClock } from '../../../src/play/manual-clock.ts';
import { Retained } from '../../../src/engine/retained.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import { cacheKey } from '../../../src/key/cache-key.ts';
import { presets } from '../../../src/policy/config.ts';
import { storability } from '../../../src/policy/storable.ts';
import { MemoryStore } from '../../../src/store/memory.ts';
import { put } from '../../store/shelved.ts';
import { answerTo } from './answering.ts';
import { exchangeWith, RecordingSink } from './recording-sink.ts';

const kilobyte = 1024;
const blockBytes = 64 * kilobyte;
const windowBytes = 2 * blockBytes;
// Small enough that none of it is for counting uses.
const maxBytes = 31 * blockBytes;
const head = {
  status: 200,
  fields: fieldsOf(['cache-control', 'max-age=60'], ['date', 'Thu, 15 Jan 2026 12:00:00 GMT']),
};

/** A body that the shelf lets go of after `maxObjectBytes`, with as many readers as wanted. */
function stage(maxObjectBytes: number) {
  const store = new MemoryStore({ maxBytes, maxObjectBytes, maxVariants: 4 });
  const now = Date.parse('2026-01-15T12:00:00Z');
  const times = { requestTime: now, responseTime: now, responseWallTime: now };
  const { request } = exchangeWith(new RecordingSink());
  const judged = storability({ request, requestHasContent: false, response: head, times, generation: 0 }, presets.safe);
  if (!judged.storable) throw new Error(judged.reason);
  const writer = store.begin(judged.stored, undefined);
  if (typeof writer === 'string') throw new Error(writer);
  const calls: string[] = [];
  const record = (call: string) => () => void calls.push(call);
  const body = new Retained(
    writer,
    {
      pause: record('pause'),
      resume: record('resume'),
      unread: record('unread'),
      refused: record('refused'),
      storing: () => undefined,
    },
    store,
    { windowBytes, shelfStallMs: 1_000, clock },
  );
  const reader = (): RecordingSink => {
    const sink = new RecordingSink();
    const answer = answerTo(sink);
    answer.head(head, { hit: false });
    body.add(answer);
    return sink;
  };
  return { store, body, calls, reader, stored: judged.stored };
}

const clock = new ManualClock(0);

const piece = Buffer.alloc(blockBytes, 'x');

test('a slow reader holds nobody back while the response is kept for the shelf', () => {
  const { body, calls, reader, stored, store } = stage(32 * blockBytes);
  const slow = reader();
  const fast = reader();
  slow.full = true;
  for (let i = 0; i < 16; i++) body.write(piece);
  body.complete(stored);
  expect([slow.received, fast.received]).toEqual([blockBytes, 16 * blockBytes]);
  expect(calls).not.toContain('pause');
  slow.drain();
  expect([slow.received, slow.ended, fast.ended]).toEqual([16 * blockBytes, true, true]);
  expect(store.stats().responses).toBe(1);
});

test('past the size of an object the only reader sets the pace, and the window is all that is held', () => {
  const { body, calls, reader, store } = stage(blockBytes);
  const slow = reader();
  body.write(piece);
  body.write(piece);
  expect(body.whole).toBe(false);
  slow.full = true;
  for (let i = 0; i < 4; i++) body.write(piece);
  expect(calls).toContain('pause');
  expect(store.stats().bytesUsed).toBeLessThanOrEqual(4 * blockBytes);
  slow.drain();
  expect(calls.at(-1)).toBe('resume');
  expect(slow.received).toBe(6 * blockBytes);
  body.complete(undefined);
  expect([slow.ended, store.stats().bytesUsed]).toEqual([true, 0]);
});

test('what a reader was sent counts until it has taken it', () => {
  const { body, reader, store } = stage(blockBytes);
  const slow = reader();
  body.write(piece);
  body.write(piece);
  slow.full = true;
  body.write(piece);
  expect([slow.received, store.stats().bytesUsed]).toEqual([3 * blockBytes, blockBytes]);
  slow.drain();
  expect(store.stats().bytesUsed).toBe(0);
});

test('what was taken at once does not count when a later piece is not', () => {
  const { body, reader, store } = stage(blockBytes);
  const slow = reader();
  for (let i = 0; i < 8; i++) body.write(piece);
  slow.full = true;
  body.write(piece);
  expect(store.stats().bytesUsed).toBe(blockBytes);
});

test('past the size of an object what is held counts though there is no room, and the origin waits until its reader has taken all of it', () => {
  const { body, calls, reader, store } = stage(blockBytes);
  const slow = reader();
  body.write(piece);
  body.write(piece);
  slow.full = true;
  body.write(piece);
  expect(calls).not.toContain('pause');
  expect(store.reserve(maxBytes - blockBytes)).toBe(true);
  body.write(piece);
  expect(calls.at(-1)).toBe('pause');
  expect(store.stats().bytesUsed).toBe(maxBytes + blockBytes);
  slow.drain();
  expect(calls.at(-1)).toBe('resume');
  expect(store.stats().bytesUsed).toBe(maxBytes - blockBytes);
});

test('past the size of an object a reader that keeps another waiting is let go', () => {
  const { body, calls, reader } = stage(blockBytes);
  const slow = reader();
  const fast = reader();
  slow.full = true;
  for (let i = 0; i < 5; i++) body.write(piece);
  expect([slow.aborted, fast.aborted]).toEqual([true, false]);
  expect(fast.received).toBe(5 * blockBytes);
  expect(calls).not.toContain('pause');
});

test('nobody reads and nothing is stored: the request to the origin is given up', () => {
  const { body, calls, reader } = stage(blockBytes);
  const only = reader();
  body.write(piece);
  body.write(piece);
  only.leave();
  expect(calls).toContain('unread');
});

test('a response that breaks off breaks its readers off and leaves nothing behind', () => {
  const { body, reader, store } = stage(32 * blockBytes);
  const client = reader();
  body.write(piece);
  body.abort(undefined);
  expect([client.aborted, client.ended]).toEqual([true, false]);
  expect(store.stats()).toMatchObject({ responses: 0, bytesUsed: 0 });
});

test('what was invalidated on its way is read to the end but not kept', () => {
  const { body, reader, store } = stage(32 * blockBytes);
  const client = reader();
  body.write(piece);
  body.complete(undefined);
  expect([client.ended, client.received]).toEqual([true, blockBytes]);
  expect(store.stats()).toMatchObject({ responses: 0, bytesUsed: 0 });
});

test('a reader that is behind at the end holds the window alone against the limit, not all that has passed', async () => {
  const { body, reader, store, stored } = stage(blockBytes);
  const other = { ...stored, key: cacheKey({ scheme: 'http', authority: 'other.test', target: '/' }) };
  await put(store, other, 'kept');
  await put(store, { ...other, key: cacheKey({ scheme: 'http', authority: 'other.test', target: '/2' }) }, 'kept');
  const { bytesUsed } = store.stats();
  const sink = reader();
  for (let i = 0; i < 128; i++) body.write(piece);
  sink.full = true;
  body.write(piece);
  body.write(piece);
  body.complete(stored);
  expect(sink.ended).toBe(false);
  expect(store.stats()).toMatchObject({ responses: 2, evictions: 0 });
  expect(store.stats().bytesUsed).toBeLessThanOrEqual(bytesUsed + windowBytes);
  sink.drain();
  expect(sink.ended).toBe(true);
  expect(store.stats().responses).toBe(2);
  expect(store.stats().bytesUsed).toBeLessThan(bytesUsed);
});
