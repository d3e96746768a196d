import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect } from '../../harness/garbage.ts';
import { RecentKeys } from '../../../src/key/recent-keys.ts';
import { cacheKey } from '../../../src/key/cache-key.ts';

function keyOf(path: string) {
  return cacheKey({ scheme: 'http', authority: 'a.test', target: path });
}

describe('RecentKeys', () => {
  it('gives back the key as it is kept', () => {
    const recent = new RecentKeys<number>({ maxKeys: 2 });
    expect(recent.set('/日本', 1)).toBe('/日本');
    expect(recent.get('/日本')).toBe(1);
  });

  it('forgets the key that was named longest ago, and tells of it', () => {
    const forgotten: number[] = [];
    const recent = new RecentKeys<number>({ maxKeys: 2, onForget: (value) => forgotten.push(value) });
    recent.set(keyOf('/1'), 1);
    recent.set(keyOf('/2'), 2);
    recent.set(keyOf('/1'), 11);
    recent.set(keyOf('/3'), 3);
    expect(forgotten).toEqual([2]);
    expect([recent.get(keyOf('/1')), recent.get(keyOf('/2')), recent.get(keyOf('/3'))]).toEqual([11, undefined, 3]);
  });

  it('keeps nothing in memory of the texts that its keys were pieces of', () => {
    const count = 200;
    const textBytes = 64 * 2 ** 10;
    const recent = new RecentKeys<true>({ maxKeys: count });
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let index = 0; index < count; index++) {
      const text = Buffer.alloc(textBytes, `${index} and more of it, `).toString('latin1');
      recent.set(text.slice(0, 20), true);
    }
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan((count * textBytes) / 4);
    expect(recent.size).toBe(count);
  });

  it.each([
    ['there is room', () => undefined],
    [
      'some had to go before',
      (recent: RecentKeys<object>) => {
        for (let n = 0; n < 60; n++) recent.set(keyOf(`/before/${n}`), {});
        for (let n = 0; n < 60; n++) recent.delete(keyOf(`/before/${n}`));
      },
    ],
  ])('keeps nothing of what was named anew, where %s', async (_when, begin) => {
    const recent = new RecentKeys<object>({ maxKeys: 50 });
    begin(recent);
    const before: WeakRef<object>[] = [];
    for (let index = 0; index < 1_000; index++) {
      const value = {};
      before.push(new WeakRef(value));
      recent.set(keyOf(`/${index % 20}`), value);
    }
    await turn();
    collect();
    expect(before.filter((value) => value.deref() !== undefined).length).toBeLessThan(100);
  });

  it('counts long keys as several', () => {
    const recent = new RecentKeys<true>({ maxKeys: 10 });
    for (let index = 0; index < 10; index++) recent.set(keyOf(`/${index}${'x'.repeat(1_000)}`), true);
    expect(recent.size).toBe(1);
  });

  it('counts what the values take', () => {
    const recent = new RecentKeys<string>({ maxKeys: 10, sizeOf: (value) => value.length });
    for (let index = 0; index < 10; index++) recent.set(keyOf(`/${index}`), 'x'.repeat(600));
    expect(recent.size).toBe(2);
    recent.delete(keyOf('/9'));
    recent.delete(keyOf('/8'));
    for (let index = 0; index < 10; index++) recent.set(keyOf(`/${index}`), '');
    expect(recent.size).toBe(10);
  });

  it('always forgets the oldest first, whatever is named anew and taken out in between', () => {
    const calls = fc.array(fc.tuple(fc.constantFrom('set', 'set', 'set', 'delete'), fc.nat(9)), { maxLength: 200 });
    fc.assert(
      fc.property(calls, (made) => {
        const forgotten: string[] = [];
        const expected: string[] = [];
        let kept: string[] = [];
        const recent = new RecentKeys<string>({ maxKeys: 4, onForget: (value) => forgotten.push(value) });
        for (const [call, number] of made) {
          const key = `/${number}`;
          kept = kept.filter((each) => each !== key);
          if (call === 'delete') recent.delete(key);
          else kept.push(recent.set(key, key));
          expected.push(...kept.splice(0, Math.max(0, kept.length - 4)));
          expect(recent.size).toBe(kept.length);
        }
        expect(forgotten).toEqual(expected);
      }),
    );
  });
});
