import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../../src/http/fields.ts';
import {
  fieldsOfNotModified,
  hasOriginPrecondition,
  isConditional,
  isNotModified,
  withoutPreconditions,
} from '../../../src/policy/precondition.ts';
import { answer, date, get, type Line, namesOf, store, stored200, wall } from './messages.ts';

const fresh: Line = ['cache-control', 'max-age=60'];
const none = (value: string): Line => ['if-none-match', value];
const since = (value: string): Line => ['if-modified-since', value];

function is304(stored: readonly Line[], ...lines: readonly Line[]): boolean {
  return isNotModified(get(...lines), stored200(fresh, ...stored), wall);
}

describe('If-None-Match (RFC 9110 §13.1.2, RFC 9111 §4.3.2)', () => {
  it.each([
    ['"v1"', '"v1"', true],
    ['"v1"', '"v2"', false],
    ['"v1"', 'W/"v1"', true],
    ['W/"v1"', '"v1"', true],
    ['"v1"', '"v0", W/"v1"', true],
    ['"v1"', '"v0","v2"', false],
    ['"v1"', '*', true],
    ['"v1"', '"V1"', false],
    ['"v1"', 'v1', false],
    ['v1', 'v1', true],
    ['"a,b"', '"x", "a,b"', true],
    ['"v1"', '', false],
  ])('stored %s, asked %s: %s', (stored, asked, expected) => {
    expect(is304([['etag', stored]], none(asked))).toBe(expected);
  });

  it('combines its lines', () => {
    expect(is304([['etag', '"v1"']], none('"v0"'), none('"v1"'))).toBe(true);
  });

  it('matches nothing without a stored tag, but * matches any', () => {
    expect(is304([], none('"v1"'))).toBe(false);
    expect(is304([], none('*'))).toBe(true);
  });

  it('goes before If-Modified-Since, both ways', () => {
    const stored: readonly Line[] = [
      ['etag', '"v1"'],
      ['last-modified', date(-100)],
    ];
    expect(is304(stored, none('"v2"'), since(date(0)))).toBe(false);
    expect(is304(stored, none('"v1"'), since(date(-200)))).toBe(true);
    expect(is304(stored, none(''), since(date(0)))).toBe(false);
  });
});

describe('If-Modified-Since (RFC 9110 §13.1.3)', () => {
  const modified: readonly Line[] = [['last-modified', date(-100)]];

  it.each([
    ['the very date', date(-100), true],
    ['a later one', date(-99), true],
    ['an earlier one', date(-101), false],
    ['one in the future', date(1e6), true],
    ['the RFC 850 form', 'Sunday, 22-Nov-26 12:00:00 GMT', true],
    ['no date', 'yesterday', false],
    ['nothing', '', false],
    ['a date in UTC', 'Sun, 22 Nov 2026 12:00:00 UTC', false],
  ])('with %s', (_what, value, expected) => {
    expect(is304(modified, since(value))).toBe(expected);
  });

  it('is ignored when there are two', () => {
    expect(is304(modified, since(date(0)), since(date(0)))).toBe(false);
  });

  it('is compared with Date where there is no Last-Modified (RFC 9111 §4.3.2)', () => {
    expect(is304([], since(date(0)))).toBe(true);
    expect(is304([], since(date(-1)))).toBe(false);
    expect(is304([['last-modified', 'x']], since(date(-1)))).toBe(false);
  });

  it('is ignored in a QUERY (RFC 9110 §13.1.3)', () => {
    const stored = stored200(fresh, ...modified);
    const query = { ...get(since(date(0))), method: 'QUERY' };
    expect(isNotModified(query, stored, wall)).toBe(false);
    expect(isNotModified({ ...query, method: 'HEAD' }, stored, wall)).toBe(true);
  });
});

describe('304 is the answer', () => {
  it.each([204, 301, 404, 410])('only instead of a 200, not of a %d', (status) => {
    const stored = store({ response: answer(status, fresh, ['etag', '"v1"']) });
    expect(isNotModified(get(none('"v1"')), stored, wall)).toBe(false);
    expect(isNotModified(get(none('*')), stored, wall)).toBe(false);
  });

  it('to a condition only', () => {
    expect(is304([['etag', '"v1"']])).toBe(false);
    expect(is304([['etag', '"v1"']], ['if-range', '"v1"'])).toBe(false);
  });
});

describe('the fields of a 304 (RFC 9110 §15.4.5)', () => {
  const described: readonly Line[] = [
    ['content-type', 'text/html'],
    ['content-length', '3'],
    ['content-language', 'en'],
    ['content-encoding', 'gzip'],
    ['content-location', '/a.html'],
    ['vary', 'accept'],
    ['expires', date(60)],
    ['x-foo', '1'],
    ['last-modified', date(-100)],
  ];

  it('are those that guide caches, and none that describes content which is not there', () => {
    const stored = stored200(fresh, ['etag', '"v1"'], ...described);
    expect(namesOf({ ...stored, fields: fieldsOfNotModified(stored) })).toEqual([
      'date',
      'cache-control',
      'etag',
      'content-location',
      'vary',
      'expires',
      'x-foo',
    ]);
  });

  it('have Last-Modified where there is no entity-tag', () => {
    const stored = stored200(fresh, ...described);
    expect(namesOf({ ...stored, fields: fieldsOfNotModified(stored) })).toContain('last-modified');
  });
});

describe('the preconditions of a request', () => {
  const all = ['if-none-match', 'if-modified-since', 'if-match', 'if-unmodified-since'];

  it.each(all)('%s makes it conditional', (name) => {
    expect(isConditional(get([name, 'x']).fields)).toBe(true);
  });

  it('are for the origin alone: If-Match and If-Unmodified-Since', () => {
    const found = all.filter((name) => hasOriginPrecondition(get([name, 'x']).fields));
    expect(found).toEqual(['if-match', 'if-unmodified-since']);
  });

  it('do not include If-Range and Range', () => {
    const { fields } = get(['if-range', '"v1"'], ['range', 'bytes=0-1']);
    expect(isConditional(fields)).toBe(false);
    expect(withoutPreconditions(fields)).toEqual(fields);
  });

  it('can be taken away', () => {
    const lines = all.map((name): Line => [name, 'x']);
    expect(withoutPreconditions(fieldsOf(['a', '1'], ...lines, ['b', '2']))).toEqual(['a', '1', 'b', '2']);
  });
});
