import { describe, expect, it } from 'vitest';
import { RequestedValidations } from '../../../src/engine/requested-validations.ts';
import type { CacheKey } from '../../../src/key/cache-key.ts';
import { ManualClock } from '../../../src/play/manual-clock.ts';

const key = (name: string): CacheKey => name as CacheKey;

describe('validations that requests want', () => {
  it('may begin so often in a second, for each key', async () => {
    const clock = new ManualClock(0);
    const validations = new RequestedValidations(clock, 2);
    const asked = (): boolean[] => ['a', 'a', 'a', 'b'].map((name) => validations.mayBegin(key(name)));
    expect(asked()).toEqual([true, true, false, true]);
    await clock.advance(1_000, async () => undefined);
    expect(asked()).toEqual([true, true, false, true]);
  });

  it('may begin however often where there is no limit', () => {
    const validations = new RequestedValidations(new ManualClock(0), 0);
    expect(Array.from({ length: 99 }, () => validations.mayBegin(key('a')))).not.toContain(false);
  });

  it('are counted for a bounded number of keys: those that were named last', () => {
    const validations = new RequestedValidations(new ManualClock(0), 1);
    expect(validations.mayBegin(key('a'))).toBe(true);
    for (let other = 0; other < 1_000; other++) validations.mayBegin(key(`other ${other}`));
    expect([validations.mayBegin(key('other 999')), validations.mayBegin(key('a'))]).toEqual([false, true]);
  });
});
