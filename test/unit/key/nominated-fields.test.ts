import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fields, fieldsOf, fieldValue, listElements, noFields } from '../../../src/http/fields.ts';
import { nominatedFields, variantKey, variantValues } from '../../../src/key/nominated-fields.ts';

const mebibyte = 2 ** 20;
const lines = (name: string, ...values: readonly string[]): Fields =>
  fieldsOf(...values.map((value) => [name, value] as const));

describe('the names that Vary nominates (RFC 9110 §12.5.5)', () => {
  it.each([
    [[], []],
    [[''], []],
    [[' , '], []],
    [['Accept-Encoding'], ['accept-encoding']],
    [['b, A,\tb ,, a'], ['a', 'b']],
    [
      ['b', 'a', 'B'],
      ['a', 'b'],
    ],
    [['__proto__, constructor'], ['__proto__', 'constructor']],
  ])('%j nominates %j', (values, names) => {
    expect(nominatedFields(lines('vary', ...values))).toEqual(names);
  });

  it.each([
    [['*']],
    [['a, *']],
    [['*, a']],
    [[' \t* ']],
    [['a', '*']],
    [['*', 'a']],
    [['a b']],
    [['"a"']],
    [['"*"']],
    [['a, "']],
    [['a, "\\']],
    [['a;q=1']],
    [['a/b']],
    [['\xe9']],
    [['a', 'b c']],
  ])('%j never matches', (values) => {
    expect(nominatedFields(lines('vary', ...values))).toBe('never');
  });

  it('are read out of a mebibyte', () => {
    expect(nominatedFields(lines('vary', `a${' '.repeat(mebibyte)}b`))).toBe('never');
    expect(nominatedFields(lines('vary', 'a,'.repeat(mebibyte / 2)))).toEqual(['a']);
  });
});

function matches(name: string, a: readonly string[], b: readonly string[]): boolean {
  return variantKey([name], lines(name, ...a)) === variantKey([name], lines(name, ...b));
}

describe('requests that match (RFC 9111 §4.1)', () => {
  it.each([
    ['white space around commas', 'x-foo', ['1,2'], ['1 ,\t2']],
    ['lines that are combined', 'x-foo', ['1', '2'], ['1, 2']],
    ['empty members of a list', 'accept-encoding', ['br,,gzip,'], ['br,gzip']],
    ['no value at all on both sides', 'x-foo', [], []],
    ['lines inside a quoted string', 'x-foo', ['"a', 'b"'], ['"a, b"']],
    ['letter case of codings', 'accept-encoding', ['GZIP, Br'], ['gzip, br']],
    ['order of codings', 'accept-encoding', ['br, gzip'], ['gzip,br']],
    ['white space around weights', 'accept-encoding', ['gzip;q=0.5, br'], ['br, gzip ; q=0.5']],
    ['letter case and order of languages', 'accept-language', ['DE, en;q=0.5'], ['en;Q=0.5,de']],
    ['lines of languages', 'accept-language', ['de', 'en'], ['en, de']],
    ['order of character sets', 'accept-charset', ['utf-8, iso-8859-1'], ['ISO-8859-1,UTF-8']],
    ['lines of cookies', 'cookie', ['a=1', 'b=2'], ['a=1, b=2']],
  ])('do so for %s', (_what, name, a, b) => {
    expect(matches(name, a, b)).toBe(true);
  });
});

describe('requests that do not match', () => {
  it.each([
    ['another value', 'x-foo', ['1'], ['2']],
    ['an absent and an empty field', 'x-foo', [], ['']],
    ['letter case of an unknown field', 'x-foo', ['A'], ['a']],
    ['empty members of an unknown field', 'x-user', ['alice,'], ['alice']],
    ['order in an unknown field', 'x-foo', ['1, 2'], ['2, 1']],
    ['one member and two', 'x-foo', ['1 2'], ['1, 2']],
    ['a comma inside quotes', 'x-foo', ['"1", "2"'], ['"1, 2"']],
    ['white space inside quotes', 'x-foo', ['"a,b"'], ['"a', 'b"']],
    ['text behind an open quote', 'x-foo', ['"a\\'], ['"b\\']],
    ['white space inside a language', 'accept-language', ['e n'], ['en']],
    ['white space inside a coding', 'accept-encoding', ['g zip'], ['gzip']],
    ['another weight', 'accept-encoding', ['gzip;q=0'], ['gzip']],
    ['letter case of a cookie', 'cookie', ['a=X'], ['a=x']],
    ['white space in a cookie', 'cookie', ['a=1,b'], ['a=1, b']],
    ['white space in credentials', 'authorization', ['Digest a="1",b="2"'], ['Digest a="1", b="2"']],
    ['letter case of credentials', 'authorization', ['Bearer x'], ['Bearer X']],
    ['white space in a user agent', 'user-agent', ['a (b,c)'], ['a (b, c)']],
  ])('do not for %s', (_what, name, a, b) => {
    expect(matches(name, a, b)).toBe(false);
  });

  it('do not when the values of two fields are exchanged', () => {
    const a = fieldsOf(['a', '1'], ['b', '2']);
    const b = fieldsOf(['a', '2'], ['b', '1']);
    expect(variantKey(['a', 'b'], a)).not.toBe(variantKey(['a', 'b'], b));
  });

  it('do not when a value looks like the end of a key', () => {
    const a = fieldsOf(['a', '1;b=2'], ['b', '3']);
    const b = fieldsOf(['a', '1'], ['b', '2;b=3']);
    expect(variantKey(['a', 'b'], a)).not.toBe(variantKey(['a', 'b'], b));
  });
});

/** Whether two lists of lines have the same members once combined: the definition, against which the key is held. */
function equivalent(a: readonly string[], b: readonly string[]): boolean {
  const [left, right] = [fieldValue(lines('x', ...a), 'x'), fieldValue(lines('x', ...b), 'x')];
  if (left === undefined || right === undefined) return left === right;
  return JSON.stringify(listElements(left)) === JSON.stringify(listElements(right));
}

describe('the key of a variant', () => {
  it('is empty where nothing is nominated', () => {
    expect(variantKey([], fieldsOf(['x-foo', '1']))).toBe('');
  });

  it('sees no other field', () => {
    expect(variantKey(['a'], fieldsOf(['a', '1'], ['b', '2']))).toBe(variantKey(['a'], fieldsOf(['a', '1'])));
  });

  it('takes __proto__ and constructor for names like any other', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const absent = variantKey([name], noFields);
      expect(variantKey([name], fieldsOf(['x', '1']))).toBe(absent);
      expect(matches(name.toLowerCase(), ['1'], ['2'])).toBe(false);
      expect(matches(name.toLowerCase(), [], [''])).toBe(false);
    }
  });

  it.each([
    ['spaces', `a${' '.repeat(mebibyte)}b`],
    ['semicolons', ';'.repeat(mebibyte)],
    ['spaces and semicolons', ' ;'.repeat(mebibyte / 2)],
    ['commas', ','.repeat(mebibyte)],
    ['open quotes', '"\\'.repeat(mebibyte / 2)],
  ])('is made of a mebibyte of %s', (_what, value) => {
    for (const name of ['accept-language', 'x-foo', 'cookie']) {
      expect(matches(name, [value], [value])).toBe(true);
      expect(matches(name, [value], [`${value}x`])).toBe(false);
    }
  });

  it('is the same exactly for equivalent values, whatever they are', () => {
    const value = fc
      .array(fc.constantFrom('a', 'B', ',', ' ', '"', '\\', ';', '1', ':', '='))
      .map((parts) => parts.join(''));
    const values = fc.option(fc.array(value, { minLength: 1, maxLength: 2 }), { nil: [] });
    fc.assert(
      fc.property(values, values, values, values, (a1, b1, a2, b2) => {
        const one = fieldsOf(...a1.map((each) => ['a', each] as const), ...b1.map((each) => ['b', each] as const));
        const two = fieldsOf(...a2.map((each) => ['a', each] as const), ...b2.map((each) => ['b', each] as const));
        const same = equivalent(a1, a2) && equivalent(b1, b2);
        expect(variantKey(['a', 'b'], one) === variantKey(['a', 'b'], two)).toBe(same);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what a variant was made of', () => {
  it('is read back, whatever the values are', () => {
    const value = fc.option(
      fc.array(fc.constantFrom('a', '=', ';', '-;', '3:', 'x-b=1:c;')).map((parts) => parts.join('')),
      {
        nil: undefined,
      },
    );
    fc.assert(
      fc.property(value, value, (one, two) => {
        const request = fieldsOf(
          ...(one === undefined ? [] : [['cookie', one] as const]),
          ...(two === undefined ? [] : [['user-agent', two] as const]),
        );
        const read = variantValues(variantKey(['cookie', 'user-agent', 'x-y-'], request));
        expect([...read]).toEqual([
          ['cookie', one],
          ['user-agent', two],
          ['x-y-', undefined],
        ]);
      }),
    );
  });

  it('is nothing where nothing is nominated', () => {
    expect([...variantValues(variantKey([], noFields))]).toEqual([]);
  });
});
