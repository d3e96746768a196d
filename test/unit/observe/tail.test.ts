import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { TailRecord } from '../../../src/observe/statistics.ts';
import { Tail } from '../../../src/observe/tail.ts';

function record(status: number): TailRecord {
  return { time: '2026-01-02T03:04:05.000Z', status, client: '::1' };
}

/** A promise, and what resolves it. */
function gate(): { promise: Promise<void>; open: () => void } {
  const opened = new EventEmitter();
  return { promise: once(opened, 'open').then(() => undefined), open: () => void opened.emit('open') };
}

const limit = 1_000;

describe('the tail', () => {
  it('is followed as long as somebody listens', () => {
    const tail = new Tail();
    expect(tail.isFollowed).toBe(false);
    const leave = tail.follow(() => {});
    expect(tail.isFollowed).toBe(true);
    leave();
    expect(tail.isFollowed).toBe(false);
  });

  it('tells all listeners in order', () => {
    const tail = new Tail();
    const heard: string[] = [];
    tail.follow(({ status }) => void heard.push(`one ${status}`));
    tail.follow(({ status }) => void heard.push(`two ${status}`));
    tail.tell(record(200));
    tail.tell(record(404));
    expect(heard).toEqual(['one 200', 'two 200', 'one 404', 'two 404']);
  });

  it('holds records for a listener that wants time, and tells it how many were lost', async () => {
    const tail = new Tail();
    const heard: TailRecord[] = [];
    const blocked = gate();
    tail.follow((each) => {
      heard.push(each);
      return heard.length === 1 ? blocked.promise : undefined;
    });
    for (let status = 0; status < limit + 6; status++) tail.tell(record(status));
    expect(heard).toHaveLength(1);
    blocked.open();
    await blocked.promise;
    expect(heard).toHaveLength(limit + 1);
    tail.tell(record(-1));
    expect(heard.slice(-2)).toEqual([record(limit), { ...record(-1), lost: 5 }]);
  });

  it('does not hold up the others for a slow one', () => {
    const tail = new Tail();
    let heard = 0;
    tail.follow(() => new Promise<void>(() => {}));
    tail.follow(() => void heard++);
    for (let n = 0; n < 10; n++) tail.tell(record(n));
    expect(heard).toBe(10);
  });

  it.each<[string, () => Promise<void>]>([
    [
      'throws',
      () => {
        throw new Error('gone');
      },
    ],
    ['rejects', () => Promise.reject(new Error('gone'))],
  ])('leaves a listener that %s alone, and the request unharmed', async (_, fail) => {
    const tail = new Tail();
    tail.follow(fail);
    tail.tell(record(200));
    await Promise.resolve();
    expect(tail.isFollowed).toBe(false);
  });

  it('tells nothing that waited to a listener that has left', async () => {
    const tail = new Tail();
    const heard: number[] = [];
    const blocked = gate();
    const leave = tail.follow(({ status }) => {
      heard.push(status);
      return blocked.promise;
    });
    tail.tell(record(1));
    tail.tell(record(2));
    leave();
    blocked.open();
    await blocked.promise;
    expect(heard).toEqual([1]);
  });
});
