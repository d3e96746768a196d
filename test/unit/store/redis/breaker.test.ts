import { describe, expect, it } from 'vitest';
import { Breaker } from '../../../../src/store/redis/breaker.ts';

describe('a breaker', () => {
  it('opens at so many timeouts in a row, and says so once', () => {
    const breaker = new Breaker(3);
    expect([breaker.timedOut(), breaker.timedOut(), breaker.timedOut(), breaker.timedOut()]).toEqual([
      false,
      false,
      true,
      false,
    ]);
    expect(breaker.isOpen).toBe(true);
  });

  it('does not open where answers come between', () => {
    const breaker = new Breaker(2);
    for (let i = 0; i < 5; i++) {
      expect(breaker.timedOut()).toBe(false);
      breaker.answered();
    }
    expect(breaker.isOpen).toBe(false);
  });

  it('stays open whatever was answered late, until it is reset', () => {
    const breaker = new Breaker(1);
    breaker.timedOut();
    breaker.answered();
    expect(breaker.isOpen).toBe(true);
    breaker.reset();
    expect(breaker.isOpen).toBe(false);
  });

  it('can be opened at once, which counts once', () => {
    const breaker = new Breaker(3);
    expect([breaker.trip(), breaker.trip()]).toEqual([true, false]);
    expect(breaker.isOpen).toBe(true);
  });
});
