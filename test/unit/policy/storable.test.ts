import { describe, expect, it } from 'vitest';
import { eachField } from '../../../src/http/fields.ts';
import { presets } from '../../../src/policy/config.ts';
import { answer, date, get, type Line, namesOf, store, stored200, verdict } from './messages.ts';

const fresh: Line = ['cache-control', 'max-age=60'];
const tagged: Line = ['etag', '"v1"'];
const control = (value: string): Line => ['cache-control', value];
const groups = (count: number, characters: number): Line => [
  'cache-groups',
  Array.from({ length: count }, (_, i) => `"${String(i).padStart(characters, 'g')}"`).join(),
];
const vary = (count: number): Line => ['vary', Array.from({ length: count }, (_, i) => `x-${i}`).join()];

describe('what the request forbids', () => {
  it.each(['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'get', 'FROBNICATE'])('%s is not stored', (method) => {
    expect(verdict({ request: { ...get(), method }, response: answer(200, fresh) })).toBe('method');
  });

  it('a request with content is not stored', () => {
    expect(verdict({ requestHasContent: true, response: answer(200, fresh) })).toBe('request-content');
  });

  it.each(['no-store', 'NO-STORE', 'max-age=0, no-store', 'no-store=""', '"no-store"', 'no-store x', 'x="'])(
    'Cache-Control: %s in the request is no-store',
    (value) => {
      expect(verdict({ request: get(control(value)), response: answer(200, fresh) })).toBe('request-no-store');
    },
  );

  it.each(['no-cache', 'max-age=0', 'x="no-store"', ''])('Cache-Control: %s in the request is not', (value) => {
    expect(verdict({ request: get(control(value)), response: answer(200, fresh) })).toBe('stored');
  });
});

describe('status codes (RFC 9111 §3)', () => {
  it.each([200, 203, 204, 299, 300, 302, 307, 400, 404, 426, 451, 499, 500, 503, 599])(
    '%d is stored with explicit freshness',
    (status) => {
      expect(verdict({ response: answer(status, fresh) })).toBe('stored');
    },
  );

  it('304 is not', () => {
    expect(verdict({ response: answer(304, fresh) })).toBe('not-modified');
  });

  it.each([100, 103, 416, 428, 429, 431, 511, 600, 999])('%d is not', (status) => {
    expect(verdict({ response: answer(status, fresh) })).toBe('status');
  });

  it.each([
    [200, 'must-understand, max-age=60', 'stored'],
    [200, 'must-understand, no-store, max-age=60', 'stored'],
    [200, 'must-understand, no-store, private, max-age=60', 'private'],
    [418, 'must-understand, max-age=60', 'must-understand'],
    [299, 'must-understand, no-store, max-age=60', 'must-understand'],
    [206, 'must-understand, max-age=60', 'partial'],
  ])('%d with %s: %s', (status, value, expected) => {
    expect(verdict({ response: answer(status, control(value)) })).toBe(expected);
  });
});

describe('directives of the response', () => {
  it.each([
    ['no-store', 'no-store'],
    ['No-Store, max-age=60', 'no-store'],
    ['max-age=60, no-store=""', 'no-store'],
    ['max-age=60, no-store=x', 'no-store'],
    ['public, s-maxage=60, no-store', 'no-store'],
    ['private', 'private'],
    ['PRIVATE, max-age=60', 'private'],
    ['private, public, s-maxage=60', 'private'],
    ['private="", max-age=60', 'private'],
    ['private=",", max-age=60', 'private'],
    ['private="x", private, max-age=60', 'private'],
    ['private="vary", max-age=60', 'private'],
    ['private="x", max-age=60', 'stored'],
    ['no-cache', 'no-validator'],
    ['max-age=60, "no-store', 'cache-control-malformed'],
    ['max-age=60, x="', 'cache-control-malformed'],
    ['max-age=60, no store', 'cache-control-malformed'],
    ['x="no-store, private", max-age=60', 'stored'],
    ['xno-store, max-age=60', 'stored'],
  ])('%s: %s', (value, expected) => {
    expect(verdict({ response: answer(200, control(value)) })).toBe(expected);
  });

  it('are combined from every line', () => {
    expect(verdict({ response: answer(200, fresh, control('private')) })).toBe('private');
    expect(verdict({ response: answer(200, control('no-store'), fresh) })).toBe('no-store');
  });
});

describe('requests with Authorization (RFC 9111 §3.5)', () => {
  const request = get(['authorization', 'Basic eA==']);

  it.each([
    ['max-age=60', 'authorization'],
    ['max-age=60, proxy-revalidate', 'authorization'],
    ['max-age=60, x="public"', 'authorization'],
    ['max-age=60, public', 'stored'],
    ['s-maxage=60', 'stored'],
    ['max-age=60, must-revalidate', 'stored'],
    ['public, private', 'private'],
    ['public, no-store', 'no-store'],
  ])('%s: %s', (value, expected) => {
    expect(verdict({ request, response: answer(200, control(value)) })).toBe(expected);
  });

  it('are not answered for others on the strength of Expires', () => {
    expect(verdict({ request, response: answer(200, ['expires', date(60)]) })).toBe('authorization');
  });

  it('are judged by the targeted field where there is one', () => {
    const lines: readonly Line[] = [control('public, max-age=60'), ['cdn-cache-control', 'max-age=60']];
    expect(verdict({ request, response: answer(200, ...lines) })).toBe('authorization');
  });
});

describe('requests with credentials and no explicit freshness (RFC 9111 §7.3)', () => {
  const lines: readonly Line[] = [['last-modified', date(-1000)]];
  const cookie = get(['cookie', 'user=a']);
  const authorized = get(['authorization', 'Basic eA==']);

  it('are not stored', () => {
    expect(verdict({ request: cookie, response: answer(200, ...lines) })).toBe('credentials');
    expect(verdict({ request: cookie, response: answer(200, tagged) })).toBe('credentials');
    expect(verdict({ request: cookie, response: answer(200), config: { defaultTtl: 60 } })).toBe('credentials');
    expect(verdict({ request: authorized, response: answer(200, control('public'), ...lines) })).toBe('credentials');
  });

  it('are stored with a lifetime, or when each reuse is validated', () => {
    expect(verdict({ request: cookie, response: answer(200, fresh) })).toBe('stored');
    expect(verdict({ request: cookie, response: answer(200, ['expires', date(60)]) })).toBe('stored');
    expect(verdict({ request: cookie, response: answer(200, control('no-cache'), tagged) })).toBe('stored');
  });

  it('are stored by the letter of the RFC', () => {
    expect(verdict({ request: cookie, response: answer(200, ...lines), config: presets.rfc })).toBe('stored');
  });
});

describe('Set-Cookie (RFC 9111 §7.3)', () => {
  const cookie: Line = ['set-cookie', 'user=a'];

  it.each([
    ['max-age=60', 'set-cookie'],
    ['max-age=60, immutable', 'set-cookie'],
    ['max-age=60, must-revalidate', 'set-cookie'],
    ['no-cache', 'set-cookie'],
    ['public, max-age=60', 'stored'],
    ['s-maxage=60', 'stored'],
    ['max-age=60, x="public"', 'set-cookie'],
  ])('with %s: %s', (value, expected) => {
    expect(verdict({ response: answer(200, control(value), cookie, tagged) })).toBe(expected);
  });

  it('is never stored with what is shared', () => {
    expect(namesOf(stored200(control('public, max-age=60'), cookie, cookie))).not.toContain('set-cookie');
  });

  it('is stored and replayed by the letter of the RFC', () => {
    const stored = store({ response: answer(200, fresh, cookie), config: presets.rfc });
    expect([...eachField(stored.fields)]).toContainEqual(cookie);
  });
});

describe('Vary', () => {
  it.each(['*', 'accept, *', 'a b', '"a"', 'a, "'])('%s never matches: not stored', (value) => {
    expect(verdict({ response: answer(200, fresh, ['vary', value]) })).toBe('vary-star');
  });

  it.each(['forwarded', 'X-Forwarded-For', 'accept, via'])('%s names what this proxy writes: not stored', (value) => {
    expect(verdict({ response: answer(200, fresh, ['vary', value]) })).toBe('vary-forwarded');
  });

  it('is followed up to so many names', () => {
    expect(verdict({ response: answer(200, fresh, vary(16)) })).toBe('stored');
    expect(verdict({ response: answer(200, fresh, vary(17)) })).toBe('vary-too-wide');
    expect(verdict({ response: answer(200, fresh, vary(17)), config: { maxNominatedFields: 17 } })).toBe('stored');
  });
});

describe('Cache-Groups (RFC 9875 §2.1)', () => {
  it.each([
    [64, 64, 'stored'],
    [65, 2, 'too-many-groups'],
    [1, 4_096, 'stored'],
    [1, 4_097, 'too-many-groups'],
  ])('of %d names with %d characters: %s', (count, characters, expected) => {
    expect(verdict({ response: answer(200, fresh, groups(count, characters)) })).toBe(expected);
  });

  it('are remembered once each, by nothing but their names', () => {
    expect(stored200(fresh, ['cache-groups', '"one", "two", "one"']).groups).toEqual(['one', 'two']);
  });
});

describe('what makes a response storable at all', () => {
  it.each([
    ['max-age', answer(302, fresh)],
    ['s-maxage', answer(302, control('s-maxage=60'))],
    ['Expires', answer(302, ['expires', date(60)])],
    ['public, with a validator', answer(302, control('public'), tagged)],
    ['a heuristically cacheable status, with a validator', answer(200, tagged)],
    ['a default lifetime', answer(200)],
  ])('%s does', (_what, response) => {
    expect(verdict({ response, config: { defaultTtl: 60 } })).toBe('stored');
  });

  it.each([201, 302, 303, 307, 400, 403, 500, 503])('%d without anything explicit is not', (status) => {
    expect(verdict({ response: answer(status, tagged, ['last-modified', date(-1000)]) })).toBe('no-explicit-freshness');
  });

  it.each([
    ['nothing', answer(200), 'no-freshness'],
    ['max-age=0', answer(200, control('max-age=0')), 'expired'],
    ['Expires now', answer(200, ['expires', date()]), 'expired'],
    ['an invalid Expires', answer(200, ['expires', '0']), 'expired'],
    ['public', answer(200, control('public')), 'no-freshness'],
    ['no-cache', answer(200, control('no-cache, max-age=60')), 'no-validator'],
    ['an Age beyond the lifetime', answer(200, fresh, ['age', '60']), 'expired'],
  ])('%s and no validator is not worth storing', (_what, response, reason) => {
    expect(verdict({ response })).toBe(reason);
  });

  it.each([
    ['an entity-tag', answer(200, control('max-age=0'), tagged)],
    ['a weak entity-tag', answer(200, control('no-cache'), ['etag', 'W/"v1"'])],
    ['a modification date', answer(200, control('no-cache'), ['last-modified', date(-1000)])],
    ['a window to serve it stale', answer(200, control('max-age=0, stale-while-revalidate=60'))],
    ['a window for errors', answer(200, control('max-age=0, stale-if-error=60'))],
  ])('%s makes it worth storing', (_what, response) => {
    expect(verdict({ response })).toBe('stored');
  });

  it('is worth storing by the letter where stale responses may stand in for a lost origin', () => {
    expect(verdict({ response: answer(200, control('max-age=0')), config: presets.rfc })).toBe('stored');
  });
});
