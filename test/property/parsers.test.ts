import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsers } from './parsers.ts';

/** What the parsers look for, so that chance leads them further in than any text would. */
const meaningful = fc.oneof(
  fc.constantFrom('"', '\\', ',', ';', '=', ':', '/', '?', '#', '@', '[', ']', '%', '%2e', '..', '-', '*', ' ', '\t'),
  fc.constantFrom('W/', 'bytes=', 'bytes 0-1/2', 'http://', 'max-age', 'private', '60', '99999999999999999999', '?1'),
  fc.constantFrom('Sun, 22 Nov 2026 12:00:00 GMT', 'close', 'chunked', '1.1', 'a.test', '::1'),
  fc.constantFrom('\r\n', '\0', '\x7f', '\x80', '\xff', '\u2028'),
);

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.integer({ min: 0, max: 0xff_ff }), { maxLength: 40 }).map((codes) => String.fromCharCode(...codes)),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  fc.array(meaningful, { maxLength: 20 }).map((parts) => parts.join('')),
);

/** Linear time is some milliseconds here; quadratic time would be 2^36 steps, a minute or more, and the test has not that long. */
const length = 2 ** 18;
const long = (part: string): string => part.repeat(length / part.length);

/** Each begins what it never ends, or ends in what makes a pattern try again. */
const hostile: Readonly<Record<string, string>> = {
  spaces: `a${long(' ')}b`,
  tabs: `${long('\t')}\0`,
  commas: long(','),
  'commas and spaces': long(', '),
  quotes: `${long('"')}"`,
  'open strings': long('"a'),
  backslashes: `"${long('\\')}`,
  'equals signs': long('='),
  semicolons: long(';a=1'),
  letters: `${long('a')}\0`,
  digits: `${long('9')}x`,
  ranges: long('0-1,'),
  dots: long('../'),
  percents: long('%'),
  slashes: long('/'),
  colons: `[${long(':')}`,
  parentheses: long('('),
  members: long('a=1,'),
  weights: long('a;q=0.5,'),
  'other bytes': long('\xff'),
  'lone surrogates': long('\ud800'),
};

describe.each(Object.entries(parsers))('%s', (_name, parse) => {
  it('reads any text at all without throwing, and twice alike', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(parse(text)).toEqual(parse(text));
      }),
      { numRuns: 150 },
    );
  });

  it('reads each single byte', () => {
    for (let code = 0; code <= 0xff; code++) expect(() => parse(String.fromCharCode(code))).not.toThrow();
  });

  it('reads long hostile text in the time of a test', () => {
    for (const text of Object.values(hostile)) expect(() => parse(text)).not.toThrow();
  }, 20_000);
});
