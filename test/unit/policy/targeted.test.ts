import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deltaSeconds, hasDirective, qualifiedNames } from '../../../src/http/cache-control.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import { responseControl } from '../../../src/policy/targeted.ts';
import { answer, date, type Line, store, stored200, verdict } from './messages.ts';

const generic: Line = ['cache-control', 'max-age=5'];
const cdn = (value: string): Line => ['cdn-cache-control', value];
const chosen = (...lines: readonly Line[]): ReturnType<typeof responseControl> => responseControl(fieldsOf(...lines));

const lifetime = (text: string): number | undefined => deltaSeconds(chosen(['cache-control', text]).control, 'max-age');

describe('what a text of Cache-Control means', () => {
  it('is the same each time, whatever was read meanwhile', () => {
    const long = `max-age=7, ${'x'.repeat(1_000)}`;
    for (let round = 0; round < 2; round++) {
      for (let seconds = 0; seconds < 1_000; seconds++) expect(lifetime(`max-age=${seconds}`)).toBe(seconds);
      expect(lifetime(long)).toBe(7);
    }
  });
});

describe('which field counts (RFC 9213 §2.2)', () => {
  it.each([
    [
      'ours before that of all CDNs',
      [cdn('max-age=60'), ['etagere-cache-control', 'max-age=90']],
      'etagere-cache-control',
    ],
    ['that of all CDNs before the generic one', [generic, cdn('max-age=60')], 'cdn-cache-control'],
    ['the generic one alone', [generic], 'cache-control'],
    ['the next when ours is invalid', [['etagere-cache-control', 'max-age='], cdn('max-age=60')], 'cdn-cache-control'],
    [
      'none of another target',
      [
        ['other-cache-control', 'max-age=60'],
        ['surrogate-control', 'max-age=60'],
      ],
      'cache-control',
    ],
    ['one with an extension alone', [generic, cdn('x')], 'cdn-cache-control'],
    ['one with an extension of a strange type', [generic, cdn('x=(1 2)')], 'cdn-cache-control'],
  ] as readonly (readonly [string, readonly Line[], string])[])('%s', (_what, lines, source) => {
    expect(chosen(...lines).source).toBe(source);
  });

  it.each([
    ['nothing', ''],
    ['spaces', '  '],
    ['a trailing comma', 'max-age=60,'],
    ['no value', 'max-age='],
    ['a space before "="', 'max-age =60'],
    ['a space after "="', 'max-age= 60'],
    ['capitals', 'Max-Age=60'],
    ['an unknown type', 'max-age=60, &&&'],
    ['an unterminated string', 'no-cache="x'],
    ['sixteen digits', 'max-age=1000000000000000'],
    ['obs-text', 'no-cache="\xe9"'],
    ['a lifetime of the wrong type alone', 'max-age="60"'],
    ['a permission of the wrong type alone', 'public=1'],
  ])('is as if absent with %s', (_what, value) => {
    expect(chosen(generic, cdn(value))).toEqual(chosen(generic));
  });
});

describe('what a targeted field says', () => {
  it('is combined from all of its lines', () => {
    const { control } = chosen(cdn('max-age=60'), cdn('must-revalidate'));
    expect(deltaSeconds(control, 'max-age')).toBe(60);
    expect(hasDirective(control, 'must-revalidate')).toBe(true);
  });

  it('is the last of several by the rules of dictionaries (RFC 9651 §3.2)', () => {
    expect(deltaSeconds(chosen(cdn('max-age=1, max-age=60')).control, 'max-age')).toBe(60);
  });

  it('does not depend on parameters', () => {
    expect(deltaSeconds(chosen(cdn('max-age=60;x=1;y')).control, 'max-age')).toBe(60);
  });

  it.each([
    ['max-age=0', 0],
    ['max-age=99999999999', 2 ** 31],
    ['max-age=1.5', 0],
    ['max-age=-1', 0],
    ['max-age=x', 0],
    ['max-age', 0],
    ['max-age="60", x', undefined],
    ['max-age=?0, x', undefined],
    ['max-age=:aGk=:, x', undefined],
    ['max-age=(60), x', undefined],
  ])('of a lifetime: %s is %s', (value, seconds) => {
    expect(deltaSeconds(chosen(cdn(value)).control, 'max-age')).toBe(seconds);
  });

  it.each([
    ['no-store', 'no-store'],
    ['no-store=?1', 'no-store'],
    ['no-store=?0', 'no-store'],
    ['no-store="x"', 'no-store'],
    ['no-store=1', 'no-store'],
    ['no-store=(a b)', 'no-store'],
    ['must-revalidate="x"', 'must-revalidate'],
    ['proxy-revalidate=1', 'proxy-revalidate'],
  ])('forbids whatever its type: %s', (value, name) => {
    expect(hasDirective(chosen(generic, cdn(value)).control, name)).toBe(true);
  });

  it.each([
    ['private', 'all'],
    ['private=1', 'all'],
    ['private=x', 'all'],
    ['private=?0', 'all'],
    ['private=("x")', 'all'],
    ['private=""', 'all'],
    ['private="X-A, x-b"', ['x-a', 'x-b']],
  ])('of fields: %s means %j', (value, names) => {
    expect(qualifiedNames(chosen(cdn(value)).control, 'private')).toEqual(names);
  });

  it.each(['public="x", x', 'public=1, x', 'must-understand="x", x'])(
    'permits only with the right type: %s',
    (value) => {
      const { control } = chosen(cdn(value));
      expect(hasDirective(control, 'public') || hasDirective(control, 'must-understand')).toBe(false);
    },
  );
});

describe('a response with a targeted field', () => {
  it('is judged by it, and neither by Cache-Control nor by Expires', () => {
    const lines: readonly Line[] = [generic, ['expires', date(-60)], cdn('max-age=60')];
    expect(stored200(...lines).freshness).toEqual({ lifetime: 60, source: 'max-age' });
    const forbidden: Line = ['cache-control', 'no-store, private'];
    expect(verdict({ response: answer(200, forbidden, cdn('max-age=60')) })).toBe('stored');
    expect(verdict({ response: answer(200, ['cache-control', 'x="'], cdn('max-age=60')) })).toBe('stored');
    expect(verdict({ response: answer(200, generic, cdn('no-store')) })).toBe('no-store');
    expect(verdict({ response: answer(200, generic, cdn('private')) })).toBe('private');
  });

  it('has no explicit lifetime by Expires alone', () => {
    const lines: readonly Line[] = [['etag', '"v1"'], ['expires', date(60)], cdn('must-revalidate')];
    expect(stored200(...lines).freshness).toEqual({ lifetime: 0, source: 'none' });
  });

  it('keeps every field for those further on', () => {
    const { fields } = store({ response: answer(200, generic, cdn('max-age=60')) });
    expect(fields).toEqual(fieldsOf(['date', date()], generic, cdn('max-age=60')));
  });

  it('never makes the parser throw', () => {
    const part = fc.constantFrom(
      'max-age',
      '=',
      ',',
      '"',
      '1',
      '(',
      ')',
      ';',
      '?',
      ':',
      '@',
      '%"',
      ' ',
      'no-store',
      '-',
      '.',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part).map((parts) => parts.join('')),
        ),
        (value) => {
          expect(['cdn-cache-control', 'cache-control']).toContain(chosen(cdn(value)).source);
        },
      ),
    );
  });
});
