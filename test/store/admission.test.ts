import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/play/manual-clock.ts';
import { lifetimeEnding } from '../../src/policy/age.ts';
import { admissionFor } from '../../src/store/admission.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import type { StoredResponse } from '../../src/policy/stored.ts';
import type { Nominating } from '../../src/store/store.ts';
import { TieredStore } from '../../src/store/tiered.ts';
import { afterChange, afterScan, capacity, inFlood, popular, SimulatedShelf } from '../bench/traces.ts';
import { backedShelf } from './backed-shelf.ts';
import { HeapBacking, HeapGround } from './heap-backing.ts';
import { beginStoring, put, responseTo } from './shelved.ts';

const hot = 0.8 * capacity;

/** The share of the window, where one response may have that share. */
function windowOf(share: number): number {
  const { windowBytes, maxBytes } = admissionFor({ maxBytes: 2 ** 28, maxObjectBytes: share * 2 ** 28 });
  return windowBytes / maxBytes;
}

describe('what is asked for again and again', () => {
  it.each([
    { objects: hot, exponent: 0, floodForEach: 1 },
    { objects: hot, exponent: 0.8, floodForEach: 4 },
    { objects: hot, exponent: 0.8, floodForEach: 19 },
    { objects: 3 * capacity, exponent: 0.8, floodForEach: 4 },
  ])('keeps nine tenths of its hits in a flood of what comes once: %o', ({ objects, exponent, floodForEach }) => {
    const next = (): (() => string) => popular('/hot', objects, exponent);
    const ours = inFlood('by use', next(), floodForEach);
    expect(ours.during / ours.before).toBeGreaterThan(0.9);
    const least = inFlood('least recently used', next(), floodForEach);
    expect(least.during).toBeLessThan(ours.during);
    // And where there is no flood, little is lost by it.
    expect(ours.before).toBeGreaterThan(0.95 * least.before);
  });

  it('is there when something has gone through everything once', () => {
    const { before, after } = afterScan('by use', popular('/hot', hot, 0.8));
    expect(after / before).toBeGreaterThan(0.9);
    expect(afterScan('least recently used', popular('/hot', hot, 0.8)).after).toBeLessThan(0.5);
  });

  it('is something else after a while: the shelf follows', () => {
    const ratios = afterChange('by use', popular('/old', hot, 0.8), popular('/new', hot, 0.8), 12);
    expect(ratios.at(-1)).toBeGreaterThan(0.9);
    expect(ratios[0]).toBeLessThan(0.7);
  });

  it('is known from a few requests, at once, while it is in the window', () => {
    const shelf = new SimulatedShelf('by use');
    shelf.hitRatio(20 * capacity, popular('/hot', 3 * capacity, 0.8));
    expect(Array.from({ length: 5 }, () => shelf.ask('/news'))).toEqual([false, true, true, true, true]);
  });
});

/** One of the variants of a URL, and a request that selects it. */
function variant(language: string): Nominating & { readonly stored: StoredResponse } {
  const stored = responseTo('/varied', language);
  return { stored, variant: () => stored.variant };
}

describe('the memory shelf', () => {
  const limits = { maxBytes: 2 ** 21, maxObjectBytes: 2 ** 20, maxVariants: 4, seed: [5, 0x9e3779b1] } as const;
  const content = 'x'.repeat(8_000);

  it('never holds more than its limit without the bytes that count', async () => {
    const store = new MemoryStore(limits);
    for (let i = 0; i < 1_000; i++) await put(store, responseTo(`/${i % 300}`), content);
    const { bytesUsed, evictions } = store.stats();
    expect(evictions).toBeGreaterThan(0);
    expect(bytesUsed).toBeLessThanOrEqual(limits.maxBytes - limits.maxBytes / 128);
    expect(store.reserve(limits.maxBytes - limits.maxBytes / 128)).toBe(true);
    expect(store.reserve(1)).toBe(false);
  });

  it('tells what has gone as it was new', async () => {
    const store = new MemoryStore(limits);
    for (let i = 0; i < 150; i++) {
      await put(store, responseTo(`/${i}`), content);
      store.lookup(responseTo(`/${i}`).key);
    }
    for (let i = 0; i < 500; i++) await put(store, responseTo(`/once/${i}`), content);
    const { evictions, unprovenEvictions } = store.stats();
    expect(unprovenEvictions).toBeGreaterThan(400);
    expect(evictions).toBeGreaterThanOrEqual(unprovenEvictions);
    const left = Array.from({ length: 150 }, (_, i) => store.peek(responseTo(`/${i}`).key).length);
    expect(left.filter((found) => found > 0).length).toBeGreaterThan(130);
  });

  it('has nothing go for variants of one URL that nobody asks for twice, and of those keeps what is in use', async () => {
    const store = new MemoryStore({ ...limits, maxVariants: 40 });
    const inUse = Array.from({ length: 190 }, (_, i) => responseTo(`/${i}`));
    const german = variant('de');
    const ask = (): boolean => {
      const found = store.lookup(german.stored.key, german);
      const hit = found.find(({ stored }) => stored.variant === german.stored.variant);
      if (hit !== undefined) store.used(hit.stored);
      return hit !== undefined;
    };
    for (const stored of inUse) await put(store, stored, content);
    await put(store, german.stored, content);
    for (let round = 0; round < 4; round++) {
      ask();
      for (const { key } of inUse) store.lookup(key);
    }
    let hits = 0;
    for (let i = 0; i < 500; i++) {
      if (i % 10 === 0) hits += ask() ? 1 : 0;
      await put(store, variant(`x-${i}`).stored, content);
    }
    expect(hits).toBe(50);
    expect(inUse.filter(({ key }) => store.peek(key).length > 0).length).toBeGreaterThan(171);
    expect(store.stats().unprovenEvictions).toBeGreaterThan(400);
  });

  it('has nothing go for much that arrives at once and was not asked for before', async () => {
    const store = new MemoryStore(limits);
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 200; i++)
        if (store.lookup(responseTo(`/${i}`).key).length === 0) await put(store, responseTo(`/${i}`), content);
    }
    const { responses } = store.stats();
    const writers = Array.from({ length: 20 }, (_, i) => beginStoring(store, responseTo(`/large/${i}`)));
    const taken = writers.filter((writer) => writer.write(Buffer.alloc(200_000)));
    expect(taken.length).toBeGreaterThan(0);
    expect(taken.length).toBeLessThan(10);
    expect(new Set(writers.map(({ refusal }) => refusal))).toEqual(new Set([undefined, 'not-admitted']));
    expect(store.stats().responses).toBeGreaterThan(responses / 3);
    for (const writer of writers) writer.abort();
    for (let i = 0; i < 16; i++) beginStoring(store, responseTo('/large/19')).abort();
    for (const writer of taken)
      expect(beginStoring(store, responseTo('/large/0')).write(Buffer.alloc(200_000)), String(writer.refusal)).toBe(
        true,
      );
    expect(beginStoring(store, responseTo('/large/19')).write(Buffer.alloc(200_000))).toBe(true);
  });
});

describe('memory over another shelf', () => {
  it('keeps what is asked for again and again, however much is found beneath that is asked for once', async () => {
    const clock = new ManualClock(0);
    const memory = new MemoryStore({ maxBytes: 2 ** 21, maxObjectBytes: 2 ** 20, maxVariants: 4, givenSerials: true });
    const lower = backedShelf(new HeapBacking(new HeapGround()), { clock });
    const store = new TieredStore({ memory, lower, kind: 'disk', clock, lifetimeEnding });
    const content = 'x'.repeat(8_000);
    const all = Array.from({ length: 500 }, (_, i) => responseTo(`/${i}`));
    const inUse = all.slice(0, 100);
    for (const stored of all) await put(store, stored, content);
    for (let round = 0; round < 3; round++) for (const { key } of inUse) await store.lookup(key);
    for (const { key } of all.slice(100)) expect(await store.lookup(key)).toHaveLength(1);
    expect(inUse.filter(({ key }) => memory.peek(key).length > 0).length).toBeGreaterThan(90);
    await lower.close();
  });
});

describe('of a limit', () => {
  it('counts take a small part, from 2 MiB on, and the window a sixteenth to an eighth', () => {
    const parts = [2 ** 21 - 1, 2 ** 21, 2 ** 28, 2 ** 40].map((maxBytes) => {
      const division = admissionFor({ maxBytes, maxObjectBytes: maxBytes / 10 });
      return {
        counts: maxBytes - division.maxBytes,
        hasSketch: division.sketch !== undefined,
      };
    });
    expect(parts.map(({ counts }) => counts)).toEqual([0, 2 ** 14, 2 ** 21, 2 ** 24]);
    expect(parts.map(({ hasSketch }) => hasSketch)).toEqual([false, true, true, true]);
    expect([0.001, 1].map(windowOf)).toEqual([1 / 16, 1 / 8]);
    expect(windowOf(0.1)).toBeCloseTo(0.1, 2);
  });
});
