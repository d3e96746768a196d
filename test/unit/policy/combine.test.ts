import { describe, expect, it } from 'vitest';
import { eachField, fieldsOf, fieldValue } from '../../../src/http/fields.ts';
import { completedBy, completionOf, junction, withLength } from '../../../src/policy/combine.ts';
import { type PolicyConfig, presets } from '../../../src/policy/config.ts';
import { holds } from '../../../src/policy/partial.ts';
import type { StoredResponse } from '../../../src/policy/stored.ts';
import { answer, date, get, type Line, store, verdict, wall } from './messages.ts';

const fresh: Line = ['cache-control', 'max-age=60'];
const strong: Line = ['etag', '"v1"'];
const rangeOf = (value: string): Line => ['range', value];
const contentRange = (value: string): Line => ['content-range', value];

/** A part stored from a 206 that says `described`, in answer to `asked`. */
function part(
  asked: string,
  described: string,
  lines: readonly Line[] = [strong],
  config: Partial<PolicyConfig> = {},
): StoredResponse {
  return store({
    request: get(rangeOf(asked)),
    response: answer(206, fresh, contentRange(described), ...lines),
    config,
  });
}

const extentText = ({ extent }: StoredResponse): string =>
  extent === undefined ? 'whole' : `${extent.first}-${extent.last}/${extent.length}`;

describe('a stored part (RFC 9111 §3.3)', () => {
  it('is an incomplete 200 with the length of the whole', () => {
    const stored = part('bytes=2-5', 'bytes 2-5/10', [strong, ['content-length', '4']]);
    expect([stored.status, extentText(stored), fieldValue(stored.fields, 'content-length')]).toEqual([
      200,
      '2-5/10',
      '10',
    ]);
    expect(fieldValue(stored.fields, 'content-range')).toBeUndefined();
  });

  it.each([
    ['no Content-Range', []],
    ['two of them', [contentRange('bytes 0-4/10'), contentRange('bytes 0-4/10')]],
    ['another unit', [contentRange('items 0-4/10')]],
    ['an unknown length', [contentRange('bytes 0-4/*')]],
    ['a range beyond its length', [contentRange('bytes 0-10/10')]],
    ['a range that ends before it begins', [contentRange('bytes 5-4/10')]],
    ['more bytes than its range', [contentRange('bytes 0-4/10'), ['content-length', '6']]],
    ['several parts', [contentRange('bytes 0-4/5'), ['content-type', 'multipart/byteranges; boundary=B']]],
    ['no bytes', [contentRange('bytes 0-4/10'), ['content-length', '0']]],
  ] satisfies [string, Line[]][])('is not made of a 206 with %s', (_, lines) => {
    expect(verdict({ request: get(rangeOf('bytes=0-4')), response: answer(206, fresh, ...lines) })).toBe('partial');
  });

  it('is not made of a 206 that nobody asked for', () => {
    expect(verdict({ response: answer(206, fresh, contentRange('bytes 0-4/10')) })).toBe('partial');
  });

  it('is as long as its content, where that is shorter than announced', () => {
    const short: Line[] = [strong, ['content-length', '5']];
    expect(extentText(part('bytes=4-9', 'bytes 4-9/12', short))).toBe('4-8/12');
    expect(extentText(part('bytes=0-5', 'bytes 0-5/10', short))).toBe('0-4/10');
    // It does not become the whole, however short it is.
    expect(extentText(part('bytes=0-', 'bytes 0-9/10', short))).toBe('0-4/10');
  });

  it('that is the last one ends the representation where its content ends', () => {
    expect(extentText(part('bytes=-5', 'bytes 4-9/10', [strong, ['content-length', '5']]))).toBe('4-8/9');
  });

  it('holds what lies wholly within it, and nothing else for the range that brought it', () => {
    const stored = part('bytes=4-9', 'bytes 4-9/12', [strong, ['content-length', '5']]);
    const held = (...lines: Line[]): boolean => holds(get(...lines), stored, wall);
    expect(held(rangeOf('bytes=4-8'))).toBe(true);
    expect(held(rangeOf('bytes=5-6,8-8'))).toBe(true);
    expect(held(rangeOf('bytes=4-9'))).toBe(false);
    expect(held(rangeOf('bytes=6-'))).toBe(false);
    expect(held(rangeOf('bytes=3-5'))).toBe(false);
    expect(held(rangeOf('bytes=4-8'), ['if-range', '"v2"'])).toBe(false);
    expect(held()).toBe(false);
  });
});

const asked = (stored: StoredResponse, config: PolicyConfig = presets.safe): string[] | undefined => {
  const completion = completionOf(stored, config);
  return completion === undefined
    ? undefined
    : [...eachField(completion.fields)].map(([name, value]) => `${name}: ${value}`);
};

describe('what a stored part lacks', () => {
  it('is asked for with the strong validator (RFC 9110 §13.1.5)', () => {
    expect(asked(part('bytes=0-4', 'bytes 0-4/10'))).toEqual(['range: bytes=5-', 'if-range: "v1"']);
    expect(asked(part('bytes=5-', 'bytes 5-9/10'))).toEqual(['range: bytes=0-4', 'if-range: "v1"']);
    const modified: Line = ['last-modified', date(-100)];
    expect(asked(part('bytes=0-4', 'bytes 0-4/10', [modified]))).toEqual([
      'range: bytes=5-',
      `if-range: ${modified[1]}`,
    ]);
  });

  it('is not asked for where it could not be combined', () => {
    expect(asked(part('bytes=2-4', 'bytes 2-4/10'))).toBeUndefined();
    expect(asked(part('bytes=0-4', 'bytes 0-4/10', [['etag', 'W/"v1"']]))).toBeUndefined();
    expect(asked(part('bytes=0-4', 'bytes 0-4/10', [['last-modified', date()]]))).toBeUndefined();
    expect(asked(part('bytes=0-4', 'bytes 0-4/10', []))).toBeUndefined();
    expect(asked(part('bytes=0-4', 'bytes 0-4/10', []), presets.rfc)).toEqual(['range: bytes=5-']);
  });

  it('completes the whole only as the same representation and the missing run (RFC 9111 §3.4)', () => {
    const stored = part('bytes=0-4', 'bytes 0-4/10', [strong, ['x-part', '1']]);
    const missing = { first: 5, last: 9 };
    const completed = (status: number, ...lines: Line[]) =>
      completedBy(stored, missing, { status, fields: fieldsOf(...lines) });
    const whole = completed(206, strong, contentRange('bytes 5-9/10'), ['x-new', '2'], ['content-length', '5']);
    expect(whole?.status).toBe(200);
    expect(
      whole && ['x-part', 'x-new', 'content-length', 'content-range'].map((name) => fieldValue(whole.fields, name)),
    ).toEqual(['1', '2', '10', undefined]);
    expect(completed(206, ['etag', '"v2"'], contentRange('bytes 5-9/10'))).toBeUndefined();
    expect(completed(206, ['etag', 'W/"v1"'], contentRange('bytes 5-9/10'))).toBeUndefined();
    expect(completed(206, contentRange('bytes 5-9/10'))).toBeUndefined();
    expect(completed(206, strong, contentRange('bytes 6-9/10'))).toBeUndefined();
    expect(completed(206, strong, contentRange('bytes 5-9/11'))).toBeUndefined();
    expect(completed(206, strong, contentRange('bytes 5-9/*'))).toBeUndefined();
    expect(completed(206, strong, contentRange('bytes 5-9/10'), contentRange('bytes 5-9/10'))).toBeUndefined();
    const parts: Line = ['content-type', 'Multipart/ByteRanges; boundary=B'];
    expect(completed(206, strong, contentRange('bytes 5-9/10'), parts)).toBeUndefined();
    expect(completed(206, strong, contentRange('bytes 5-9/10'), ['content-type', 'multipart/mixed'])).toBeDefined();
    expect(completed(206, strong, contentRange('bytes 5-9/10'), ['content-encoding', 'gzip'])).toBeUndefined();
    expect(completed(200, strong, contentRange('bytes 5-9/10'))).toBeUndefined();
  });
});

const joint = (older: string, newer: string, lines: readonly Line[] = [strong]): string | undefined => {
  const found = junction(part('bytes=0-', older), part('bytes=1-', newer, lines));
  return found && `${extentText(found.stored)} ${found.before}+${found.after}`;
};

/** Whether two parts that meet, with these fields, are joined. */
const joinable = (older: readonly Line[], newer: readonly Line[]): boolean =>
  junction(part('bytes=0-4', 'bytes 0-4/10', older), part('bytes=5-', 'bytes 5-9/10', newer)) !== undefined;

describe('two stored parts (RFC 9111 §3.4)', () => {
  it.each([
    ['bytes 0-4/10', 'bytes 5-7/10', '0-7/10 5+0'],
    ['bytes 5-7/10', 'bytes 0-4/10', '0-7/10 0+3'],
    ['bytes 0-5/10', 'bytes 3-7/10', '0-7/10 3+0'],
    ['bytes 0-8/10', 'bytes 3-5/10', '0-8/10 3+3'],
    ['bytes 0-4/10', 'bytes 5-9/10', 'whole 5+0'],
  ])('%s and %s: %s', (older, newer, expected) => {
    expect(joint(older, newer)).toBe(expected);
  });

  it.each([
    ['bytes 0-3/10', 'bytes 5-7/10'],
    ['bytes 5-7/10', 'bytes 0-3/10'],
    ['bytes 3-5/10', 'bytes 0-8/10'],
    ['bytes 0-4/11', 'bytes 5-7/10'],
  ])('%s and %s stay apart', (older, newer) => {
    expect(joint(older, newer)).toBeUndefined();
  });

  it('are joined only with the same strong validator', () => {
    expect(joint('bytes 0-4/10', 'bytes 5-7/10', [['etag', '"v2"']])).toBeUndefined();
    expect(joint('bytes 0-4/10', 'bytes 5-7/10', [])).toBeUndefined();
  });

  it('are joined only in the same coding, and with the same validators on both sides', () => {
    const date100: Line = ['last-modified', date(-100)];
    const gzip: Line = ['content-encoding', 'gzip'];
    expect(joinable([strong, gzip], [strong, gzip])).toBe(true);
    expect(joinable([strong], [strong, gzip])).toBe(false);
    expect(joinable([strong, gzip], [strong])).toBe(false);
    expect(joinable([date100], [date100])).toBe(true);
    expect(joinable([date100], [date100, strong])).toBe(false);
  });

  it('are joined only where the newer brings every field of the older', () => {
    const older = part('bytes=0-4', 'bytes 0-4/10', [strong, ['content-type', 'text/plain']]);
    const newer = (...lines: Line[]): StoredResponse => part('bytes=5-', 'bytes 5-9/10', [strong, ...lines]);
    expect(junction(older, newer())).toBeUndefined();
    expect(junction(older, newer(['content-type', 'text/html'], ['x-new', '1']))).toBeDefined();
  });
});

describe('the head that is kept', () => {
  it('says how long the content turned out to be', () => {
    const whole = store({ response: answer(200, fresh) });
    expect(fieldValue(withLength(whole, 7)?.fields ?? whole.fields, 'content-length')).toBe('7');
    expect(extentText(withLength(part('bytes=0-5', 'bytes 0-5/10'), 4) ?? whole)).toBe('0-3/10');
    expect(withLength(part('bytes=0-5', 'bytes 0-5/10'), 7)).toBeUndefined();
  });

  it('is that of a whole when a part turned out to be all of it', () => {
    expect(extentText(withLength(part('bytes=0-', 'bytes 0-9/10'), 10) ?? part('bytes=0-', 'bytes 1-9/10'))).toBe(
      'whole',
    );
  });

  it('has no length where there is no content', () => {
    const stored = store({ response: answer(204, fresh) });
    expect(withLength(stored, 0)).toBe(stored);
  });
});
