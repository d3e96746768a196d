import type { EpochMs } from './message.ts';

/**
 * HTTP-date (RFC 9110 §5.6.7) in its three forms. Strict about shape, because an invalid Expires must count as already expired
 * (RFC 9111 §5.3) and Date.parse takes nearly anything; lenient about letter case only.
 */

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const timeOfDay = String.raw`(\d\d):(\d\d):(\d\d)`;
const imfFixdate = new RegExp(
  String.raw`^(?:mon|tue|wed|thu|fri|sat|sun), (\d\d) ([a-z]{3}) (\d{4}) ${timeOfDay} gmt$`,
  'i',
);
const rfc850Date = new RegExp(
  String.raw`^(?:mon|tues|wednes|thurs|fri|satur|sun)day, (\d\d)-([a-z]{3})-(\d\d) ${timeOfDay} gmt$`,
  'i',
);
const asctimeDate = new RegExp(
  String.raw`^(?:mon|tue|wed|thu|fri|sat|sun) ([a-z]{3}) (\d\d| \d) ${timeOfDay} (\d{4})$`,
  'i',
);

/** The last date of the first form, which means the same at any time: what arrives within one second says the same Date. */
let lastRead: { readonly text: string; readonly time: EpochMs | undefined } = { text: '', time: undefined };

const longestDate = 'Wednesday, 00-Jan-00 00:00:00 GMT'.length;

/**
 * Milliseconds since the epoch, or undefined where the text is no HTTP-date. `now` resolves the two-digit year of the RFC 850
 * form: a time more than 50 years ahead is one of the century before.
 */
export function parseHttpDate(text: string, now: EpochMs): EpochMs | undefined {
  if (text === lastRead.text) return lastRead.time;
  if (text.length > longestDate) return undefined;
  let match = imfFixdate.exec(text);
  if (match !== null) {
    const time = epoch(Number(match[3]), match[2], match[1], match[4], match[5], match[6]);
    lastRead = { text, time };
    return time;
  }
  match = rfc850Date.exec(text);
  if (match !== null) {
    const [, day, month, shortYear, ...clock] = match;
    const year = Math.floor(new Date(now).getUTCFullYear() / 100) * 100 + Number(shortYear);
    const time = epoch(year, month, day, ...clock);
    return time !== undefined && time <= fiftyYearsAfter(now) ? time : epoch(year - 100, month, day, ...clock);
  }
  match = asctimeDate.exec(text);
  if (match !== null) return epoch(Number(match[6]), match[1], match[2], match[3], match[4], match[5]);
  return undefined;
}

/** IMF-fixdate, the one form that may be sent (RFC 9110 §5.6.7). */
export function formatHttpDate(time: EpochMs): string {
  return new Date(time).toUTCString();
}

function epoch(year: number, monthName = '', ...rest: (string | undefined)[]): EpochMs | undefined {
  const month = months.indexOf(monthName.toLowerCase());
  const [day = -1, hour = -1, minute = -1, second = -1] = rest.map(Number);
  if (month < 0 || hour > 23 || minute > 59 || second > 60) return undefined;
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  // 31 April rolls over into May: such a day is no date.
  return date.getUTCDate() === day ? date.setUTCHours(hour, minute, second) : undefined;
}

function fiftyYearsAfter(now: EpochMs): EpochMs {
  const date = new Date(now);
  return date.setUTCFullYear(date.getUTCFullYear() + 50);
}
