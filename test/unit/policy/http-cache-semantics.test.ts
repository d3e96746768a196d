import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import CachePolicy from 'http-cache-semantics';
import { describe, expect, it } from 'vitest';
import { parseCacheControl } from '../../../src/http/cache-control.ts';
import { fieldsOf, fieldValue } from '../../../src/http/fields.ts';
import { endToEndFields } from '../../../src/http/hop-by-hop.ts';
import { currentAge } from '../../../src/policy/age.ts';
import { type PolicyConfig, presets } from '../../../src/policy/config.ts';
import { freshen } from '../../../src/policy/freshen.ts';
import { selectRange } from '../../../src/policy/partial.ts';
import { decideReuse } from '../../../src/policy/reuse.ts';
import { mayServeOnError } from '../../../src/policy/stale.ts';
import type { StoredResponse } from '../../../src/policy/stored.ts';
import { after, answer, date, get, type Line, namesOf, store, stored200, times, verdict, wall } from './messages.ts';

/**
 * The rows of docs/http-cache-semantics.md, one test each: first what the bare library does, so that the row is still true of the installed
 * version, then what the policy makes of the same message.
 */

/** The library with a clock that the test sets. */
class Bare extends CachePolicy {
  static time = 0;

  now(): number {
    return Bare.time;
  }
}

const page = '/a';
const bareRequest = (headers: CachePolicy.Headers = {}): CachePolicy.Request => ({ method: 'GET', url: page, headers });

/** What the bare library makes of a response that arrives now. */
function bare(headers: CachePolicy.Headers, status = 200): CachePolicy {
  Bare.time = wall;
  return new Bare(bareRequest(), { status, headers: { date: date(), ...headers } });
}

/** Whether the bare library serves it to this request, so many seconds later. */
function bareServes(policy: CachePolicy, seconds: number, headers: CachePolicy.Headers = {}): boolean {
  Bare.time = wall + seconds * 1000;
  return policy.evaluateRequest(bareRequest(headers)).response !== undefined;
}

const control = (value: string): Line => ['cache-control', value];
const tagged: Line = ['etag', '"v1"'];

/** What we do with the stored response: `reuse`, `validate`, … */
function ours(
  stored: StoredResponse,
  seconds: number,
  lines: readonly Line[] = [],
  config: Partial<PolicyConfig> = {},
): string {
  const asked = { request: get(...lines), hasContent: false, candidates: [stored], now: after(seconds) };
  return decideReuse(asked, { ...presets.safe, ...config }).kind;
}

describe('http-cache-semantics, bare and as we use it', () => {
  it('1: letter case of directives', () => {
    for (const value of ['Private, max-age=60', 'NO-STORE, max-age=60']) {
      expect(bareServes(bare({ 'cache-control': value }), 1)).toBe(true);
    }
    expect(bareServes(bare({ 'cache-control': 'max-age=60' }), 1, { 'cache-control': 'No-Cache' })).toBe(true);
    expect(bare({ 'cache-control': 'Max-Age=60' }).maxAge()).toBe(0);

    expect(verdict({ response: answer(200, control('Private, max-age=60')) })).toBe('private');
    expect(verdict({ response: answer(200, control('NO-STORE, max-age=60')) })).toBe('no-store');
    expect(ours(stored200(control('Max-Age=60')), 1, [control('No-Cache')])).toBe('validate');
    expect(stored200(control('Max-Age=60')).freshness.lifetime).toBe(60);
  });

  it('2: empty arguments', () => {
    for (const value of ['private=""', 'private=', 'no-store=""', 'no-store, no-store=""']) {
      expect(bare({ 'cache-control': `${value}, max-age=60` }).storable()).toBe(true);

      expect(verdict({ response: answer(200, control(`${value}, max-age=60`)) })).toMatch(/^(private|no-store)$/);
    }
  });

  it('3: several lifetimes', () => {
    expect(bare({ 'cache-control': 'max-age=0, max-age=3600' }).maxAge()).toBe(3600);

    expect(stored200(control('max-age=0, max-age=3600'), tagged).freshness.lifetime).toBe(0);
    expect(stored200(control('max-age=3600, max-age=5')).freshness.lifetime).toBe(5);
  });

  it('4: lifetimes that are no numbers', () => {
    expect(bare({ 'cache-control': 'max-age=3600abc' }).maxAge()).toBe(3600);

    expect(stored200(control('max-age=3600abc'), tagged).freshness.lifetime).toBe(0);
  });

  it('5: commas in quoted arguments', () => {
    expect(bare({ 'cache-control': 'x="a, no-store, b", max-age=60' }).storable()).toBe(false);
    expect(bare({ 'cache-control': 'private="a, no-store, b", max-age=60' }).storable()).toBe(false);

    expect(verdict({ response: answer(200, control('x="a, no-store, b", max-age=60')) })).toBe('stored');
    expect(verdict({ response: answer(200, control('private="a, no-store, b", max-age=60')) })).toBe('stored');
    expect(verdict({ response: answer(200, control('max-age=60, x="a, no-store')) })).toBe('cache-control-malformed');
  });

  it('6: max-stale against the origin', () => {
    const maxStale = { 'cache-control': 'max-stale' };
    for (const value of ['no-cache, max-age=60', 'max-age=1, proxy-revalidate', 's-maxage=1']) {
      expect(bareServes(bare({ 'cache-control': value }), 2, maxStale)).toBe(true);

      expect(ours(stored200(control(value), tagged), 2, [control('max-stale')], presets.rfc)).toBe('validate');
    }
    expect(bareServes(bare({ 'cache-control': 'max-age=60', 'set-cookie': 'user=a' }), 2, maxStale)).toBe(true);

    expect(verdict({ response: answer(200, control('max-age=60'), ['set-cookie', 'user=a']) })).toBe('set-cookie');
  });

  it('7: stale-while-revalidate against the origin', () => {
    const window = 'stale-while-revalidate=60';
    expect(bareServes(bare({ 'cache-control': `no-cache, ${window}` }), 2)).toBe(true);
    expect(bareServes(bare({ 'cache-control': `max-age=1, ${window}`, 'set-cookie': 'user=a' }), 2)).toBe(true);

    expect(ours(stored200(control(`no-cache, ${window}`), tagged), 2)).toBe('validate');
    const personal = answer(200, control(`max-age=1, ${window}`), ['set-cookie', 'user=a']);
    expect(verdict({ response: personal })).toBe('set-cookie');
  });

  it('8: stale-if-error against must-revalidate', () => {
    const value = 'max-age=1, must-revalidate, stale-if-error=60';
    const policy = bare({ 'cache-control': value, etag: '"v1"' });
    Bare.time = wall + 2_000;
    const failed = policy.revalidatedPolicy(bareRequest(), { status: 503, headers: {} });
    expect(failed).toMatchObject({ matches: true, modified: false });

    expect(mayServeOnError(stored200(control(value), tagged), after(2))).toBe(false);
  });

  it('9: fresh under must-revalidate', () => {
    const value = 'max-age=60, must-revalidate';
    expect(bareServes(bare({ 'cache-control': value }), 1)).toBe(false);

    expect(ours(stored200(control(value)), 1)).toBe('reuse');
    expect(ours(stored200(control(value)), 60)).toBe('validate');
  });

  it('10: fields that Connection names', () => {
    const policy = bare({ 'cache-control': 'max-age=60', connection: 'X-Foo', 'x-foo': '1' });
    expect(policy.responseHeaders()).toHaveProperty('x-foo');

    const fields = fieldsOf(control('max-age=60'), ['connection', 'X-Foo'], ['x-foo', '1']);
    expect(endToEndFields(fields)).toEqual(['cache-control', 'max-age=60']);
  });

  it('11: fields that a 304 adds', () => {
    const policy = bare({ 'cache-control': 'max-age=1', etag: '"v1"' });
    const added = { etag: '"v1"', vary: 'accept', 'x-new': '1' };
    const merged = policy.revalidatedPolicy(bareRequest(), { status: 304, headers: added });
    expect(merged.matches).toBe(true);
    expect(merged.policy.responseHeaders()).not.toHaveProperty('x-new');
    expect(merged.policy.responseHeaders()).not.toHaveProperty('vary');
    const silent = bare({ expires: date(1), etag: '"v1"' });
    const closed = { etag: '"v1"', 'cache-control': 'private' };
    expect(silent.revalidatedPolicy(bareRequest(), { status: 304, headers: closed }).policy.storable()).toBe(true);

    const update = (line: Line): ReturnType<typeof freshen> => {
      const response = answer(304, tagged, line);
      return freshen(stored200(control('max-age=1'), tagged), { request: get(), response, times }, presets.safe);
    };
    expect(update(control('private'))).toMatchObject({ kind: 'unstorable', reason: 'private' });
    expect(update(['vary', 'accept'])).toMatchObject({ kind: 'freshened', stored: { nominatedFields: ['accept'] } });
    const extended = update(['x-new', '1']);
    expect(extended.kind === 'freshened' ? namesOf(extended.stored) : []).toContain('x-new');
  });

  it('12: negative ages', () => {
    expect(bare({ age: '-100' }).age()).toBe(-100);
    const policy = bare({ 'cache-control': 'max-age=60' });
    Bare.time = wall - 3_600_000;
    expect(policy.age()).toBe(-3600);

    expect(currentAge(stored200(control('max-age=60'), ['age', '-100']), after(0))).toBe(0);
    expect(currentAge(stored200(control('max-age=60')), after(-3600))).toBe(0);
  });

  it('13: an old Date without Age', () => {
    const headers = { 'cache-control': 'max-age=60', date: date(-3600) };
    expect(bare(headers).stale()).toBe(false);

    const late = { ...times, responseWallTime: wall + 3_600_000 };
    expect(verdict({ response: answer(200, control('max-age=60')), times: late })).toBe('expired');
    const stored = store({ response: answer(200, control('max-age=60'), tagged), times: late });
    expect(ours(stored, 1)).toBe('validate');
  });

  it('14: several lines of one field', () => {
    expect(() => bare({ 'cache-control': ['public', 'private'] })).toThrow(TypeError);

    expect(verdict({ response: answer(200, control('public'), control('private')) })).toBe('private');
    expect(stored200(control('max-age=60'), ['vary', 'a'], ['vary', 'b']).nominatedFields).toEqual(['a', 'b']);
  });

  it('15: a request for a range', () => {
    expect(bareServes(bare({ 'cache-control': 'max-age=60' }), 1, { range: 'bytes=2-3' })).toBe(true);

    const selection = selectRange(get(['range', 'bytes=2-3']), stored200(control('max-age=60')), 6, wall);
    expect(selection).toEqual({ kind: 'part', range: { first: 2, last: 3 } });
  });

  it('16: long runs of white space', () => {
    const library = readFileSync(createRequire(import.meta.url).resolve('http-cache-semantics'), 'utf8');
    // From each of n blanks this pattern runs over all that follow: n²/2 steps for Connection and for Vary.
    expect(library.split(String.raw`.split(/\s*,\s*/)`)).toHaveLength(3);

    const long = `a${' '.repeat(2 ** 20)}b`;
    expect(endToEndFields(fieldsOf(['connection', long], ['x-foo', '1']))).toEqual(['x-foo', '1']);
    expect(verdict({ response: answer(200, control('max-age=60'), ['vary', long]) })).toBe('vary-star');
    expect(parseCacheControl(long).malformed).toBe(true);
  });

  it('17: a star among the members of Vary', () => {
    const policy = bare({ 'cache-control': 'max-age=60', vary: 'Foo, *' });
    // Right since 4.3.0 where it is matched, but it is still kept and counts as fresh.
    expect(bareServes(policy, 1)).toBe(false);
    expect(policy.storable() && !policy.stale()).toBe(true);
    const two = bare({ 'cache-control': 'max-age=60', vary: ['Foo', '*'] });
    expect(() => bareServes(two, 1)).toThrow(TypeError);

    for (const value of ['Foo, *', '*, Foo', ' * ']) {
      expect(verdict({ response: answer(200, control('max-age=60'), ['vary', value]) })).toBe('vary-star');
    }
  });

  it('18: the Date of a hit', () => {
    const policy = bare({ 'cache-control': 'max-age=60' });
    Bare.time = wall + 30_000;
    expect(policy.responseHeaders()['date']).toBe(date(30));

    expect(fieldValue(stored200(control('max-age=60')).fields, 'date')).toBe(date());
  });

  it('19: statuses with explicit freshness', () => {
    for (const status of [299, 400, 426, 499, 500, 503]) {
      expect(bare({ 'cache-control': 'max-age=60' }, status).storable()).toBe(false);

      expect(verdict({ response: answer(status, control('max-age=60')) })).toBe('stored');
    }
    const understood = 'no-store, must-understand, max-age=60';
    expect(bare({ 'cache-control': understood }).storable()).toBe(false);
    expect(bare({ 'cache-control': 'max-age=60' }, 206).storable()).toBe(false);

    expect(verdict({ response: answer(200, control(understood)) })).toBe('stored');
    expect(verdict({ response: answer(206, control('max-age=60')) })).toBe('partial');
  });

  it('20: qualified no-cache and private', () => {
    expect(bare({ 'cache-control': 'max-age=60, no-cache="Set-Cookie"' }).maxAge()).toBe(0);
    expect(bare({ 'cache-control': 'max-age=60, private="x-user"' }).storable()).toBe(false);

    const stored = stored200(control('max-age=60, no-cache="X-One", private="x-two"'), ['x-one', '1'], ['x-two', '2']);
    expect(ours(stored, 1)).toBe('reuse');
    expect(namesOf(stored)).toEqual(['date', 'cache-control']);
    expect(verdict({ response: answer(200, control('max-age=60, private="vary"')) })).toBe('private');
  });

  it('21: heuristics for errors', () => {
    const modified: Line = ['last-modified', date(-1000 * 86_400)];
    for (const status of [405, 501]) {
      expect(bare({ 'last-modified': modified[1] }, status).maxAge()).toBe(100 * 86_400);

      const stored = store({ response: answer(status, modified) });
      expect(stored.freshness).toEqual({ lifetime: 0, source: 'none' });
      expect(ours(stored, 1)).toBe('validate');
    }
    expect(stored200(modified).freshness.lifetime).toBe(86_400);
  });

  it('22: an Expires that only looks like a date', () => {
    for (const value of [
      'Thu, 01 Jan 2099 00:00:00 UTC',
      'Thu 01 Jan 2099 00:00:00 GMT',
      'Thu, 01-Jan-2099 00:00:00 GMT',
      'Thu, 01 Jan 2099 0:00:00 GMT',
    ]) {
      expect(bare({ expires: value }).maxAge()).toBeGreaterThan(0);

      expect(stored200(['expires', value], tagged).freshness).toEqual({ lifetime: 0, source: 'expires' });
    }
  });

  it('23: Set-Cookie in what is public', () => {
    const policy = bare({ 'cache-control': 'public, max-age=60', 'set-cookie': 'user=a' });
    expect(bareServes(policy, 1)).toBe(true);
    expect(policy.responseHeaders()).toHaveProperty('set-cookie');

    const stored = stored200(control('public, max-age=60'), ['set-cookie', 'user=a']);
    expect(ours(stored, 1)).toBe('reuse');
    expect(namesOf(stored)).not.toContain('set-cookie');
  });
});
