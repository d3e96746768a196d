import { describe, expect, it } from 'vitest';
import { fieldsOf, fieldValue } from '../../../src/http/fields.ts';
import { type PolicyConfig, presets } from '../../../src/policy/config.ts';
import { storability } from '../../../src/policy/storable.ts';

const now = Date.UTC(2026, 10, 22, 12);
const times = { requestTime: now, responseTime: now, responseWallTime: now };
const date = ['date', new Date(now).toUTCString()] as const;

function judged(config: Partial<PolicyConfig>, ...lines: (readonly [string, string])[]) {
  const request = {
    method: 'GET',
    scheme: 'http',
    authority: 'shop.test',
    target: '/',
    version: '1.1',
    fields: fieldsOf(),
  } as const;
  const response = { status: 200, fields: fieldsOf(date, ...lines) };
  return storability(
    { request, requestHasContent: false, response, times, generation: 0 },
    { ...presets.safe, ...config },
  );
}

const ttl = { lifetime: 300, force: false };
const forced = { lifetime: 300, force: true };
const freshFor300 = { storable: true, stored: { freshness: { lifetime: 300, source: 'route-ttl' } } };

describe("an operator's lifetime", () => {
  it.each([
    ['where the origin says nothing', []],
    ['in the place of max-age', [['cache-control', 'max-age=5']]],
    ['in the place of s-maxage', [['cache-control', 's-maxage=5']]],
    ['in the place of Expires', [['expires', 'Thu, 01 Jan 1970 00:00:00 GMT']]],
    ['in the place of a lifetime for CDNs', [['cdn-cache-control', 'max-age=5']]],
  ] as const)('counts %s', (_what, lines) => {
    expect(judged({ ttl }, ...lines)).toMatchObject(freshFor300);
  });

  it.each([
    ['no-store', ['cache-control', 'no-store']],
    ['private', ['cache-control', 'private, max-age=60']],
    ['set-cookie', ['set-cookie', 'a=1']],
  ] as const)('does not count against %s, but by force', (reason, line) => {
    expect(judged({ ttl }, line)).toMatchObject({ storable: false, reason });
    expect(judged({ ttl: forced }, line)).toMatchObject(freshFor300);
  });

  it('does not let a response that wants validation be used without, but by force', () => {
    const line = ['cache-control', 'no-cache'] as const;
    expect(judged({ ttl }, line, ['etag', '"1"'])).toMatchObject({ storable: true, stored: { alwaysValidate: true } });
    expect(judged({ ttl: forced }, line)).toMatchObject({ storable: true, stored: { alwaysValidate: false } });
  });

  it('never has a cookie of one client sent to another', () => {
    const answer = judged({ ttl: forced }, ['set-cookie', 'a=1']);
    expect(answer.storable && fieldValue(answer.stored.fields, 'set-cookie')).toBe(undefined);
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
