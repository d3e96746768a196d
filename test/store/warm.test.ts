import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { lifetimeEnding } from '../../src/policy/age.ts';
import type { Place } from '../../src/store/backing.ts';
import type { HotList } from '../../src/store/lower.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import { TieredStore } from '../../src/store/tiered.ts';
import { Warm } from '../../src/store/warm.ts';
import { contractLimits } from './shelf-contract.ts';
import { LowerDouble } from './lower-double.ts';
import { put, responseTo, textsAt } from './shelved.ts';
import { turnstile } from './turnstile.ts';

/** A clock that a test moves, also in the middle of something. */
class TestClock {
  now = 0;
  #alarm: { readonly at: number; readonly callback: () => void } | undefined;

  steady(): number {
    return this.now;
  }

  wall(): number {
    return this.now;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    this.#alarm = { at: this.now + delayMs, callback };
    return () => {
      this.#alarm = undefined;
    };
  }

  advance(ms: number): void {
    this.now += ms;
    if (this.#alarm === undefined || this.#alarm.at > this.now) return;
    const { callback } = this.#alarm;
    this.#alarm = undefined;
    callback();
  }
}

class HotDouble implements HotList {
  saved: (readonly Place[])[] = [];
  places: readonly Place[] = [];
  fails = false;

  save(places: readonly Place[]): void {
    if (this.fails) throw new Error('EIO');
    this.saved.push(places);
  }

  read(limit: number): readonly Place[] {
    if (this.fails) throw new Error('EIO');
    return this.places.slice(0, limit);
  }
}

/** A shelf with those targets on it, most used first, beneath an empty memory. */
async function cold(targets: readonly string[], { warmMs = 2_000, maxBytes = contractLimits.maxBytes } = {}) {
  const clock = new TestClock();
  const lower = new LowerDouble();
  for (const [serial, target] of targets.entries())
    await put(lower.memory, { ...responseTo(target), serial: serial + 1 }, target.repeat(1_000));
  const memory = new MemoryStore({ ...contractLimits, maxBytes, givenSerials: true });
  const store = new TieredStore({ memory, lower, kind: 'disk', clock, lifetimeEnding });
  const hot = new HotDouble();
  hot.places = targets.map((target) => lower.placeOf(responseTo(target)));
  const warm = new Warm({ memory, lower, hot, bring: (place) => store.bring(place), clock, warmMs });
  return { clock, lower, memory, store, hot, warm };
}

describe('a memory that begins warm', () => {
  it('has what was used most, and nothing of what has left the shelf', async () => {
    const { warm, memory, hot, lower } = await cold(['/a', '/b']);
    hot.places = [...hot.places, lower.placeOf(responseTo('/gone'))];
    await warm.start();
    expect(memory.stats().responses).toBe(2);
    expect(await textsAt(memory, responseTo('/a'))).toEqual(['/a'.repeat(1_000)]);
  });

  it('stops when its time is over', async () => {
    const { warm, memory, lower, clock } = await cold(['/a', '/b', '/c']);
    const at = lower.at.bind(lower);
    lower.at = (place) => {
      clock.advance(1_000);
      return at(place);
    };
    await warm.start();
    expect(memory.stats().responses).toBe(2);
  });

  it('is not filled at all without a time for it', async () => {
    const { warm, memory } = await cold(['/a'], { warmMs: 0 });
    await warm.start();
    expect(memory.stats().responses).toBe(0);
  });

  it('keeps room for what is asked for now', async () => {
    const targets = Array.from({ length: 60 }, (_, i) => `/target-${i}`);
    const { warm, memory } = await cold(targets, { maxBytes: 200_000 });
    await warm.start();
    const { bytesUsed, evictions } = memory.stats();
    expect(bytesUsed).toBeGreaterThan(150_000);
    expect(evictions).toBe(0);
  });

  it('leaves what memory has already', async () => {
    const { warm, memory } = await cold(['/a']);
    await put(memory, { ...responseTo('/a'), serial: 99 }, 'newer');
    await warm.start();
    expect(await textsAt(memory, responseTo('/a'))).toEqual(['newer']);
  });

  it('does not bring what is purged while it is read', async () => {
    const { warm, store, memory, lower } = await cold(['/a']);
    const { opened, open } = turnstile();
    const at = lower.at.bind(lower);
    lower.at = (place) => {
      const found = at(place);
      return opened.then(() => found);
    };
    const started = warm.start();
    await Promise.resolve();
    await store.purge({ selection: { kind: 'all' }, before: 1 });
    open();
    await started;
    expect(memory.stats().responses).toBe(0);
  });

  it('keeps what it brings after an order of others about all that there was', async () => {
    const { warm, store, memory, lower } = await cold(['/a']);
    store.onOrder(() => 1);
    // As a shelf that is shared tells when it is open: memory is gone over a turn later.
    lower.tell({ kind: 'purge', selection: { kind: 'all' } });
    await warm.start();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await textsAt(memory, responseTo('/a'))).toEqual(['/a'.repeat(1_000)]);
  });

  it('begins cold where the list can not be read', async () => {
    const { warm, memory, hot } = await cold(['/a']);
    hot.fails = true;
    await warm.start();
    expect(memory.stats().responses).toBe(0);
  });
});

describe('what was used most', () => {
  it('is written down every half minute and at the end, the last used first', async () => {
    const { warm, hot, store, clock, lower } = await cold(['/a', '/b']);
    await warm.start();
    clock.advance(29_999);
    expect(hot.saved).toEqual([]);
    await store.lookup(responseTo('/a').key);
    clock.advance(1);
    await turn();
    expect(hot.saved.at(-1)).toEqual(['/a', '/b'].map((target) => lower.placeOf(responseTo(target))));
    await store.lookup(responseTo('/b').key);
    clock.advance(30_000);
    await turn();
    expect(hot.saved.at(-1)).toEqual(['/b', '/a'].map((target) => lower.placeOf(responseTo(target))));
    await warm.close();
    expect(hot.saved).toHaveLength(3);
    clock.advance(60_000);
    await turn();
    expect(hot.saved).toHaveLength(3);
  });

  it('is not forgotten for a process that ends before memory was filled', async () => {
    const { warm, hot, lower } = await cold(['/a']);
    const { opened, open } = turnstile();
    lower.at = () => opened.then(() => undefined);
    const started = warm.start();
    await warm.close();
    open();
    await started;
    expect(hot.saved).toEqual([]);
  });

  it('stays as it was where it can not be written', async () => {
    const { warm, hot } = await cold(['/a']);
    await warm.start();
    hot.fails = true;
    await warm.close();
    expect(hot.saved).toEqual([]);
  });
});
