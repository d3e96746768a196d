import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correctedInitialAge, currentAge, remainingLifetime } from '../../../src/policy/age.ts';
import { after, answer, date, type Line, stored200, store, times, wall } from './messages.ts';

/** The age at its receipt of a response with these fields. */
function initialAge(...lines: readonly Line[]): number {
  return store({ response: answer(200, ['etag', '"v1"'], ...lines) }).correctedInitialAge;
}

describe('corrected_initial_age (RFC 9111 §4.2.3)', () => {
  it.each([
    ['a response made this second', {}, 0],
    ['a response that says its age', { ageValue: 10 }, 10],
    ['an old Date without Age', { date: -3600 }, 3600],
    ['the greater of both: Age', { ageValue: 100, date: -10 }, 100],
    ['the greater of both: Date', { ageValue: 10, date: -100 }, 100],
    ['a Date in the future', { ageValue: 10, date: 3600 }, 10],
    ['the way to us', { ageValue: 10, delayMs: 2_500 }, 12.5],
    ['the way to us beside an older Date', { ageValue: 10, date: -100, delayMs: 2_500 }, 100],
    ['a negative Age', { ageValue: -100 }, 0],
    ['a request that seems to come after its response', { ageValue: 10, delayMs: -5_000 }, 10],
    ['a part of a second since Date', { sinceMs: 999 }, 0],
  ])('is right for %s', (_what, given, expected) => {
    const { ageValue, date: offset, delayMs, sinceMs } = { ageValue: 0, date: 0, delayMs: 0, sinceMs: 0, ...given };
    const exchange = {
      requestTime: times.responseTime - delayMs,
      responseTime: times.responseTime,
      responseWallTime: wall + sinceMs,
    };
    expect(correctedInitialAge(ageValue, wall + offset * 1000, exchange)).toBe(expected);
  });

  it('reads the Age field as RFC 9111 §5.1 wants it', () => {
    expect(initialAge(['age', '7'])).toBe(7);
    expect(initialAge(['age', '7, 9'])).toBe(7);
    expect(initialAge(['age', '7'], ['age', '9'])).toBe(7);
    expect(initialAge(['age', '99999999999'])).toBe(2 ** 31);
    for (const invalid of ['', '-7', '7.5', 'x', '7;x', '"7"', '0x7']) expect(initialAge(['age', invalid])).toBe(0);
  });

  it('is never less than either way of counting, and never negative', () => {
    const number = fc.integer({ min: -1e9, max: 1e9 });
    fc.assert(
      fc.property(number, number, number, (ageValue, dateOffset, delay) => {
        const exchange = { requestTime: 0, responseTime: delay, responseWallTime: wall };
        const age = correctedInitialAge(ageValue, wall + dateOffset * 1000, exchange);
        expect(age).toBeGreaterThanOrEqual(0);
        expect(age).toBeGreaterThanOrEqual(ageValue);
        expect(age).toBeGreaterThanOrEqual(-dateOffset);
        expect(age).toBeGreaterThanOrEqual(delay / 1000);
      }),
    );
  });
});

describe('current_age', () => {
  const stored = stored200(['cache-control', 'max-age=60'], ['age', '10']);

  it('is the initial age and the time since then', () => {
    expect(currentAge(stored, after(0))).toBe(10);
    expect(currentAge(stored, after(50))).toBe(60);
    expect(currentAge(stored, after(3600))).toBe(3610);
  });

  it('does not depend on the wall clock', () => {
    const dated = { ...stored, dateValue: stored.dateValue - 1e9 };
    expect(currentAge(dated, after(5))).toBe(15);
  });

  it('is never negative and never falls, whenever it is asked', () => {
    const moment = fc.integer({ min: -1e12, max: 1e12 });
    fc.assert(
      fc.property(moment, moment, (a, b) => {
        const [earlier, later] = [Math.min(a, b), Math.max(a, b)];
        expect(currentAge(stored, earlier)).toBeGreaterThanOrEqual(0);
        expect(currentAge(stored, later)).toBeGreaterThanOrEqual(currentAge(stored, earlier));
      }),
    );
  });
});

describe('what is left of a lifetime (RFC 9111 §4.2)', () => {
  it('is nothing at the very second it ends', () => {
    const stored = stored200(['cache-control', 'max-age=60']);
    expect(remainingLifetime(stored, after(59.999))).toBeGreaterThan(0);
    expect(remainingLifetime(stored, after(60))).toBe(0);
    expect(remainingLifetime(stored, after(61))).toBe(-1);
  });

  it('is shortened by the Date of an origin whose clock is behind, and not lengthened by one ahead', () => {
    const behind = store({ response: { ...answer(200), fields: stored200(['expires', date(60)]).fields } });
    expect(remainingLifetime(behind, after(0))).toBe(60);
    const ahead = store({
      response: answer(200, ['cache-control', 'max-age=60']),
      times: { ...times, responseWallTime: wall - 3_600_000 },
    });
    expect(remainingLifetime(ahead, after(0))).toBe(60);
    const old = store({
      response: answer(200, ['cache-control', 'max-age=60'], ['etag', '"v1"']),
      times: { ...times, responseWallTime: wall + 3_600_000 },
    });
    expect(remainingLifetime(old, after(0))).toBe(-3540);
  });
});
