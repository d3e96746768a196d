import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../../src/http/fields.ts';
import { answer, date, get, type Line, namesOf, steady, store, stored200, wall } from './messages.ts';

const fresh: Line = ['cache-control', 'max-age=60'];
const tagged: Line = ['etag', '"v1"'];
const control = (value: string): Line => ['cache-control', value];
const isValidated = (...lines: readonly Line[]): boolean => stored200(tagged, ...lines).alwaysValidate;
const preconditions = (...lines: readonly Line[]): readonly string[] => stored200(fresh, ...lines).preconditions;

describe('what is stored', () => {
  it('is every field, in order, but Age (RFC 9111 §3.1)', () => {
    const lines: readonly Line[] = [
      fresh,
      ['x-unknown', '1'],
      ['age', '3'],
      ['link', '</a>'],
      ['link', '</b>'],
      tagged,
    ];
    expect(namesOf(stored200(...lines))).toEqual(['date', 'cache-control', 'x-unknown', 'link', 'link', 'etag']);
  });

  it('is not what a qualified no-cache or private names', () => {
    const value = 'max-age=60, no-cache="X-One, set-cookie", private="x-two"';
    const lines: readonly Line[] = [control(value), ['x-one', '1'], ['x-two', '2'], ['x-three', '3']];
    expect(namesOf(stored200(...lines))).toEqual(['date', 'cache-control', 'x-three']);
  });

  it('holds what a reuse needs', () => {
    const lines: readonly Line[] = [
      control('max-age=60, stale-while-revalidate=5, stale-if-error=9'),
      ['vary', 'B, a'],
      ['age', '10'],
      tagged,
      ['last-modified', date(-1000)],
    ];
    expect(store({ request: get(['a', '1']), response: answer(404, ...lines) })).toMatchObject({
      key: 'http:9:shop.test/a',
      nominatedFields: ['a', 'b'],
      status: 404,
      dateValue: wall,
      responseTime: steady,
      correctedInitialAge: 10,
      freshness: { lifetime: 60, source: 'max-age' },
      alwaysValidate: false,
      staleProhibited: false,
      staleWhileRevalidate: 5,
      staleIfError: 9,
      entityTag: { weak: false, opaque: '"v1"' },
      lastModified: wall - 1_000_000,
      preconditions: ['if-none-match', '"v1"', 'if-modified-since', date(-1000)],
      generation: 7,
    });
  });

  it('is always validated under an unqualified no-cache, and under Pragma where it stands alone', () => {
    expect(isValidated(control('no-cache, max-age=60'))).toBe(true);
    expect(isValidated(control('no-cache="", max-age=60'))).toBe(true);
    expect(isValidated(control('no-cache="x", max-age=60'))).toBe(false);
    expect(isValidated(['pragma', 'No-Cache'], ['expires', date(60)])).toBe(true);
    expect(isValidated(['pragma', 'no-cache'], fresh)).toBe(false);
    expect(isValidated(['pragma', 'no-cache'], ['cdn-cache-control', 'max-age=60'])).toBe(false);
  });
});

describe('the preconditions of a validation (RFC 9111 §4.3.1)', () => {
  it.each([
    [tagged, ['if-none-match', '"v1"']],
    [
      ['etag', 'W/"v1"'],
      ['if-none-match', 'W/"v1"'],
    ],
    [
      ['etag', 'v1'],
      ['if-none-match', 'v1'],
    ],
    [
      ['etag', '"a, b"'],
      ['if-none-match', '"a, b"'],
    ],
    [['etag', '*'], []],
    [['etag', ''], []],
    [
      ['last-modified', date(-10)],
      ['if-modified-since', date(-10)],
    ],
    [
      ['last-modified', 'Sunday, 06-Nov-94 08:49:37 GMT'],
      ['if-modified-since', 'Sun, 06 Nov 1994 08:49:37 GMT'],
    ],
    [['last-modified', 'yesterday'], []],
  ] as readonly (readonly [Line, readonly string[]])[])('%j gives %j', (line, expected) => {
    expect(preconditions(line)).toEqual(expected);
  });

  it('are of the first line where there are several', () => {
    expect(preconditions(tagged, ['etag', '"v2"'])).toEqual(['if-none-match', '"v1"']);
  });

  it('are none without a validator', () => {
    expect(preconditions()).toEqual(fieldsOf());
  });
});
