import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  eachField,
  fieldLines,
  fieldsFrom,
  fieldsOf,
  fieldValue,
  hasField,
  isOws,
  isToken,
  listMembers,
  noFields,
  trimEndOws,
  trimOws,
  withField,
  withLine,
  withoutFields,
} from '../../../src/http/fields.ts';

const mebibyte = 2 ** 20;

const dense = (text: string): string => text.replace(/[ \t,]/g, '');
const some = fieldsFrom(['Vary', 'A', 'X-Foo', '1', 'vary', 'b', 'X-Empty', '']);

describe('a section of fields', () => {
  it('has lower-case names and values as they came', () => {
    expect([...eachField(some)]).toEqual([
      ['vary', 'A'],
      ['x-foo', '1'],
      ['vary', 'b'],
      ['x-empty', ''],
    ]);
  });

  it('is the same from pairs as from a flat list', () => {
    expect(fieldsOf(['Vary', 'A'], ['X-Foo', '1'], ['vary', 'b'], ['X-Empty', ''])).toEqual(some);
  });

  it('keeps the lines of one name apart and in order', () => {
    expect(fieldLines(some, 'vary')).toEqual(['A', 'b']);
    expect(fieldLines(some, 'x-bar')).toEqual([]);
  });

  it('combines the lines of one name with commas', () => {
    expect(fieldValue(some, 'vary')).toBe('A, b');
  });

  it('tells an empty field from an absent one', () => {
    expect(fieldValue(some, 'x-empty')).toBe('');
    expect(fieldValue(some, 'x-bar')).toBeUndefined();
    expect(hasField(some, 'x-empty')).toBe(true);
    expect(hasField(some, 'x-bar')).toBe(false);
  });

  it('never takes a value for a name', () => {
    const fields = fieldsOf(['a', 'b'], ['c', 'd']);
    expect(hasField(fields, 'b')).toBe(false);
    expect(fieldLines(fields, 'd')).toEqual([]);
    expect(withoutFields(fields, new Set(['b', 'd']))).toEqual(fields);
  });

  it('loses every line of the names that are taken out', () => {
    expect(withoutFields(some, new Set(['vary', 'x-empty']))).toEqual(['x-foo', '1']);
  });

  it('gets one line for all of a name that is set', () => {
    expect(withField(some, 'vary', '*')).toEqual(['x-foo', '1', 'x-empty', '', 'vary', '*']);
  });

  it('keeps the lines of a name that gets one more', () => {
    expect(fieldLines(withLine(some, 'vary', 'c'), 'vary')).toEqual(['A', 'b', 'c']);
  });

  it('is never changed by what is made of it', () => {
    withField(withLine(some, 'vary', 'c'), 'x-foo', '2');
    expect(some).toHaveLength(8);
    expect(noFields).toEqual([]);
  });

  it('finds __proto__ only where it is', () => {
    expect(hasField(some, '__proto__')).toBe(false);
    expect(fieldValue(fieldsOf(['__proto__', 'x']), '__proto__')).toBe('x');
  });
});

describe('the members of a list (RFC 9110 §5.6.1)', () => {
  it.each([
    ['', []],
    [' ,\t, ', []],
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    [' a\t, ,b ', ['a', 'b']],
    ['a b, c', ['a b', 'c']],
    ['"a, b", c', ['"a, b"', 'c']],
    ['x="a, b", c', ['x="a, b"', 'c']],
    ['"a\\", b", c', ['"a\\", b"', 'c']],
    ['"a\\\\", c', ['"a\\\\"', 'c']],
    ['a\\, b', ['a\\', 'b']],
    ['a, "b, c', ['a', '"b, c']],
    ['a, "b\\', ['a', '"b\\']],
    ['"\\', ['"\\']],
    ['a, "', ['a', '"']],
  ])('%j', (value, members) => {
    expect(listMembers(value)).toEqual(members);
  });

  const pieces = fc.array(fc.constantFrom('a', 'b', ',', ' ', '\t', '"', '\\', ';', '*'));

  it('are the same after they are joined again', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const members = listMembers(parts.join(''));
        expect(listMembers(members.join(', '))).toEqual(members);
      }),
    );
  });

  it('lose nothing but white space and commas between them', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const value = parts.join('');
        expect(dense(listMembers(value).join(','))).toBe(dense(value));
      }),
    );
  });

  it.each([
    ['spaces', `a${' '.repeat(mebibyte)}b`, 1],
    ['commas', ','.repeat(mebibyte), 0],
    ['members', 'a,'.repeat(mebibyte / 2), mebibyte / 2],
    ['quotes', '",'.repeat(mebibyte / 2), mebibyte / 4],
    ['backslashes', `"${'\\'.repeat(mebibyte)}`, 1],
  ])('are read out of a mebibyte of %s', (_what, value, count) => {
    expect(listMembers(value)).toHaveLength(count);
  });
});

describe('a token (RFC 9110 §5.6.2)', () => {
  it.each(['a', 'no-cache', '*', "!#$%&'*+-.^_`|~09azAZ", '__proto__'])('%s', (text) => {
    expect(isToken(text)).toBe(true);
  });

  it.each([
    '',
    ' ',
    'a b',
    'a\t',
    'a\n',
    '"a"',
    'a,b',
    'a;b',
    'a=b',
    'a:b',
    'a/b',
    '(a)',
    '[a]',
    '{a}',
    '\x7f',
    '\x00',
    '\xe9',
    '\u212a',
  ])('%j is none', (text) => {
    expect(isToken(text)).toBe(false);
  });
});

describe('optional white space (RFC 9110 §5.6.3)', () => {
  it.each([
    ['', ''],
    [' \t ', ''],
    [' a b\t', 'a b'],
    ['\u00a0a\u00a0', '\u00a0a\u00a0'],
    ['\na\r', '\na\r'],
  ])('around %j goes', (text, trimmed) => {
    expect(trimOws(text)).toBe(trimmed);
  });

  it('behind goes, before stays', () => {
    expect(trimEndOws(' a \t')).toBe(' a');
  });

  it('is SP and HTAB and nothing else', () => {
    const found = Array.from({ length: 256 }, (_, code) => code).filter(isOws);
    expect(found).toEqual([0x09, 0x20]);
  });

  it('goes however much there is', () => {
    expect(trimOws(`${' '.repeat(mebibyte)}a${'\t'.repeat(mebibyte)}`)).toBe('a');
    expect(trimOws(`a${' '.repeat(mebibyte)}b`)).toHaveLength(mebibyte + 2);
  });
});
