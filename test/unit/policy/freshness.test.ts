import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxDeltaSeconds } from '../../../src/http/cache-control.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import { type PolicyConfig, presets } from '../../../src/policy/config.ts';
import type { StoredResponse } from '../../../src/policy/stored.ts';
import { answer, date, get, type Line, store, wall } from './messages.ts';

const day = 86_400;
const control = (value: string): Line => ['cache-control', value];
const modified = (seconds: number): Line => ['last-modified', date(-seconds)];
const tagged: Line = ['etag', '"v1"'];

/** The lifetime of a response that has a validator, and so is stored in any case. */
function freshness(
  status: number,
  lines: readonly Line[],
  config: Partial<PolicyConfig> = {},
  request = get(),
): StoredResponse['freshness'] {
  return store({ request, response: answer(status, tagged, ...lines), config }).freshness;
}

describe('an explicit lifetime (RFC 9111 §4.2.1)', () => {
  it.each([
    [[control('max-age=60')], 60, 'max-age'],
    [[control('MAX-AGE="60"')], 60, 'max-age'],
    [[control('s-maxage=30, max-age=60')], 30, 's-maxage'],
    [[control('max-age=30, s-maxage=60')], 60, 's-maxage'],
    [[control('s-maxage=0, max-age=60')], 0, 's-maxage'],
    [[control('s-maxage=x, max-age=60')], 0, 's-maxage'],
    [[control('max-age=60'), ['expires', date(3600)]], 60, 'max-age'],
    [[control('max-age=60'), ['expires', date(-3600)]], 60, 'max-age'],
    [[control('s-maxage=60'), ['expires', '0']], 60, 's-maxage'],
    [[control('max-age=0, max-age=3600')], 0, 'max-age'],
    [[control('max-age=10'), control('max-age=5')], 5, 'max-age'],
    [[control('max-age=3600abc')], 0, 'max-age'],
    [[control('max-age=3600abc'), ['expires', date(3600)]], 0, 'max-age'],
    [[control('max-age=99999999999')], maxDeltaSeconds, 'max-age'],
    [[control('max-age=60'), ['pragma', 'no-cache']], 60, 'max-age'],
    [[['expires', date(60)]], 60, 'expires'],
    [[['expires', date()]], 0, 'expires'],
    [[['expires', date(-60)]], 0, 'expires'],
    [[['expires', '0']], 0, 'expires'],
    [[['expires', '']], 0, 'expires'],
    [[['expires', 'Thu, 01 Jan 2099 00:00:00 UTC']], 0, 'expires'],
    [
      [
        ['expires', date(60)],
        ['expires', date(60)],
      ],
      0,
      'expires',
    ],
    [[control('public'), ['expires', date(60)]], 60, 'expires'],
  ] as const)('%j is %d s by %s', (lines, lifetime, source) => {
    expect(freshness(200, lines)).toEqual({ lifetime, source });
  });

  it('is counted from the Date of the origin, whatever our clock says', () => {
    const fields = fieldsOf(['date', date(-3600)], ['expires', date(-3540)], tagged);
    expect(store({ response: { status: 200, fields } }).freshness).toEqual({ lifetime: 60, source: 'expires' });
  });

  it('is counted from the receipt where there is no readable Date', () => {
    for (const lines of [[], [['date', 'today'] as const]]) {
      const fields = fieldsOf(...lines, ['expires', date(60)], tagged);
      const stored = store({ response: { status: 200, fields } });
      expect(stored.freshness).toEqual({ lifetime: 60, source: 'expires' });
      expect(stored.dateValue).toBe(wall);
    }
  });

  it('is the same for any status and whoever asks', () => {
    const request = get(['cookie', 'a=1']);
    for (const status of [200, 302, 404, 503, 299]) {
      expect(freshness(status, [control('max-age=60')], {}, request)).toEqual({ lifetime: 60, source: 'max-age' });
    }
  });
});

describe('a heuristic lifetime (RFC 9111 §4.2.2)', () => {
  it('is a tenth of the time since Last-Modified, at most a day', () => {
    expect(freshness(200, [modified(1000)])).toEqual({ lifetime: 100, source: 'heuristic' });
    expect(freshness(200, [modified(1009)])).toEqual({ lifetime: 100, source: 'heuristic' });
    expect(freshness(200, [modified(1000 * day)])).toEqual({ lifetime: day, source: 'heuristic' });
  });

  it('follows the fraction and the longest lifetime of the configuration', () => {
    const config = { heuristicFraction: 0.5, heuristicMax: 400 };
    expect(freshness(200, [modified(700)], config).lifetime).toBe(350);
    expect(freshness(200, [modified(900)], config).lifetime).toBe(400);
    expect(freshness(200, [modified(900)], { heuristicFraction: 0 }).lifetime).toBe(0);
  });

  it('is nothing for a Last-Modified that is no date, or not before Date', () => {
    expect(freshness(200, [['last-modified', 'yesterday']])).toEqual({ lifetime: 0, source: 'none' });
    expect(freshness(200, [modified(0)]).lifetime).toBe(0);
    expect(freshness(200, [modified(-1000)]).lifetime).toBe(0);
  });

  it.each([200, 203, 204, 300, 301, 308])('is for %d', (status) => {
    expect(freshness(status, [modified(1000)])).toEqual({ lifetime: 100, source: 'heuristic' });
  });

  it.each([404, 405, 410, 414, 501])('is for %d by the letter of the RFC, but not by default', (status) => {
    expect(freshness(status, [modified(1000)])).toEqual({ lifetime: 0, source: 'none' });
    expect(freshness(status, [modified(1000)], presets.rfc)).toEqual({ lifetime: 100, source: 'heuristic' });
  });

  it('is for any status that is marked public', () => {
    expect(freshness(302, [modified(1000), control('public')])).toEqual({ lifetime: 100, source: 'heuristic' });
    expect(freshness(400, [modified(1000), control('public')]).lifetime).toBe(100);
  });

  it('is not for a request with credentials by default', () => {
    for (const line of [['cookie', 'a=1'] as const, ['authorization', 'Basic eA=='] as const]) {
      const lines = [modified(1000), control('public, no-cache="x"')];
      expect(freshness(200, lines, presets.rfc, get(line))).toEqual({ lifetime: 100, source: 'heuristic' });
      expect(() => freshness(200, lines, {}, get(line))).toThrow('credentials');
    }
  });

  it.each([
    control('max-age=0'),
    control('s-maxage=0'),
    control('max-age=x'),
    ['expires', '0'],
    ['expires', date(-1)],
  ] as const)('is never made beside an explicit one: %j', (...line) => {
    expect(freshness(200, [modified(1000 * day), line]).lifetime).toBe(0);
  });
});

describe('the default lifetime', () => {
  const config = { defaultTtl: 30 };

  it('is for an origin that says nothing at all', () => {
    expect(freshness(200, [], config)).toEqual({ lifetime: 30, source: 'default-ttl' });
    expect(freshness(301, [['x-foo', '1']], config)).toEqual({ lifetime: 30, source: 'default-ttl' });
  });

  it.each([
    ['a directive, even an unknown one', control('x')],
    ['a lifetime of nothing', control('max-age=0')],
    ['public', control('public')],
    ['no-cache', control('no-cache')],
    ['Expires', ['expires', '0']],
    ['Pragma', ['pragma', 'x']],
    ['a targeted field', ['cdn-cache-control', 'must-revalidate']],
  ] as const)('is not for an origin that says something: %s', (_what, line) => {
    expect(freshness(200, [line], config).lifetime).toBe(0);
  });

  it('is not for errors, and not for statuses that are not heuristically cacheable', () => {
    expect(freshness(404, [], config).lifetime).toBe(0);
    expect(() => freshness(302, [], config)).toThrow('no-explicit-freshness');
    expect(() => freshness(500, [], config)).toThrow('no-explicit-freshness');
  });

  it('is not in place of a heuristic one', () => {
    expect(freshness(200, [modified(1000)], config)).toEqual({ lifetime: 100, source: 'heuristic' });
  });
});

describe('any combination of fields', () => {
  it('gives a lifetime that is neither negative nor broken, and a reason for it', () => {
    const seconds = fc.integer({ min: -1e6, max: 1e6 });
    const directive = fc.oneof(
      fc.constantFrom('public', 'must-revalidate', 'no-cache', 'max-age=', 'max-age=x', 'immutable'),
      fc.nat().map((lifetime) => `max-age=${lifetime}`),
      fc.nat().map((lifetime) => `s-maxage=${lifetime}`),
    );
    const line: fc.Arbitrary<Line> = fc.oneof(
      directive.map(control),
      seconds.map((offset): Line => ['expires', date(offset)]),
      seconds.map(modified),
    );
    const preset = fc.constantFrom(presets.safe, presets.rfc);
    fc.assert(
      fc.property(fc.constantFrom(200, 404), fc.array(line, { maxLength: 5 }), preset, (status, lines, config) => {
        const { lifetime, source } = freshness(status, lines, config);
        expect(Number.isInteger(lifetime) && lifetime >= 0).toBe(true);
        expect(source === 'none' ? lifetime : 0).toBe(0);
      }),
    );
  });
});
