import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CacheControl,
  deltaSeconds,
  hasDirective,
  maxDeltaSeconds,
  parseCacheControl,
  parseDeltaSeconds,
  qualifiedNames,
} from '../../../src/http/cache-control.ts';

const mebibyte = 2 ** 20;

/** The directives as plain text: `name`, `name=token`, `name="string"`. */
function shown(control: CacheControl): string[] {
  const lines: string[] = [];
  for (const [name, occurrences] of control.directives) {
    for (const argument of occurrences) {
      if (argument === null) lines.push(name);
      else lines.push(`${name}=${argument.quoted ? JSON.stringify(argument.value) : argument.value}`);
    }
  }
  return lines;
}

describe('what reads well', () => {
  it.each([
    ['', []],
    [' , ,, ', []],
    ['no-store', ['no-store']],
    ['No-STORE, Private', ['no-store', 'private']],
    ['max-age=60,s-maxage=30', ['max-age=60', 's-maxage=30']],
    ['\tmax-age=60\t,\t public ', ['max-age=60', 'public']],
    ['Max-Age="60"', ['max-age="60"']],
    ['x=""', ['x=""']],
    ['x=', ['x=']],
    ['x="a, no-store", public', ['x="a, no-store"', 'public']],
    ['x="a\\"b, \\\\", public', ['x="a\\"b, \\\\"', 'public']],
    ['x="a=b"', ['x="a=b"']],
    ['x=a=b', ['x=a=b']],
    ['max-age=1, max-age=9', ['max-age=1', 'max-age=9']],
    ['private, private="a"', ['private', 'private="a"']],
    ['__proto__, constructor=1, toString', ['__proto__', 'constructor=1', 'tostring']],
  ])('reads %j', (value, directives) => {
    const control = parseCacheControl(value);
    expect(shown(control)).toEqual(directives);
    expect(control.malformed).toBe(false);
  });

  it('finds nothing where the field is absent', () => {
    expect(parseCacheControl(undefined)).toEqual({ directives: new Map(), malformed: false });
  });

  it('knows no directive by the name of what every object has', () => {
    const control = parseCacheControl('max-age=60');
    for (const name of ['__proto__', 'constructor', 'toString', 'has']) expect(hasDirective(control, name)).toBe(false);
  });
});

describe('what can not be read', () => {
  it.each([
    ['an unterminated string', 'x="no-store, max-age=60', ['x="no-store, max-age=60"']],
    ['a backslash before the end', 'max-age=60, x="\\', ['max-age=60', 'x="\\\\"']],
    ['text behind a string', 'x="a"b, public', ['x="a"', 'public']],
    ['a string inside a token', 'x=a"b, no-store", public', ['x=a"b, no-store"', 'public']],
    ['a space before a string', 'private = "a, b", public', ['private=  "a, b"', 'public']],
    ['a string for a name', '"no-store", max-age=60', ['max-age=60']],
    ['an unterminated string for a name', 'max-age=60, "no-store', ['max-age=60']],
    ['a name behind a string', '"a" no-store, max-age=60', ['max-age=60']],
    ['no name', '=60, public', ['public']],
    ['two words', 'no store, public', ['public']],
    ['a semicolon', 'no-store; max-age=60', []],
    ['brackets', 'no-store(), public', ['public']],
    ['obs-text', 'no-st\xf6re', []],
    ['a control character', 'no-store\x00', []],
  ])('says so for %s', (_what, value, directives) => {
    const control = parseCacheControl(value);
    expect(control.malformed).toBe(true);
    expect(shown(control)).toEqual(directives);
  });
});

describe('delta-seconds', () => {
  it.each([
    ['max-age=0', 0],
    ['max-age=60', 60],
    ['max-age=0060', 60],
    ['max-age="60"', 60],
    ['MAX-AGE=60', 60],
    ['max-age=2147483647', 2147483647],
    ['max-age=2147483648', maxDeltaSeconds],
    ['max-age=99999999999999999999999', maxDeltaSeconds],
    [`max-age=${'9'.repeat(400)}`, maxDeltaSeconds],
    ['max-age=9, max-age=1', 1],
    ['max-age=1, max-age=9', 1],
    ['max-age=3600, max-age', 0],
    ['max-age', 0],
    ['max-age=', 0],
    ['max-age=""', 0],
    ['max-age=3600abc', 0],
    ['max-age=abc', 0],
    ['max-age=-1', 0],
    ['max-age=+1', 0],
    ['max-age=1.5', 0],
    ['max-age=1e3', 0],
    ['max-age=0x10', 0],
    ['max-age=60 60', 0],
    ['max-age =60', 0],
    ['max-age= 60', 0],
    ['max-age=\u0661', 0],
    ['s-maxage=60', undefined],
    ['x="max-age=60"', undefined],
  ])('%s gives %s', (value, seconds) => {
    expect(deltaSeconds(parseCacheControl(value), 'max-age')).toBe(seconds);
  });

  it.each([
    [undefined, undefined],
    ['', undefined],
    ['7', 7],
    ['7\n', undefined],
    [' 7', undefined],
  ])('parses %j as %s', (text, seconds) => {
    expect(parseDeltaSeconds(text)).toBe(seconds);
  });
});

describe('the qualified form', () => {
  it.each([
    ['max-age=60', 'absent'],
    ['private', 'all'],
    ['private=""', 'all'],
    ['private=', 'all'],
    ['private=","', 'all'],
    ['private="a b"', 'all'],
    ['private="a;b"', 'all'],
    ['private="\\"a\\""', 'all'],
    ['private="a", private', 'all'],
    ['private, private="a"', 'all'],
    ['private="a, vary"', 'all'],
    ['private="Cache-Control"', 'all'],
    ['private="cdn-cache-control"', 'all'],
    ['private="date"', 'all'],
    ['private="X-User"', ['x-user']],
    ['private=x-user', ['x-user']],
    ['private="a,, B ,c"', ['a', 'b', 'c']],
    ['private="a", private="b"', ['a', 'b']],
    ['private="__proto__"', ['__proto__']],
    ['private="a, no-store"', ['a', 'no-store']],
  ])('%s means %j', (value, names) => {
    expect(qualifiedNames(parseCacheControl(value), 'private')).toEqual(names);
  });
});

describe('properties', () => {
  const hostile = fc.array(
    fc.constantFrom('no-store', 'max-age', 'private', '=', '"', '\\', ',', ' ', '\t', '60', '\x00', '\xff', '\u2028'),
    { maxLength: 40 },
  );

  it('never throws, whatever the value', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          hostile.map((parts) => parts.join('')),
        ),
        (value) => {
          const control = parseCacheControl(value);
          const seconds = deltaSeconds(control, 'max-age') ?? 0;
          expect(seconds >= 0 && seconds <= maxDeltaSeconds).toBe(true);
          expect(qualifiedNames(control, 'private')).toBeDefined();
        },
      ),
    );
  });

  it('finds a directive beside anything that reads well', () => {
    const token = fc.stringMatching(/^[a-z-]{1,8}$/);
    const quoted = fc.stringMatching(/^[ !#-[\]-~]{0,12}$/).map((text) => `"${text}"`);
    const member = fc.oneof(
      token,
      fc.tuple(token, fc.oneof(token, quoted)).map((pair) => pair.join('=')),
    );
    fc.assert(
      fc.property(fc.array(member), fc.array(member), (before, after) => {
        const control = parseCacheControl([...before, 'No-Store', ...after].join(' , '));
        expect(hasDirective(control, 'no-store')).toBe(true);
        expect(control.malformed).toBe(false);
      }),
    );
  });

  it('never takes quoted text for a directive', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ !#-[\]-~]{0,40}$/), (text) => {
        const control = parseCacheControl(`x="${text}, no-store, private", max-age=5`);
        expect(shown(control).slice(1)).toEqual(['max-age=5']);
      }),
    );
  });
});

describe('a mebibyte of hostile text', () => {
  it.each([
    ['spaces inside a name', `a${' '.repeat(mebibyte)}b`, true, 0],
    ['spaces before "="', `max-age${' '.repeat(mebibyte)}=1`, false, 1],
    ['commas', ','.repeat(mebibyte), false, 0],
    ['open quotes', '"'.repeat(mebibyte + 1), true, 0],
    ['backslashes', `x="${'\\'.repeat(mebibyte)}`, true, 1],
    ['equals signs', '='.repeat(mebibyte), true, 0],
    ['one directive over and over', 'max-age,'.repeat(mebibyte / 8), false, 1],
    ['many directives', Array.from({ length: 100_000 }, (_, i) => `d${i}`).join(), false, 100_000],
  ])('is read: %s', (_what, value, malformed, count) => {
    const control = parseCacheControl(value);
    expect(control.malformed).toBe(malformed);
    expect(control.directives.size).toBe(count);
    expect(deltaSeconds(control, 'max-age')).toBe(control.directives.has('max-age') ? 0 : undefined);
  });

  it('is read as field names', () => {
    const names = qualifiedNames(parseCacheControl(`private="${'a,'.repeat(mebibyte / 2)}"`), 'private');
    expect(names).toHaveLength(mebibyte / 2);
  });
});
