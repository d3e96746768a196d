import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../../src/http/fields.ts';
import { cookieDropper } from '../../../src/key/cookie-rules.ts';

const host = ['host', 'a'] as const;

const cookies = (values: readonly string[]): [string, string][] => values.map((value) => ['cookie', value]);

describe('cookies that make no difference', () => {
  it('are none where none is named', () => {
    expect(cookieDropper([])).toBeUndefined();
  });

  it.each([
    [['_ga*'], ['_ga=1; id=2;_ga_X=3'], ['id=2']],
    [['_ga'], ['_ga_X=3'], ['_ga_X=3']],
    [['*'], ['a=1', 'b=2'], []],
    [['a'], ['a=1; b=a=1', 'a'], ['b=a=1']],
    [['a'], [' ; '], []],
  ])('%j are left out of %j', (names, lines, left) => {
    expect(cookieDropper(names)?.(fieldsOf(host, ...cookies(lines)))).toEqual(fieldsOf(host, ...cookies(left)));
  });

  it('are left out of the same list with the same result', () => {
    const drop = cookieDropper(['*']);
    const fields = fieldsOf(host, ['cookie', 'a=1']);
    expect(drop?.(fields)).toBe(drop?.(fields));
    const plain = fieldsOf(host);
    expect(drop?.(plain)).toBe(plain);
  });
});
