import { expect, it } from 'vitest';
import type { CacheKey } from '../../src/key/cache-key.ts';
import type { ForetoldOrder, NumberedOrder, Order, OrderLog } from '../../src/store/orders.ts';
import { type Committed, pieceBytes } from '../../src/store/backing.ts';
import { type Ground, keepMs, placeOf, putRecord } from './ground.ts';
import { toldOf } from './lying.ts';

const key = 'http:9:shop.test/\xff?a=\x01 digest' as CacheKey;

/** One of each kind. */
const everyOrder: readonly Order[] = [
  { kind: 'purge', selection: { kind: 'targets', keys: [key, 'http:9:shop.test/b' as CacheKey] } },
  { kind: 'purge', selection: { kind: 'beginning', prefixes: ['http:9:shop.test/', 'https:9:shop.test/'] } },
  { kind: 'purge', selection: { kind: 'tag', tag: 'r\xe9d "quoted"' }, expiredAt: 1_795_000_000_000.25 },
  { kind: 'purge', selection: { kind: 'one', id: '0123', key } },
  { kind: 'purge', selection: { kind: 'one', id: '0123' }, expiredAt: 0 },
  { kind: 'purge', selection: { kind: 'all' } },
  { kind: 'invalidate', key },
  { kind: 'invalidate-group', group: 'http:9:shop.test#group' as CacheKey },
];

const all: Order = { kind: 'purge', selection: { kind: 'all' } };

/** Gives orders one after the other; their numbers. */
async function give(log: OrderLog, orders: readonly Order[]): Promise<number[]> {
  const numbers: number[] = [];
  for (const order of orders) numbers.push((await log.append(order)).number);
  return numbers;
}

/** What the log of any backing must do. */
export function keepsOrders(ground: () => Ground): void {
  const log = (): OrderLog => ground().backing.log;
  remembers(log);
  forgets(log);
  keepsOut(ground);
  tellsOthers(ground);
}

function remembers(log: () => OrderLog): void {
  it('begins without orders', async () => {
    expect(await log().head()).toBe(0);
    expect(await log().since(0)).toEqual({ orders: [], forgotten: 0, lost: 0 });
  });

  it('gives each order a greater number than all before, and knows the last', async () => {
    const numbers = await give(log(), everyOrder);
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
    expect(numbers[0]).toBeGreaterThan(0);
    expect(await log().head()).toBe(numbers.at(-1));
  });

  it('gives no number twice, however many are given at a time', async () => {
    const given = await Promise.all(Array.from({ length: 20 }, () => log().append(all)));
    expect(new Set(given.map(({ number }) => number)).size).toBe(20);
    expect(await log().head()).toBe(Math.max(...given.map(({ number }) => number)));
  });

  it('remembers orders of every kind, as they were given and in their order', async () => {
    const numbers = await give(log(), everyOrder);
    const numbered = everyOrder.map((order, i): NumberedOrder => ({ number: numbers[i] ?? 0, order }));
    expect(await log().since(0)).toEqual({ orders: numbered, forgotten: 0, lost: 0 });
    for (const [i, number] of numbers.entries())
      expect((await log().since(number)).orders).toEqual(numbered.slice(i + 1));
  });
}

function forgets(log: () => OrderLog): void {
  it('forgets those that it may, and says which was the last', async () => {
    const numbers = await give(log(), everyOrder);
    const gone = [numbers[1] ?? 0, numbers[3] ?? 0];
    await log().forget(gone);
    const { orders, forgotten, lost } = await log().since(0);
    expect(orders.map(({ number }) => number)).toEqual(numbers.filter((number) => !gone.includes(number)));
    expect([forgotten, lost]).toEqual([gone[1], 0]);
    await log().forget(gone);
    expect((await log().since(0)).forgotten).toBe(gone[1]);
  });

  it('goes on counting when all are forgotten', async () => {
    const numbers = await give(log(), everyOrder);
    await log().forget(numbers);
    const last = numbers.at(-1) ?? 0;
    expect(await log().head()).toBe(last);
    expect(await log().since(0)).toEqual({ orders: [], forgotten: last, lost: 0 });
    const next = (await log().append(all)).number;
    expect(next).toBeGreaterThan(last);
    expect((await log().since(0)).orders).toEqual([{ number: next, order: all }]);
  });

  it('forgets nothing where it is told no numbers, or of none of its own', async () => {
    const numbers = await give(log(), everyOrder);
    await log().forget([]);
    await log().forget([(numbers.at(-1) ?? 0) + 1]);
    expect((await log().since(0)).orders).toHaveLength(everyOrder.length);
  });
}

function keepsOut(ground: () => Ground): void {
  it.each([
    ['of one piece', 'content'],
    ['of several', 'x'.repeat(3 * pieceBytes)],
  ])(
    'puts nothing that does not know of the last order, and keeps it for when it does: content %s',
    async (_what, content) => {
      const { backing, isApart } = ground();
      const [before, last] = await give(backing.log, [all, all]);
      await putRecord(backing, placeOf(1), 'old', 'one');
      const draft = backing.draft(placeOf(1), content.length);
      const given = backing.draft(placeOf(2), content.length);
      const bytes = Buffer.from(content);
      for (let at = 0; at < bytes.length; at += pieceBytes)
        for (const each of [draft, given]) each?.write(bytes.subarray(at, at + pieceBytes));
      const stale = async (each: typeof draft): Promise<Committed | undefined> =>
        isApart === true ? 'ordered' : each?.commit(Buffer.from('new'), keepMs, before);
      expect([await stale(draft), await stale(given)]).toEqual(['ordered', 'ordered']);
      expect(await toldOf((await backing.row(placeOf(1).row)).lying)).toEqual(['old: one']);
      expect(await draft?.commit(Buffer.from('new'), keepMs, last)).toBe(true);
      expect(await toldOf((await backing.row(placeOf(1).row)).lying)).toEqual([`new: ${content}`]);
      given?.abort();
      expect(await given?.commit(Buffer.from('new'), keepMs, last)).toBe(false);
      expect((await backing.row(placeOf(2).row)).lying).toEqual([]);
    },
  );
}

function tellsOthers(ground: () => Ground): void {
  it('shows an order to whoever finds something, from the moment on that it has its number', async () => {
    const another = await ground().another();
    await putRecord(another, placeOf(1), 'head');
    const { number } = await another.log.append(all);
    expect((await ground().backing.row(placeOf(1).row)).orders).toBe(number);
    expect((await ground().backing.row(placeOf(2).row)).orders).toBe(number);
    expect(await ground().backing.log.head()).toBe(number);
    expect((await ground().backing.log.since(0)).orders).toEqual([{ number, order: all }]);
  });

  it('tells others of an order before its receipt says so, and not who has given it', async () => {
    const another = await ground().another();
    const heard: [who: string, number: number][] = [];
    const listener = (who: string) => (told: NumberedOrder | ForetoldOrder | 'gap') => {
      if (told !== 'gap' && 'number' in told) heard.push([who, told.number]);
    };
    ground().backing.log.listen(listener('backing'));
    another.log.listen(listener('another'));
    const first = await another.log.append(all);
    const receipts = await first.heard;
    const isTold = heard.some(([who, number]) => who === 'backing' && number === first.number);
    expect(isTold || receipts.every(({ ms }) => ms === undefined)).toBe(true);
    const second = await ground().backing.log.append(all);
    await second.heard;
    expect(heard).not.toContainEqual(['another', first.number]);
    expect(heard).not.toContainEqual(['backing', second.number]);
  });

  it('goes on counting where it stopped, when all have gone', async () => {
    const another = await ground().another();
    const [number] = await give(another.log, [all]);
    await another.close();
    const next = await ground().another();
    expect(await next.log.head()).toBe(number);
    expect((await next.log.since(0)).orders).toEqual([{ number, order: all }]);
    expect((await next.log.append(all)).number).toBeGreaterThan(number ?? 0);
  });
}
