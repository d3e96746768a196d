import { describe, expect, it } from 'vitest';
import { parseCacheControl } from '../../../src/http/cache-control.ts';
import { presets } from '../../../src/policy/config.ts';
import {
  mayServeOnError,
  mayServeThoughStale,
  mayServeWhileRevalidating,
  mayStandIn,
  staleRules,
} from '../../../src/policy/stale.ts';
import { after, answer, date, get, store, stored200 } from './messages.ts';

const rules = (value: string, staleIfError = 0): ReturnType<typeof staleRules> =>
  staleRules(parseCacheControl(value), { ...presets.safe, staleIfError });
const prohibited = { staleProhibited: true, staleWhileRevalidate: 0, staleIfError: 0 };

describe('the windows of RFC 5861', () => {
  it.each([
    ['max-age=1', 0, 0],
    ['max-age=1, stale-while-revalidate=5', 5, 0],
    ['max-age=1, stale-if-error=9', 0, 9],
    ['STALE-WHILE-REVALIDATE=5, Stale-If-Error="9"', 5, 9],
    ['stale-while-revalidate=9, stale-while-revalidate=5', 5, 0],
    ['stale-while-revalidate, stale-if-error=x', 0, 0],
    ['stale-while-revalidate=-5', 0, 0],
  ])('of %s', (value, staleWhileRevalidate, staleIfError) => {
    expect(rules(value)).toEqual({ staleProhibited: false, staleWhileRevalidate, staleIfError });
  });

  it('for errors is the configured one only where the response says nothing of it', () => {
    expect(rules('max-age=1', 30).staleIfError).toBe(30);
    expect(rules('max-age=1, stale-if-error=9', 30).staleIfError).toBe(9);
    expect(rules('max-age=1, stale-if-error=0', 30).staleIfError).toBe(0);
    expect(rules('max-age=1, stale-if-error=x', 30).staleIfError).toBe(0);
  });
});

describe('what forbids to serve stale (RFC 9111 §4.2.4)', () => {
  it.each([
    'must-revalidate',
    'Must-Revalidate',
    'must-revalidate=x',
    'proxy-revalidate',
    's-maxage=1',
    's-maxage=x',
    'no-cache',
    'no-cache="x"',
    'x="',
  ])('%s wins over every permission', (directive) => {
    expect(rules(`stale-while-revalidate=5, stale-if-error=9, ${directive}`, 30)).toEqual(prohibited);
  });

  it.each(['max-age=1', 'public', 'immutable', 'x="must-revalidate"', 'no-transform'])('%s does not', (directive) => {
    expect(rules(directive).staleProhibited).toBe(false);
  });
});

describe('a stale response', () => {
  const stored = stored200(['cache-control', 'max-age=10, stale-while-revalidate=5, stale-if-error=20']);

  it.each(['purged', 'outdated'] as const)('that was %s is served while the origin fails, and not before', (ended) => {
    const known = { ...stored, ended };
    expect(mayServeWhileRevalidating(stored, after(12))).toBe(true);
    expect(mayServeWhileRevalidating(known, after(12))).toBe(false);
    expect(mayServeThoughStale(known, Number.POSITIVE_INFINITY, after(12))).toBe(false);
    expect(mayServeOnError(known, after(12))).toBe(true);
  });

  it('may be served while it is validated, inside its window', () => {
    expect(mayServeWhileRevalidating(stored, after(10))).toBe(true);
    expect(mayServeWhileRevalidating(stored, after(14.999))).toBe(true);
    expect(mayServeWhileRevalidating(stored, after(15))).toBe(false);
  });

  it('may be served on an error, inside its window', () => {
    expect(mayServeOnError(stored, after(29.999))).toBe(true);
    expect(mayServeOnError(stored, after(30))).toBe(false);
  });

  it('may not be served without a window', () => {
    const plain = stored200(['cache-control', 'max-age=10']);
    expect(mayServeWhileRevalidating(plain, after(10))).toBe(false);
    expect(mayServeOnError(plain, after(10))).toBe(false);
    expect(mayServeThoughStale(plain, 0, after(10))).toBe(false);
  });

  it.each(['must-revalidate', 'proxy-revalidate', 's-maxage=10'])('may not be served under %s', (directive) => {
    const closed = stored200([
      'cache-control',
      `max-age=10, stale-if-error=20, stale-while-revalidate=20, ${directive}`,
    ]);
    expect(mayServeWhileRevalidating(closed, after(11))).toBe(false);
    expect(mayServeOnError(closed, after(11))).toBe(false);
    expect(mayServeThoughStale(closed, Number.POSITIVE_INFINITY, after(11))).toBe(false);
  });

  it('may stand in for a lost origin without limit by the letter of the RFC', () => {
    const response = answer(200, ['cache-control', 'max-age=10']);
    expect(mayServeOnError(store({ response, config: presets.rfc }), after(1e6))).toBe(true);
    const closed = answer(200, ['cache-control', 'max-age=10, must-revalidate']);
    expect(mayServeOnError(store({ response: closed, config: presets.rfc }), after(11))).toBe(false);
  });
});

describe('a response that is still fresh', () => {
  it('may be served on an error, whatever forbids to serve it stale', () => {
    const stored = stored200(['cache-control', 'max-age=10, must-revalidate']);
    expect(mayServeOnError(stored, after(9))).toBe(true);
  });

  it('may not when it always wants validation', () => {
    const stored = stored200(['cache-control', 'max-age=10, no-cache, stale-if-error=60'], ['etag', '"v1"']);
    expect(mayServeOnError(stored, after(1))).toBe(false);
    expect(mayServeWhileRevalidating(stored, after(1))).toBe(false);
    const pragma = stored200(['pragma', 'no-cache'], ['etag', '"v1"']);
    expect(mayServeOnError({ ...pragma, staleIfError: 60 }, after(1))).toBe(false);
    expect(mayServeWhileRevalidating({ ...pragma, staleWhileRevalidate: 60 }, after(1))).toBe(false);
  });
});

describe('a response with a guessed lifetime', () => {
  const config = { ...presets.safe, defaultTtl: 10, staleIfError: 60 };
  const guessed = store({ response: answer(200), config });
  const own = store({
    response: answer(200, ['cache-control', 'stale-if-error=60'], ['last-modified', date(-100)]),
    config,
  });
  const [anybody, somebody] = [get(), get(['cookie', 'user=a'])];

  it('stands in for requests without credentials, fresh and stale', () => {
    expect(
      [after(5), after(15)].map((now) =>
        mayStandIn(guessed, { request: anybody, now: now, config: config, cause: 'unreachable' }),
      ),
    ).toEqual([true, true]);
  });

  it('does not for those with credentials, unless the origin itself said so', () => {
    expect(guessed.freshness.source).toBe('default-ttl');
    expect(
      [after(5), after(15)].map((now) =>
        mayStandIn(guessed, { request: somebody, now: now, config: config, cause: 'unreachable' }),
      ),
    ).toEqual([false, false]);
    expect(own.freshness.source).toBe('heuristic');
    expect(
      [after(5), after(15), after(80)].map((now) =>
        mayStandIn(own, { request: somebody, now: now, config: config, cause: 'unreachable' }),
      ),
    ).toEqual([true, true, false]);
  });

  it('does by the letter of the RFC', () => {
    expect(
      mayStandIn(guessed, {
        request: somebody,
        now: after(15),
        config: { ...config, heuristicsForCredentials: true },
        cause: 'unreachable',
      }),
    ).toBe(true);
  });
});
