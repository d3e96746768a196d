import fc from 'fast-check';
import { formatHttpDate } from '../../src/http/date.ts';
import { wall } from '../unit/policy/messages.ts';
import { oneOf } from './chance.ts';
import type { AgeText, DateText, TagText, Varied, VaryText } from './scenario.ts';

/** The other fields that matter to a cache, in spellings good and bad. */

export const pragma = fc.constantFrom('no-cache', 'No-Cache', 'x');

export const cookies: readonly Varied[] = [
  { text: 'user=a', means: 'user=a' },
  { text: 'user=b', means: 'user=b' },
];

export const languages: readonly Varied[] = [
  { text: 'de, en', means: 'de,en' },
  { text: 'en,de', means: 'de,en' },
  { text: 'EN ,\tde', means: 'de,en' },
  { text: 'en; q=0.5', means: 'en;q=0.5' },
  { text: 'en;q=0.5', means: 'en;q=0.5' },
  { text: '', means: '' },
];

export const flavours: readonly Varied[] = [
  { text: 'a, b', means: 'a,b' },
  { text: 'a ,b', means: 'a,b' },
  { text: 'b, a', means: 'b,a' },
  { text: 'A, b', means: 'A,b' },
];

const imf = (at: number): string => formatHttpDate(wall + at * 1000);
/** Weekday, day, month, year, hour, minute, second and zone. */
const partsOf = (at: number): readonly string[] => imf(at).split(/,? |:/);

/** Spellings of one moment that are right, and others that only look like a date. */
const rightSpellings: readonly ((at: number) => string)[] = [
  (at) => imf(at).toLowerCase(),
  (at) => {
    const [, day, month, year, ...time] = partsOf(at);
    const weekday = new Date(wall + at * 1000).toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' });
    return `${weekday}, ${day}-${month}-${year?.slice(2)} ${time.slice(0, 3).join(':')} GMT`;
  },
  (at) => {
    const [weekday, day = '', month, year, ...time] = partsOf(at);
    return `${weekday} ${month} ${day.replace(/^0/, ' ')} ${time.slice(0, 3).join(':')} ${year}`;
  },
];
const wrongSpellings: readonly ((at: number) => string)[] = [
  (at) => imf(at).replace('GMT', 'UTC'),
  (at) => imf(at).replace(',', ''),
  (at) => imf(at).replace(' GMT', ''),
  (at) => new Date(wall + at * 1000).toISOString(),
  (at) => imf(at).replace(/:\d\d /, ':61 '),
  () => 'Thu, 31 Apr 2099 00:00:00 GMT',
  () => '0',
  () => '-1',
  () => '',
  () => 'never',
  () => '2099',
];

export function dateText(...moments: readonly number[]): fc.Arbitrary<DateText> {
  return fc.constantFrom(...moments).chain((at) =>
    fc.oneof(
      { weight: 12, arbitrary: fc.constant<DateText>({ text: imf(at), at }) },
      { weight: 1, arbitrary: fc.constantFrom(...rightSpellings).map((spell) => ({ text: spell(at), at })) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(...wrongSpellings).map((spell) => ({ text: spell(at), at: undefined })),
      },
    ),
  );
}

export const age: fc.Arbitrary<AgeText> = oneOf<AgeText>(
  [3, { lines: ['0'], means: 0 }],
  [3, { lines: ['7'], means: 7 }],
  [3, { lines: ['100'], means: 100 }],
  [1, { lines: ['7, 9'], means: 7 }],
  [1, { lines: ['7', '9'], means: 7 }],
  [1, { lines: ['-7'], means: 0 }],
  [1, { lines: ['7.5'], means: 0 }],
  [1, { lines: ['7;x'], means: 0 }],
  [1, { lines: ['old'], means: 0 }],
  [1, { lines: ['99999999999'], means: 2 ** 31 }],
);

export const etag: fc.Arbitrary<TagText> = oneOf<TagText>(
  [6, { text: '"v1"', weak: false, opaque: '"v1"' }],
  [1, { text: '"v2"', weak: false, opaque: '"v2"' }],
  [3, { text: 'W/"v1"', weak: true, opaque: '"v1"' }],
  [1, { text: 'v1', weak: true, opaque: 'v1' }],
  [1, { text: '*', weak: true, opaque: undefined }],
  [1, { text: '', weak: true, opaque: undefined }],
);

const tooMany = Array.from({ length: 17 }, (_, i) => `x-${i}`);

export const vary: fc.Arbitrary<VaryText> = oneOf<VaryText>(
  [6, { lines: ['accept-language'], means: ['accept-language'] }],
  [6, { lines: ['X-Flavour, Accept-Language'], means: ['accept-language', 'x-flavour'] }],
  [6, { lines: ['accept-language', 'x-flavour,'], means: ['accept-language', 'x-flavour'] }],
  [2, { lines: ['Cookie'], means: ['cookie'] }],
  [1, { lines: [''], means: [] }],
  [1, { lines: ['*'], means: 'never' }],
  [1, { lines: ['x-flavour, *'], means: 'never' }],
  [1, { lines: ['x-flavour', '*'], means: 'never' }],
  [1, { lines: ['"x-flavour"'], means: 'never' }],
  [1, { lines: ['X-Forwarded-For'], means: ['x-forwarded-for'] }],
  [1, { lines: [tooMany.join()], means: tooMany }],
);
