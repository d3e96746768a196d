import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHttpDate } from '../../../src/http/date.ts';
import { bodyBytes, httpDate, readBody, readDuration, readValue, valueText } from '../../../src/play/written.ts';

describe('durations', () => {
  it.each([
    ['0s', 0],
    ['500ms', 500],
    ['+2h', 7_200_000],
    ['-10d', -864_000_000],
  ])('read %s', (text, ms) => {
    expect(readDuration(text)).toBe(ms);
  });

  it.each(['10', 's', '--1s', '1 year', ''])('do not read %j', (text) => {
    expect(readDuration(text)).toBeUndefined();
  });
});

describe('values', () => {
  const instants = { start: Date.UTC(2026, 0, 1), now: Date.UTC(2026, 0, 8, 12, 30, 5) };

  it.each([
    ['now', 'Thu, 08 Jan 2026 12:30:05 GMT'],
    ['now-5s', 'Thu, 08 Jan 2026 12:30:00 GMT'],
    ['start+10d', 'Sun, 11 Jan 2026 00:00:00 GMT'],
    ['start as rfc850', 'Thursday, 01-Jan-26 00:00:00 GMT'],
    ['start as asctime', 'Thu Jan  1 00:00:00 2026'],
    ['now and then', 'now and then'],
    ['now-5', 'now-5'],
    ['"start"', '"start"'],
  ])('write %s as %s', (written, text) => {
    expect(valueText(readValue(written), instants)).toBe(text);
  });

  it('write dates that are understood as the instant they mean, in every form', () => {
    const anyInstant = fc.integer({ min: Date.UTC(1980, 0, 1) / 1000, max: Date.UTC(2060, 0, 1) / 1000 });
    fc.assert(
      fc.property(
        anyInstant,
        fc.constantFrom('imf-fixdate' as const, 'rfc850' as const, 'asctime' as const),
        (seconds, form) => {
          expect(parseHttpDate(httpDate(seconds * 1000, form), Date.UTC(2026, 0, 1))).toBe(seconds * 1000);
        },
      ),
    );
  });
});

describe('bodies', () => {
  it('are their text, or as many bytes as asked for', () => {
    expect(Buffer.from(bodyBytes(readBody('12 bytes'))).toString()).toBe('012345678901');
    expect(Buffer.from(bodyBytes(readBody('12 bytes of it'))).toString()).toBe('12 bytes of it');
  });
});
