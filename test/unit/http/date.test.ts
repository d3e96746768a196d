import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatHttpDate, parseHttpDate } from '../../../src/http/date.ts';

const now = Date.UTC(2026, 10, 22, 12, 0, 0);
const example = Date.UTC(1994, 10, 6, 8, 49, 37);

describe('the three forms of RFC 9110 §5.6.7', () => {
  it.each([
    ['IMF-fixdate', 'Sun, 06 Nov 1994 08:49:37 GMT'],
    ['RFC 850', 'Sunday, 06-Nov-94 08:49:37 GMT'],
    ['asctime', 'Sun Nov  6 08:49:37 1994'],
    ['asctime with a day of two digits', 'Sun Nov 06 08:49:37 1994'],
    ['lower case', 'sun, 06 nov 1994 08:49:37 gmt'],
    ['upper case', 'SUNDAY, 06-NOV-94 08:49:37 GMT'],
  ])('reads %s', (_form, text) => {
    expect(parseHttpDate(text, now)).toBe(example);
  });

  it('reads a leap second as the second after it', () => {
    expect(parseHttpDate('Sat, 31 Dec 2016 23:59:60 GMT', now)).toBe(Date.UTC(2017, 0, 1));
  });

  it('reads 29 February of a leap year', () => {
    expect(parseHttpDate('Thu, 29 Feb 2024 00:00:00 GMT', now)).toBe(Date.UTC(2024, 1, 29));
  });

  it('does not take the year 0094 for 1994', () => {
    const time = parseHttpDate('Sun, 06 Nov 0094 08:49:37 GMT', now);
    expect(new Date(time ?? 0).getUTCFullYear()).toBe(94);
  });
});

describe('what only looks like a date', () => {
  it.each([
    ['nothing', ''],
    ['a number', '0'],
    ['minus one', '-1'],
    ['UTC for GMT', 'Sun, 06 Nov 1994 08:49:37 UTC'],
    ['an offset', 'Sun, 06 Nov 1994 08:49:37 +0000'],
    ['no zone', 'Sun, 06 Nov 1994 08:49:37'],
    ['no comma', 'Sun 06 Nov 1994 08:49:37 GMT'],
    ['dashes with a year of four digits', 'Sun, 06-Nov-1994 08:49:37 GMT'],
    ['a short day name with dashes', 'Sun, 06-Nov-94 08:49:37 GMT'],
    ['an hour of one digit', 'Sun, 06 Nov 1994 8:49:37 GMT'],
    ['a day of one digit', 'Sun, 6 Nov 1994 08:49:37 GMT'],
    ['a year of two digits', 'Sun, 06 Nov 94 08:49:37 GMT'],
    ['a year of five digits', 'Sun, 06 Nov 19940 08:49:37 GMT'],
    ['no seconds', 'Sun, 06 Nov 1994 08:49 GMT'],
    ['fractions of a second', 'Sun, 06 Nov 1994 08:49:37.5 GMT'],
    ['31 April', 'Fri, 31 Apr 2026 00:00:00 GMT'],
    ['29 February of a common year', 'Sun, 29 Feb 2026 00:00:00 GMT'],
    ['day 0', 'Sun, 00 Nov 1994 08:49:37 GMT'],
    ['hour 24', 'Sun, 06 Nov 1994 24:00:00 GMT'],
    ['minute 60', 'Sun, 06 Nov 1994 08:60:37 GMT'],
    ['second 61', 'Sun, 06 Nov 1994 08:49:61 GMT'],
    ['no such month', 'Sun, 06 Nob 1994 08:49:37 GMT'],
    ['no such day of the week', 'Sin, 06 Nov 1994 08:49:37 GMT'],
    ['two spaces', 'Sun,  06 Nov 1994 08:49:37 GMT'],
    ['text before', 'x Sun, 06 Nov 1994 08:49:37 GMT'],
    ['text behind', 'Sun, 06 Nov 1994 08:49:37 GMT x'],
    ['a line end behind', 'Sun, 06 Nov 1994 08:49:37 GMT\n'],
    ['ISO 8601', '1994-11-06T08:49:37Z'],
    ['two dates', 'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT'],
    ['asctime with a zone', 'Sun Nov  6 08:49:37 1994 GMT'],
    ['asctime with one space before the day', 'Sun Nov 6 08:49:37 1994'],
  ])('refuses %s', (_what, text) => {
    expect(parseHttpDate(text, now)).toBeUndefined();
  });
});

describe('a year of two digits', () => {
  it.each([
    ['94', 1994],
    ['00', 2000],
    ['26', 2026],
    ['75', 2075],
    ['77', 1977],
  ])('takes %s for %d when it is 2026', (short, year) => {
    expect(parseHttpDate(`Sunday, 06-Nov-${short} 08:49:37 GMT`, now)).toBe(Date.UTC(year, 10, 6, 8, 49, 37));
  });

  it('takes a time fifty years ahead to the second for the future, and one second later for the past', () => {
    expect(parseHttpDate('Sunday, 22-Nov-76 12:00:00 GMT', now)).toBe(Date.UTC(2076, 10, 22, 12, 0, 0));
    expect(parseHttpDate('Sunday, 22-Nov-76 12:00:01 GMT', now)).toBe(Date.UTC(1976, 10, 22, 12, 0, 1));
  });

  it('knows 29 February 2000', () => {
    expect(parseHttpDate('Tuesday, 29-Feb-00 00:00:00 GMT', now)).toBe(Date.UTC(2000, 1, 29));
  });
});

describe('properties', () => {
  it('writes what it reads back, to the second', () => {
    const seconds = fc.integer({ min: Date.UTC(1, 0, 1) / 1000, max: Date.UTC(9999, 11, 31) / 1000 });
    fc.assert(
      fc.property(seconds, (second) => {
        expect(parseHttpDate(formatHttpDate(second * 1000), now)).toBe(second * 1000);
      }),
    );
  });

  it('never throws, and gives a whole number of seconds or nothing', () => {
    const nearly = fc
      .tuple(
        fc.constantFrom('Sun, ', 'Sunday, ', 'Sun '),
        fc.stringMatching(/^[\d A-Za-z:-]{0,24}$/),
        fc.constantFrom(' GMT', ''),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearly), (text) => {
        const time = parseHttpDate(text, now);
        expect(time === undefined || time % 1000 === 0).toBe(true);
      }),
    );
  });

  it('refuses a mebibyte of digits', () => {
    expect(parseHttpDate(`Sun, ${'0'.repeat(2 ** 20)} GMT`, now)).toBeUndefined();
  });
});
