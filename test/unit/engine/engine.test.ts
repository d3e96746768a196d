import { expect, test } from 'vitest';
import { fieldsFrom, fieldsOf, fieldValue, withLine } from '../../../src/http/fields.ts';
import type { CacheKey } from '../../../src/key/cache-key.ts';
import type { MemoryStore } from '../../../src/store/memory.ts';
import { date, stage } from './engine-stage.ts';
import type { RecordingSink } from './recording-sink.ts';

const status = (sink: RecordingSink): string | undefined =>
  fieldValue(sink.heads.at(-1)?.fields ?? fieldsOf(), 'cache-status');

test('a request that has been here before is refused with 508 and never forwarded', () => {
  const { ask, origin, records } = stage();
  const sink = ask('/', (exchange) => ({
    ...exchange,
    request: { ...exchange.request, fields: withLine(exchange.request.fields, 'via', '1.1 other, 1.1 etagere-1') },
  }));
  expect([sink.heads[0]?.status, origin.arrivals.length, records[0]?.error]).toEqual([508, 0, 'REQUEST_LOOP']);
});

test('OPTIONS that may not be forwarded is answered, also in a loop', () => {
  const { ask, origin, records } = stage();
  const lines = ['max-forwards', '0', 'via', '1.1 etagere-1'] as const;
  const sink = ask('/', (exchange) => ({
    ...exchange,
    request: { ...exchange.request, method: 'OPTIONS', fields: fieldsFrom(lines) },
  }));
  expect([sink.heads[0]?.status, sink.ended, origin.arrivals.length]).toEqual([204, true, 0]);
  expect(records[0]?.cacheStatus).toEqual({ hit: false, detail: 'max-forwards' });
});

test('no more validations run in the background than their limit says', async () => {
  const { clock, ask, answer, origin } = stage({ maxBackgroundFills: 1 });
  for (const [index, target] of ['/a', '/b'].entries()) {
    ask(target);
    answer(index, ['cache-control', 'max-age=1, stale-while-revalidate=60']);
  }
  await clock.advance(5_000, () => Promise.resolve());
  expect([status(ask('/a')), status(ask('/b'))]).toEqual(
    Array(2).fill('etagere; hit; ttl=-4; detail=stale-while-revalidate'),
  );
  expect(origin.arrivals.slice(2).map(({ target }) => target)).toEqual(['/a']);
  answer(2, ['cache-control', 'max-age=60']);
  ask('/b');
  expect(origin.arrivals.slice(3).map(({ target }) => target)).toEqual(['/b']);
});

test('requests do not wait for one another once a response was not shareable, and wait again once that is forgotten', () => {
  const { ask, answer, origin } = stage({ maxUnshareableKeys: 1 });
  const privately = (target: string): void => {
    const first = origin.arrivals.length;
    ask(target);
    ask(target);
    answer(first, ['cache-control', 'private']);
    answer(first + 1, ['cache-control', 'private']);
  };
  privately('/a');
  const before = origin.arrivals.length;
  ask('/a');
  ask('/a');
  expect(origin.arrivals.length - before).toBe(2);
  for (const index of [before, before + 1]) answer(index, ['cache-control', 'private']);
  privately('/b');
  const after = origin.arrivals.length;
  ask('/a');
  ask('/a');
  expect(origin.arrivals.length - after).toBe(1);
});

test('a store that answers late or fails is a miss, not an error', async () => {
  for (const late of [() => Promise.resolve([]), () => Promise.reject(new Error('disk on fire'))]) {
    const trouble = late();
    const { ask, answer, origin } = stage(
      {},
      (store) => new Proxy(store, { get: (target, name) => (name === 'lookup' ? () => trouble : bound(target, name)) }),
    );
    const sink = ask('/');
    await trouble.catch(() => undefined);
    await Promise.resolve();
    expect(origin.arrivals).toHaveLength(1);
    answer(0, ['cache-control', 'max-age=60']);
    await new Promise(setImmediate);
    expect([sink.ended, status(sink)]).toEqual([true, 'etagere; fwd=uri-miss; stored']);
  }
});

test('what a slow store read before a purge is not used after it', async () => {
  const { engine, ask, origin, answer } = stage(
    {},
    (store) =>
      new Proxy(store, {
        get: (target, name) =>
          name === 'lookup' ? (key: CacheKey) => Promise.resolve(target.lookup(key)) : bound(target, name),
      }),
  );
  ask('/');
  await new Promise(setImmediate);
  answer(0, ['cache-control', 'max-age=60']);
  await new Promise(setImmediate);
  const sink = ask('/');
  await engine.operations.purge({ kind: 'all' }, 'hard');
  await new Promise(setImmediate);
  expect([origin.arrivals.length, sink.heads.length]).toEqual([2, 0]);
});

function bound(target: MemoryStore, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
}

test('draining waits for every answer in progress', async () => {
  const { engine, ask, answer } = stage();
  ask('/');
  let drained = false;
  const draining = engine.drain().then(() => {
    drained = true;
  });
  await Promise.resolve();
  expect(drained).toBe(false);
  answer(0);
  await draining;
  expect(drained).toBe(true);
});

test('the record of an exchange says what happened to it, once', () => {
  const { ask, answer, records, origin } = stage();
  ask('/left').leave();
  ask('/whole');
  answer(1, ['cache-control', 'max-age=60']);
  ask('/whole');
  ask('/broken');
  origin.arrivals[2]?.fail('ORIGIN_BROKEN');
  expect(
    records.map(({ request, status: code, end, error, cacheStatus }) => [
      request.target,
      code,
      end,
      error,
      cacheStatus.hit,
    ]),
  ).toEqual([
    ['/left', 0, 'client-left', undefined, false],
    ['/whole', 200, 'complete', undefined, false],
    ['/whole', 200, 'complete', undefined, true],
    ['/broken', 502, 'complete', 'ORIGIN_BROKEN', false],
  ]);
});

test('a client that leaves before the head ends the request to the origin', () => {
  const { ask, origin } = stage();
  ask('/').leave();
  expect(origin.arrivals[0]?.withdrawn).toBe(true);
});

test('a validation in the background that fails is told, although every client was answered', async () => {
  const { clock, ask, answer, origin, failures } = stage();
  ask('/a');
  answer(0, ['cache-control', 'max-age=1, stale-while-revalidate=60, stale-if-error=60']);
  await clock.advance(5_000, () => Promise.resolve());
  ask('/a');
  origin.arrivals[1]?.fail('ORIGIN_REFUSED');
  ask('/a');
  origin.arrivals[2]?.head({ status: 503, fields: fieldsOf(date) });
  origin.arrivals[2]?.end();
  expect(failures.map(({ request, status: code, error }) => [request.target, code, error])).toEqual([
    ['/a', 0, 'ORIGIN_REFUSED'],
    ['/a', 503, undefined],
  ]);
});

test('a response that outgrows the shelf on its way is logged as what became of it', () => {
  const { ask, origin, records } = stage();
  const sink = ask('/');
  origin.arrivals[0]?.head({ status: 200, fields: fieldsOf(date, ['cache-control', 'max-age=60']) });
  expect(status(sink)).toBe('etagere; fwd=uri-miss; stored');
  origin.arrivals[0]?.write(Buffer.alloc(2 * 2 ** 20));
  origin.arrivals[0]?.end();
  expect(records[0]?.cacheStatus).toMatchObject({ stored: false, detail: 'too-large' });
});

test('followers of an origin that hangs ask it themselves only so many at once', async () => {
  const { clock, ask, origin, records } = stage({ maxFanOut: 3, followerTimeoutMs: 1_000 });
  for (let i = 0; i < 20; i++) ask('/');
  await clock.advance(2_000, () => Promise.resolve());
  expect(origin.arrivals).toHaveLength(4);
  expect(records.filter(({ error }) => error === 'WAITERS_FULL')).toHaveLength(16);
});

test('what no client waits for any more has a deadline', async () => {
  const { clock, ask, origin } = stage({ unattendedFillMs: 1_000 });
  const sink = ask('/');
  origin.arrivals[0]?.head({ status: 200, fields: fieldsOf(date, ['cache-control', 'max-age=60']) });
  origin.arrivals[0]?.write(Buffer.from('drip'));
  sink.leave();
  expect(origin.arrivals[0]?.withdrawn).toBe(false);
  await clock.advance(2_000, () => Promise.resolve());
  expect(origin.arrivals[0]?.withdrawn).toBe(true);
});

test('a client that takes nothing is let go, and the origin with it', async () => {
  const { clock, ask, origin, records } = stage({ clientStallMs: 1_000 });
  const sink = ask('/');
  sink.full = true;
  origin.arrivals[0]?.head({ status: 200, fields: fieldsOf(date, ['cache-control', 'no-store']) });
  origin.arrivals[0]?.write(Buffer.from('some'));
  await clock.advance(2_000, () => Promise.resolve());
  expect([sink.aborted, origin.arrivals[0]?.withdrawn, records[0]?.error]).toEqual([true, true, 'READER_TOO_SLOW']);
});

test('a client that goes on taking something is not let go', async () => {
  const { clock, ask, origin } = stage({ clientStallMs: 1_000 });
  const sink = ask('/');
  sink.full = true;
  origin.arrivals[0]?.head({ status: 200, fields: fieldsOf(date, ['cache-control', 'no-store']) });
  for (let i = 0; i < 5; i++) {
    origin.arrivals[0]?.write(Buffer.from('some'));
    await clock.advance(900, () => Promise.resolve());
    sink.drain();
    sink.full = true;
  }
  expect(sink.aborted).toBe(false);
});

test('content that lies in one piece on the shelf is sent in pieces, each of which a slow client may take by itself', () => {
  const { ask, origin } = stage();
  ask('/');
  const length = 2 ** 19;
  const lines = [['content-length', String(length)] as const, ['cache-control', 'max-age=60'] as const];
  origin.arrivals[0]?.head({ status: 200, fields: fieldsOf(date, ...lines) });
  origin.arrivals[0]?.write(Buffer.alloc(length));
  origin.arrivals[0]?.end();
  const sink = ask('/');
  expect(sink.received).toBe(length);
  expect(sink.chunks.map((chunk) => chunk.length).filter((size) => size > 64 * 1024)).toEqual([]);
});

test('everyone who drains is told when all is answered', async () => {
  const { engine, ask, answer } = stage();
  ask('/');
  const both = Promise.all([engine.drain(), engine.drain()]);
  answer(0);
  await expect(both).resolves.toHaveLength(2);
});
