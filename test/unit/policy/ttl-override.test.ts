import { describe, expect, it } from 'vitest';
import { fieldsOf, fieldValue } from '../../../src/http/fields.ts';
import { type PolicyConfig, presets } from '../../../src/policy/config.ts';
import { decideReuse } from '../../../src/policy/reuse.ts';
import { storability } from '../../../src/policy/storable.ts';

const now = Date.UTC(2026, 10, 22, 12);
const times = { requestTime: now, responseTime: now, responseWallTime: now };
const date = ['date', new Date(now).toUTCString()] as const;

type Line = readonly [string, string];

function requestWith(...lines: Line[]) {
  const fields = fieldsOf(...lines);
  return { method: 'GET', scheme: 'http', authority: 'shop.test', target: '/', version: '1.1', fields } as const;
}

function judged(config: Partial<PolicyConfig>, ...lines: Line[]) {
  return judgedFor(requestWith(), config, ...lines);
}

function ofStatus(status: number, config: Partial<PolicyConfig>, ...lines: Line[]) {
  return storability(
    {
      request: requestWith(),
      requestHasContent: false,
      response: { status, fields: fieldsOf(date, ...lines) },
      times,
      generation: 0,
    },
    { ...presets.safe, ...config },
  );
}

function judgedFor(request: ReturnType<typeof requestWith>, config: Partial<PolicyConfig>, ...lines: Line[]) {
  const response = { status: 200, fields: fieldsOf(date, ...lines) };
  return storability(
    { request, requestHasContent: false, response, times, generation: 0 },
    { ...presets.safe, ...config },
  );
}

const ttl = { lifetime: 300, force: false, notFound: undefined };
const forced = { ...ttl, force: true };
const freshFor300 = { storable: true, stored: { freshness: { lifetime: 300 } } };
const inItsPlace = { storable: true, stored: { freshness: { lifetime: 300, source: 'route-ttl' } } };

describe("an operator's lifetime", () => {
  it.each([
    ['max-age', ['cache-control', 'max-age=5']],
    ['s-maxage', ['cache-control', 's-maxage=5']],
    ['Expires', ['expires', 'Thu, 01 Jan 2037 00:00:00 GMT']],
    ['a lifetime for CDNs', ['cdn-cache-control', 'max-age=5']],
  ] as const)('counts in the place of %s, and like it for credentials', (_what, line) => {
    expect(judged({ ttl }, line)).toMatchObject(inItsPlace);
    expect(judgedFor(requestWith(['cookie', 'session=1']), { ttl }, line)).toMatchObject(inItsPlace);
  });

  it.each([
    ['nothing', []],
    ['only who may have it', [['cache-control', 'public']]],
    ['that its lifetime is over', [['cache-control', 'max-age=0']]],
    ['that its lifetime is over by Expires', [['expires', 'Thu, 01 Jan 1970 00:00:00 GMT']]],
  ] as const)("is a guess where the origin says %s: what may be one client's is not for others", (_what, lines) => {
    const withCookie = requestWith(['cookie', 'session=1']);
    const plain = judged({ ttl }, ...lines);
    expect(plain).toMatchObject(freshFor300);
    expect(judgedFor(withCookie, { ttl }, ...lines)).toMatchObject({ storable: false, reason: 'credentials' });
    const candidates = plain.storable ? [plain.stored] : [];
    const input = { hasContent: false, candidates, now };
    const config = { ...presets.safe, ttl };
    expect(decideReuse({ ...input, request: requestWith() }, config)).toMatchObject({ kind: 'reuse' });
    const forCookie = decideReuse({ ...input, request: withCookie }, config);
    expect(forCookie).toMatchObject({ kind: 'validate', detail: 'request-credentials' });
    expect(judgedFor(withCookie, { ttl: forced }, ...lines)).toMatchObject(freshFor300);
  });

  it.each([
    ['no-store', ['cache-control', 'no-store']],
    ['private', ['cache-control', 'private, max-age=60']],
    ['set-cookie', ['set-cookie', 'a=1']],
  ] as const)('does not count against %s, but by force', (reason, line) => {
    expect(judged({ ttl }, line)).toMatchObject({ storable: false, reason });
    expect(judged({ ttl: forced }, line)).toMatchObject(freshFor300);
  });

  it.each([200, 203, 204, 300, 301, 308])('counts for %d, which stands for its target as it is', (status) => {
    expect(ofStatus(status, { ttl })).toMatchObject(freshFor300);
  });

  it.each([302, 307, 400, 401, 403, 404, 410, 451, 500, 502, 503, 504, 599])(
    'does not count for %d, which may soon be over, by force neither',
    (status) => {
      expect(ofStatus(status, { ttl })).toMatchObject({ storable: false });
      expect(ofStatus(status, { ttl: forced })).toMatchObject({ storable: false });
      const own = ['cache-control', 'max-age=7'] as const;
      expect(ofStatus(status, { ttl }, own)).toMatchObject({
        stored: { freshness: { lifetime: 7, source: 'max-age' } },
      });
    },
  );

  it.each([404, 410])('may be another one for %d', (status) => {
    const short = { ttl: { ...ttl, notFound: 10 } };
    expect(ofStatus(status, short)).toMatchObject({ stored: { freshness: { lifetime: 10, source: 'assumed-ttl' } } });
    expect(ofStatus(503, short)).toMatchObject({ storable: false });
  });

  it('does not let a response that wants validation be used without, but by force', () => {
    const line = ['cache-control', 'no-cache'] as const;
    expect(judged({ ttl }, line, ['etag', '"1"'])).toMatchObject({ storable: true, stored: { alwaysValidate: true } });
    expect(judged({ ttl: forced }, line)).toMatchObject({ storable: true, stored: { alwaysValidate: false } });
  });

  it.each(['safe', 'rfc'] as const)('never has a cookie of one client sent to another (preset %s)', (preset) => {
    const answer = judged({ ...presets[preset], ttl: forced }, ['set-cookie', 'a=1']);
    expect(answer.storable && fieldValue(answer.stored.fields, 'set-cookie')).toBe(undefined);
    const unforced = judged({ ...presets[preset], ttl }, ['set-cookie', 'a=1']);
    expect(unforced).toMatchObject({ storable: false, reason: 'set-cookie' });
    const shared = judged({ ...presets[preset], ttl }, ['set-cookie', 'a=1'], ['cache-control', 'public']);
    expect(shared.storable && fieldValue(shared.stored.fields, 'set-cookie')).toBe(undefined);
  });

  it.each([
    ['nothing', []],
    ['private', [['cache-control', 'private, max-age=60']]],
    ['private beside what would allow it', [['cache-control', 'private, must-revalidate, max-age=60']]],
    ['no-store', [['cache-control', 'no-store']]],
    ['no-cache without a validator', [['cache-control', 'no-cache']]],
    ['Set-Cookie', [['set-cookie', 'a=1']]],
  ] as const)('does not share answers to Authorization by force where the origin says %s', (_what, lines) => {
    const request = requestWith(['authorization', 'Bearer a']);
    expect(judged({ ttl: forced }, ...lines)).toMatchObject({ storable: true });
    // It lies in the request: others get what force has stored as before.
    expect(judgedFor(request, { ttl: forced }, ...lines)).toMatchObject({ storable: false, reason: 'authorization' });
  });

  it('says of answers to Authorization what force would not have changed', () => {
    const request = requestWith(['authorization', 'Bearer a']);
    expect(judgedFor(request, { ttl: forced }, ['vary', '*'])).toMatchObject({ storable: false, reason: 'vary-star' });
  });

  it('shares answers to Authorization where the origin allows it (RFC 9111 §3.5)', () => {
    const request = requestWith(['authorization', 'Bearer a']);
    expect(judgedFor(request, { ttl: forced }, ['cache-control', 'public, max-age=5'])).toMatchObject(inItsPlace);
  });

  it('leaves open by force the windows for stale responses that the origin does not close', () => {
    const config = { ttl: forced, staleIfError: 60, staleWhileRevalidate: 30 };
    const open = { staleProhibited: false, staleIfError: 60, staleWhileRevalidate: 30 };
    expect(judged(config, ['cache-control', 'no-store, no-cache'])).toMatchObject({ stored: open });
    const closed = { staleProhibited: true, staleIfError: 0, staleWhileRevalidate: 0 };
    expect(judged(config, ['cache-control', 'no-store, must-revalidate'])).toMatchObject({ stored: closed });
  });

  it('does not have what force let in answer anybody once the route forces no more', () => {
    const config = { ...presets.safe, staleIfError: 60 };
    const answer = judged({ ...config, ttl: forced }, ['cache-control', 'private'], ['etag', '"1"']);
    const candidates = answer.storable ? [answer.stored] : [];
    const input = { request: requestWith(), hasContent: false, candidates, now };
    expect(decideReuse(input, { ...config, ttl: forced })).toMatchObject({ kind: 'reuse' });
    const later = { kind: 'forward', fwd: 'miss' };
    expect(decideReuse(input, { ...config, ttl })).toMatchObject(later);
    expect(decideReuse(input, config)).toMatchObject(later);
  });
});

describe('a window of the operator', () => {
  it('for validation in the background counts where the origin names none', () => {
    const config = { staleWhileRevalidate: 30 };
    expect(judged(config, ['cache-control', 'max-age=5'])).toMatchObject({ stored: { staleWhileRevalidate: 30 } });
    const own = judged(config, ['cache-control', 'max-age=5, stale-while-revalidate=7']);
    expect(own).toMatchObject({ stored: { staleWhileRevalidate: 7 } });
    const closed = judged(config, ['cache-control', 'max-age=5, must-revalidate']);
    expect(closed).toMatchObject({ stored: { staleWhileRevalidate: 0 } });
  });
});
