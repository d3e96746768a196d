import { describe, expect, it } from 'vitest';
import { LoadWatch, type Shedding } from '../../../src/engine/load-watch.ts';

const boundMs = 500;

/** A loop that is as late as it is told, each time that it is looked at. */
class LateLoop {
  #now = 0;
  #due: { readonly at: number; readonly callback: () => void } | undefined;

  steady(): number {
    return this.#now;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    this.#due = { at: this.#now + delayMs, callback };
    return () => {
      this.#due = undefined;
    };
  }

  get isWatched(): boolean {
    return this.#due !== undefined;
  }

  /** The next looks, each that late. */
  late(...delaysMs: readonly number[]): void {
    for (const delayMs of delaysMs) {
      const { at, callback } = this.#due ?? { at: this.#now, callback: () => undefined };
      this.#now = at + delayMs;
      callback();
    }
  }
}

function watched(bound = boundMs): { loop: LateLoop; watch: LoadWatch; told: (readonly [Shedding, number])[] } {
  const loop = new LateLoop();
  const told: (readonly [Shedding, number])[] = [];
  const onChange = (shedding: Shedding, delayMs: number): void => void told.push([shedding, delayMs]);
  const watch = new LoadWatch({ clock: loop, boundMs: bound, onChange });
  watch.start();
  return { loop, watch, told };
}

describe('the watch on the load', () => {
  it('turns away misses first, and new connections only if the loop is late still', () => {
    const { loop, watch, told } = watched();
    const levels = [501, 501, 501, 501, 501, 501].map((delayMs) => {
      loop.late(delayMs);
      return watch.shedding;
    });
    expect(levels).toEqual(['nothing', 'misses', 'misses', 'connections', 'connections', 'connections']);
    expect(told).toEqual([
      ['misses', 501],
      ['connections', 501],
    ]);
  });

  it('lets connections in before misses, each after the loop was well below the bound for a while', () => {
    const { loop, watch, told } = watched();
    loop.late(501, 501, 501, 501);
    const levels = Array.from({ length: 10 }, () => {
      loop.late(249);
      return watch.shedding;
    });
    expect(levels).toEqual([
      ...Array.from({ length: 4 }, () => 'connections'),
      ...Array.from({ length: 5 }, () => 'misses'),
      'nothing',
    ]);
    expect(told.slice(2)).toEqual([
      ['misses', 249],
      ['nothing', 249],
    ]);
  });

  it('takes a single pause, however long, for none', () => {
    const { loop, watch, told } = watched();
    loop.late(60_000, 0, 60_000, 0, 501, 500, 501);
    expect(watch.shedsMisses).toBe(false);
    expect(told).toEqual([]);
  });

  it('stays as it is between half of the bound and the bound', () => {
    const { loop, watch } = watched();
    loop.late(501, 501, ...Array.from({ length: 50 }, () => 250), 500, 500);
    expect(watch.shedding).toBe('misses');
    loop.late(0, 0, 0, 0, 300, 0, 0, 0, 0);
    expect(watch.shedding).toBe('misses');
  });

  it('turns nothing away once it was stopped, and looks no more', () => {
    const { loop, watch } = watched();
    loop.late(501, 501);
    watch.stop();
    expect([watch.shedsMisses, loop.isWatched]).toEqual([false, false]);
  });

  it('does not look where the bound is 0', () => {
    expect(watched(0).loop.isWatched).toBe(false);
  });
});
