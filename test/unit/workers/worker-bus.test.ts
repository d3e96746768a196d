import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ForetoldOrder, NumberedOrder } from '../../../src/store/orders.ts';
import { Link } from '../../../src/workers/link.ts';
import { WorkerBus } from '../../../src/workers/worker-bus.ts';
import { WorkerClaims } from '../../../src/workers/worker-claims.ts';
import { Crew } from './crew.ts';

const order: NumberedOrder = { number: 7, order: { kind: 'purge', selection: { kind: 'tag', tag: 'news' } } };

function busOf(crew: Crew): {
  bus: WorkerBus;
  leave: (how: 'asked to' | 'died') => void;
  heard: (NumberedOrder | ForetoldOrder)[];
} {
  const { channel, leave } = crew.join();
  const bus = new WorkerBus(new Link(channel));
  const heard: (NumberedOrder | ForetoldOrder)[] = [];
  return { bus, leave, heard };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('orders between workers', () => {
  it('are in force at every other worker when the one that gave them hears so', async () => {
    const crew = new Crew();
    const [first, second, third] = [busOf(crew), busOf(crew), busOf(crew)];
    for (const { bus, heard } of [first, second, third]) void bus.listen((each) => heard.push(each));
    await vi.advanceTimersByTimeAsync(0);
    expect(await first.bus.tell(order)).toEqual([
      { instance: 'worker 2', ms: 0 },
      { instance: 'worker 3', ms: 0 },
    ]);
    expect(second.heard).toEqual([order]);
    expect(third.heard).toEqual([order]);
    expect(first.heard).toEqual([]);
  });

  it('are heard of when they are foretold, before they have a number', async () => {
    const crew = new Crew();
    const [first, second] = [busOf(crew), busOf(crew)];
    for (const { bus, heard } of [first, second]) void bus.listen((each) => heard.push(each));
    await vi.advanceTimersByTimeAsync(0);
    const foretold = { foretoldAs: 'one', order: order.order };
    void first.bus.foretell(foretold);
    await first.bus.tell({ ...order, foretoldAs: 'one' });
    expect(second.heard).toEqual([foretold, { ...order, foretoldAs: 'one' }]);
    expect(first.heard).toEqual([]);
  });

  it('name a worker that does not say so in time, and wait for it no longer', async () => {
    const crew = new Crew();
    const [first, second] = [busOf(crew), crew.join()];
    void second.channel.send({ kind: 'takes', of: 'order' });
    await vi.advanceTimersByTimeAsync(0);
    const told = first.bus.tell(order);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await told).toEqual([{ instance: 'worker 2', ms: undefined }]);
  });

  it('do not wait for a worker that dies meanwhile', async () => {
    const crew = new Crew();
    const [first, second] = [busOf(crew), crew.join()];
    void second.channel.send({ kind: 'takes', of: 'order' });
    await vi.advanceTimersByTimeAsync(0);
    const told = first.bus.tell(order);
    await vi.advanceTimersByTimeAsync(10);
    second.leave('died');
    await vi.advanceTimersByTimeAsync(0);
    expect(await told).toEqual([]);
  });

  it('are not answered by what is heard of a claim that has the same number', async () => {
    const crew = new Crew();
    const [{ channel }, second] = [crew.join(), crew.join()];
    const [bus, claims] = [new WorkerBus(new Link(channel)), new WorkerClaims(channel)];
    void second.channel.send({ kind: 'takes', of: 'order' });
    await vi.advanceTimersByTimeAsync(0);
    const told = bus.tell(order);
    expect((await claims.claim('a')).kind).toBe('granted');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await told).toEqual([{ instance: 'worker 2', ms: undefined }]);
  });

  it('are no matter of a worker that has no shelf open yet', async () => {
    const crew = new Crew();
    const [first, second] = [busOf(crew), busOf(crew)];
    await vi.advanceTimersByTimeAsync(0);
    expect(await first.bus.tell(order)).toEqual([]);
    expect(second.heard).toEqual([]);
  });

  it('are missed by none who was told that it listens', async () => {
    const crew = new Crew();
    const [first, { channel }] = [busOf(crew), crew.join()];
    let isOnItsWay = true;
    const waiting: (() => void)[] = [];
    const slow: typeof channel = {
      listen: (listener) => channel.listen(listener),
      send: async (message) => {
        if (isOnItsWay) await new Promise<void>((resolve) => waiting.push(resolve));
        await channel.send(message);
      },
    };
    let listens = false;
    const heard: (NumberedOrder | ForetoldOrder)[] = [];
    const listening = new WorkerBus(new Link(slow)).listen((each) => heard.push(each)).then(() => (listens = true));
    expect(await first.bus.tell(order)).toEqual([]);
    expect(listens).toBe(false);
    isOnItsWay = false;
    for (const handOn of waiting) handOn();
    await listening;
    expect(await first.bus.tell(order)).toEqual([{ instance: 'worker 2', ms: 0 }]);
    expect(heard).toEqual([order]);
  });

  it('are acknowledged by none where the primary process is gone', async () => {
    const crew = new Crew();
    const first = busOf(crew);
    first.leave('died');
    const told = first.bus.tell(order);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await told).toEqual([]);
  });
});
