import { describe, expect, it } from 'vitest';
import type { Arriving } from '../../../src/engine/events.ts';
import { type NotStored, NotStoredHeads } from '../../../src/engine/not-stored.ts';
import { cacheKey } from '../../../src/key/cache-key.ts';
import type { RequestHead } from '../../../src/http/message.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import { MemoryStore } from '../../../src/store/memory.ts';
import { stage } from './engine-stage.ts';
import { exchangeWith, RecordingSink } from './recording-sink.ts';

/** A shelf that has room for all. */
const roomy = { reserve: () => true, release: () => undefined, stats: () => ({ bytesLimit: 2 ** 30 }) };

const head = (target: string): RequestHead => exchangeWith(new RecordingSink(), target).request;

/** What is remembered of a target once the origin has answered it so. */
async function rememberedAfter(...lines: (readonly [string, string])[]): Promise<NotStored | undefined> {
  const { ask, answer, engine } = stage();
  ask('/a');
  answer(0, ...lines);
  return (await engine.operations.inspect(head('/a'))).lastNotStored;
}

describe('a response that was not stored', () => {
  it('is remembered with its reason, and with what a cache decides by', async () => {
    const remembered = await rememberedAfter(['cache-control', 'private, max-age=60'], ['x-secret', 'yes']);
    expect(remembered).toMatchObject({ reason: 'private', response: { status: 200 } });
    expect(remembered?.response.fields).toEqual(
      fieldsOf(['date', expect.any(String)], ['cache-control', 'private, max-age=60']),
    );
  });

  it.each([
    ['id=alice; Path=/', 'id=…; Path=/'],
    ['alice; Path=/', '…; Path=/'],
  ])('is remembered without the value of a cookie: %s', async (sent, kept) => {
    const remembered = await rememberedAfter(['set-cookie', sent], ['cache-control', 'max-age=60']);
    expect(remembered?.reason).toBe('set-cookie');
    expect(remembered?.response.fields).toContain(kept);
  });

  it('is forgotten as a whole where its head is long', async () => {
    const vary = Array.from({ length: 600 }, (_, index) => `x-${index}-field`).join();
    expect(await rememberedAfter(['vary', vary], ['cache-control', 'max-age=60'])).toBeUndefined();
  });

  it.each([
    ['another method', 'POST', 200],
    ['HEAD', 'HEAD', 200],
    ['a precondition', 'GET', 304],
    ['a precondition that fails', 'GET', 412],
    ['a range that there is not', 'GET', 416],
  ])('is not remembered where it answers %s', async (_what, method, status) => {
    const { ask, origin, date, engine } = stage();
    ask('/a', (exchange) => ({ ...exchange, request: { ...exchange.request, method } }));
    origin.arrivals[0]?.head({ status, fields: fieldsOf(date, ['cache-control', 'private']) });
    origin.arrivals[0]?.end();
    expect((await engine.operations.inspect(head('/a'))).lastNotStored).toBeUndefined();
  });

  it('is not one that was stored', async () => {
    expect(await rememberedAfter(['cache-control', 'max-age=60'])).toBeUndefined();
  });

  it('gives way to more recent ones beyond the limit', async () => {
    const { ask, answer, engine } = stage({ maxNotStoredHeads: 2 });
    for (const [index, target] of ['/a', '/b', '/a', '/c'].entries()) {
      ask(target);
      answer(index, ['cache-control', 'no-store']);
    }
    const remembered = async (target: string): Promise<boolean> =>
      (await engine.operations.inspect(head(target))).lastNotStored !== undefined;
    expect([await remembered('/a'), await remembered('/b'), await remembered('/c')]).toEqual([true, false, true]);
  });

  it('counts against the limit of the shelf, with its key, until it is forgotten', () => {
    const reserved: number[] = [];
    let held = 0;
    const heads = new NotStoredHeads(2, {
      ...roomy,
      reserve: (bytes) => {
        held += bytes;
        return reserved.push(bytes) > 0;
      },
      release: (bytes) => {
        held -= bytes;
      },
    });
    const [first, long, again] = [arriving('/a'), arriving(`/${'b'.repeat(1_000)}`), arriving('/a', fieldsOf())];
    for (const each of [first, long, again]) heads.add(each, 'private');
    const [ofFirst = 0, ofLong = 0, ofAgain = 0] = reserved;
    expect(ofLong - ofFirst).toBe(999);
    expect(ofAgain).toBeLessThan(ofFirst);
    expect(held).toBe(ofLong + ofAgain);
    heads.add(arriving('/c'), 'private');
    expect(held).toBe(ofAgain + ofFirst);
  });

  it('is not remembered where the shelf has no room for it, or its key is long', () => {
    const full = new NotStoredHeads(10, { ...roomy, reserve: () => false });
    full.add(arriving('/a'), 'private');
    expect(full.find(arriving('/a').key)).toBeUndefined();
    const heads = new NotStoredHeads(10, roomy);
    const long = arriving(`/${'a'.repeat(4_096)}`);
    heads.add(long, 'private');
    expect(heads.find(long.key)).toBeUndefined();
  });

  it('takes no more than a 64th of the shelf with all others', () => {
    const store = new MemoryStore({ maxBytes: 2 ** 20, maxObjectBytes: 2 ** 18, maxVariants: 4 });
    const heads = new NotStoredHeads(1_000, store);
    for (let index = 0; index < 100; index++) heads.add(arriving(`/${index}`), 'private');
    expect(store.stats().bytesUsed).toBeLessThanOrEqual(2 ** 20 / 64);
    expect([heads.find(arriving('/0').key), heads.find(arriving('/99').key)?.reason]).toEqual([undefined, 'private']);
  });

  it('takes the room of several where it is longer than most', () => {
    const heads = new NotStoredHeads(4, roomy);
    const all = [0, 1, 2, 3].map((index) => arriving(`/${index}${'x'.repeat(3_000)}`));
    for (const each of all) heads.add(each, 'private');
    expect(all.map(({ key }) => heads.find(key) !== undefined)).toEqual([false, false, false, true]);
  });
});

function arriving(target: string, fields = fieldsOf(['cache-control', 'private'])): Arriving {
  const request = head(target);
  const times = { requestTime: 0, responseTime: 0, responseWallTime: 0 };
  return {
    key: cacheKey(request),
    request,
    requestHasContent: false,
    response: { status: 200, fields },
    times,
    generation: 0,
  };
}
