import { describe, expect, it } from 'vitest';
import { eachField, fieldLines, fieldValue } from '../../../src/http/fields.ts';
import { fieldsOfPart, fieldsOfUnsatisfiable, mayAskFor, selectRange } from '../../../src/policy/partial.ts';
import type { ByteRange } from '../../../src/http/range.ts';
import type { StoredResponse } from '../../../src/policy/stored.ts';
import { answer, date, get, type Line, store, stored200, wall } from './messages.ts';

const fresh: Line = ['cache-control', 'max-age=60'];
const range = (value: string): Line => ['range', value];
const ifRange = (value: string): Line => ['if-range', value];

const text = ({ first, last }: ByteRange): string => `${first}-${last}`;

/** `first-last`, or the kind of the selection, out of 100 bytes. */
function selected(stored: StoredResponse, ...lines: readonly Line[]): string {
  const selection = selectRange(get(...lines), stored, 100, wall);
  if (selection.kind === 'part') return text(selection.range);
  return selection.kind === 'parts' ? selection.ranges.map(text).join() : selection.kind;
}

/** What a range selects out of nothing. */
const empty = (value: string): string => selectRange(get(range(value)), stored200(fresh), 0, wall).kind;

it.each([
  ['bytes=0-9', true],
  ['bytes=90-', true],
  ['bytes=-10', true],
  ['bytes=-0', true],
  ['bytes=0-1,5-6', true],
  ['bytes=5-6, -10', true],
  ['items=0-1,0-1', true],
  ['bytes=0-0,0-0', false],
  ['bytes=0-,5-', false],
  ['bytes=0-,-5', false],
  ['bytes=-10,-5', false],
  ['BYTES = 0-0,0-0', false],
  ['bytes=0-1, bytes=0-1', false],
  [`bytes=${Array.from({ length: 17 }, (_, i) => `${i * 2}-${i * 2}`).join()}`, false],
])('%s is asked of the origin: %s', (value, expected) => {
  expect(mayAskFor(value)).toBe(expected);
});

describe('a range of a stored 200 (RFC 9110 §14.2)', () => {
  it.each([
    ['bytes=0-9', '0-9'],
    ['bytes=90-', '90-99'],
    ['bytes=-10', '90-99'],
    ['bytes=-500', '0-99'],
    ['bytes=0-500', '0-99'],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=0-1,5-6', '0-1,5-6'],
    ['bytes=90-,,-100', 'whole'],
    ['bytes=5-6, 0-1', '5-6,0-1'],
    ['bytes=0-1,200-', '0-1'],
    ['bytes=0-0,0-0', 'whole'],
    ['bytes=0-5,5-9', 'whole'],
    [`bytes=${Array.from({ length: 17 }, (_, i) => `${i * 2}-${i * 2}`).join()}`, 'whole'],
    ['bytes=9-0', 'whole'],
    ['bytes=', 'whole'],
    ['items=0-1', 'whole'],
  ])('%s: %s', (value, expected) => {
    expect(selected(stored200(fresh), range(value))).toBe(expected);
  });

  it('is nothing without Range', () => {
    expect(selected(stored200(fresh))).toBe('whole');
    expect(selected(stored200(fresh, ['etag', '"v1"']), ifRange('"v1"'))).toBe('whole');
  });

  it('is nothing on two lines', () => {
    expect(selected(stored200(fresh), range('bytes=0-1'), range('bytes=2-3'))).toBe('whole');
  });

  it('is nothing to HEAD, for which Range is not defined', () => {
    const request = { ...get(range('bytes=0-9')), method: 'HEAD' };
    expect(selectRange(request, stored200(fresh), 100, wall)).toEqual({ kind: 'whole' });
  });

  it.each([204, 301, 404])('is nothing of a stored %d', (status) => {
    expect(selected(store({ response: answer(status, fresh) }), range('bytes=0-9'))).toBe('whole');
    expect(selected(store({ response: answer(status, fresh) }), range('bytes=200-'))).toBe('whole');
  });

  it('is the whole of nothing, or none of it', () => {
    expect(empty('bytes=-5')).toBe('whole');
    expect(empty('bytes=0-')).toBe('unsatisfiable');
  });
});

describe('If-Range (RFC 9110 §13.1.5)', () => {
  const tagged = (value: string): StoredResponse => stored200(fresh, ['etag', value]);
  const modified = (seconds: number): StoredResponse => stored200(fresh, ['last-modified', date(seconds)]);

  it.each([
    ['the same strong tag', tagged('"v1"'), '"v1"', '0-9'],
    ['another tag', tagged('"v1"'), '"v2"', 'whole'],
    ['a weak tag for a strong one', tagged('"v1"'), 'W/"v1"', 'whole'],
    ['a strong tag for a weak one', tagged('W/"v1"'), '"v1"', 'whole'],
    ['the same weak tag', tagged('W/"v1"'), 'W/"v1"', 'whole'],
    ['the same ill-formed tag', tagged('v1'), 'v1', 'whole'],
    ['a list', tagged('"v1"'), '"v1", "v2"', 'whole'],
    ['*', tagged('"v1"'), '*', 'whole'],
    ['nothing', tagged('"v1"'), '', 'whole'],
    ['a tag, and none is stored', stored200(fresh), '"v1"', 'whole'],
    ['the very date', modified(-100), date(-100), '0-9'],
    [
      'the very date in another form',
      stored200(fresh, ['last-modified', 'Sun Nov  6 08:49:37 1994']),
      'Sunday, 06-Nov-94 08:49:37 GMT',
      '0-9',
    ],
    ['a later date', modified(-100), date(-99), 'whole'],
    ['an earlier date', modified(-100), date(-101), 'whole'],
    ['a date a second before Date', modified(-1), date(-1), '0-9'],
    ['the date of the response itself, which is weak', modified(0), date(0), 'whole'],
    ['a date, and none is stored', tagged('"v1"'), date(0), 'whole'],
  ])('with %s', (_what, stored, value, expected) => {
    expect(selected(stored, range('bytes=0-9'), ifRange(value))).toBe(expected);
  });

  it('turns a range that is not there into the whole, too', () => {
    expect(selected(tagged('"v1"'), range('bytes=200-'), ifRange('"v2"'))).toBe('whole');
    expect(selected(tagged('"v1"'), range('bytes=200-'), ifRange('"v1"'))).toBe('unsatisfiable');
  });
});

describe('the fields of a 206 (RFC 9110 §15.3.7)', () => {
  it('are those of the 200 with the range and its own length', () => {
    const stored = stored200(fresh, ['etag', '"v1"'], ['content-length', '100'], ['content-type', 'text/plain']);
    const fields = fieldsOfPart(stored, { first: 10, last: 19 }, 100);
    expect([...eachField(fields)]).toEqual([
      ['date', date()],
      fresh,
      ['etag', '"v1"'],
      ['content-type', 'text/plain'],
      ['content-range', 'bytes 10-19/100'],
      ['content-length', '10'],
    ]);
  });

  it('hold one Content-Range, whatever was stored', () => {
    const fields = fieldsOfPart(stored200(fresh, ['content-range', 'bytes 0-0/1']), { first: 0, last: 0 }, 100);
    expect(fieldLines(fields, 'content-range')).toEqual(['bytes 0-0/100']);
  });
});

describe('the fields of a 416 (RFC 9110 §15.5.17)', () => {
  it('say how long the whole is, and nothing about its content', () => {
    const fields = fieldsOfUnsatisfiable(stored200(fresh, ['etag', '"v1"'], ['content-type', 'text/plain']), 100);
    expect([...eachField(fields)].toSorted(([a], [b]) => a.localeCompare(b))).toEqual([
      ['content-length', '0'],
      ['content-range', 'bytes */100'],
      ['date', date()],
    ]);
    expect(fieldValue(fields, 'cache-control')).toBeUndefined();
  });
});
