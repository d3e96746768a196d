import { describe, expect, it } from 'vitest';
import type { RequestHead } from '../../../src/http/message.ts';
import { type PolicyConfig, presets } from '../../../src/policy/config.ts';
import type { Reuse } from '../../../src/policy/decision.ts';
import { presentedFields } from '../../../src/policy/presented.ts';
import { decideReuse, isSelectedBy, requestRules, selectCandidate, selectedRules } from '../../../src/policy/reuse.ts';
import type { StoredResponse } from '../../../src/policy/stored.ts';
import { after, answer, get, type Line, store, stored200, wall } from './messages.ts';

const control = (value: string): Line => ['cache-control', value];
const tagged: Line = ['etag', '"v1"'];
/** Fresh for a minute, with windows of ten seconds. */
const plain = stored200(control('max-age=60, stale-while-revalidate=10'), tagged);

interface Asked {
  readonly request?: RequestHead;
  readonly hasContent?: boolean;
  readonly candidates?: readonly StoredResponse[];
  readonly at?: number;
  readonly config?: Partial<PolicyConfig>;
  readonly heedsClient?: boolean;
}

function decide({
  request = get(),
  hasContent = false,
  candidates = [plain],
  at = 0,
  config,
  heedsClient = true,
}: Asked): Reuse {
  return decideReuse({ request, hasContent, heedsClient, candidates, now: after(at) }, { ...presets.safe, ...config });
}

/** The decision in a few words. */
function shown(asked: Asked): string {
  const { kind, ...more } = decide(asked) as Reuse & { readonly fwd?: string; readonly detail?: string };
  return [kind, more.fwd, more.detail].filter((word) => word !== undefined).join(' ');
}

describe('requests that nothing stored may answer', () => {
  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'get', 'FROBNICATE'])('%s is forwarded', (method) => {
    expect(decide({ request: { ...get(), method } })).toEqual({ kind: 'forward', fwd: 'method', collapsible: false });
  });

  it('a request with content is forwarded', () => {
    expect(decide({ hasContent: true })).toEqual({
      kind: 'forward',
      fwd: 'bypass',
      detail: 'request-content',
      collapsible: false,
    });
  });

  it.each(['if-match', 'if-unmodified-since'])('%s is for the origin', (name) => {
    expect(decide({ request: get([name, '*']) })).toEqual({
      kind: 'forward',
      fwd: 'request',
      detail: 'request-precondition',
      collapsible: false,
    });
  });
});

describe('nothing selected', () => {
  it.each([
    ['no candidate', [], 'forward uri-miss'],
    ['no matching candidate', [varying('1')], 'forward vary-miss'],
  ] as const)('%s', (_what, candidates, expected) => {
    expect(shown({ candidates })).toBe(expected);
  });

  it.each([
    ['a plain GET may stand for others', get(), true],
    ['HEAD may not', { ...get(), method: 'HEAD' }, false],
    ['a Range may not', get(['range', 'bytes=0-1']), false],
    ['If-None-Match may not', get(['if-none-match', '"v1"']), false],
    ['If-Modified-Since may not', get(['if-modified-since', 'x']), false],
    ['Cache-Control may', get(control('no-cache')), true],
  ])('%s', (_what, request, collapsible) => {
    expect(decide({ request, candidates: [] })).toMatchObject({ kind: 'forward', collapsible });
  });

  it('says so when there is a Range to fetch', () => {
    expect(shown({ request: get(['range', 'bytes=0-1']), candidates: [] })).toBe('forward uri-miss');
  });
});

describe('a fresh response', () => {
  it('is reused, with its age and what is left', () => {
    expect(decide({ at: 20 })).toEqual({ kind: 'reuse', selected: plain, age: 20, ttl: 40 });
  });

  it.each(['GET', 'HEAD'])('answers %s', (method) => {
    expect(shown({ request: { ...get(), method } })).toBe('reuse');
  });

  it('answers requests with Range, validators, Authorization and no-store alike', () => {
    const lines: readonly Line[] = [
      ['range', 'bytes=0-1'],
      ['if-none-match', '"x"'],
      ['authorization', 'Basic eA=='],
      control('no-store'),
    ];
    for (const line of lines) expect(shown({ request: get(line) })).toBe('reuse');
  });

  it('is reused under must-revalidate (RFC 9111 §5.2.2.2)', () => {
    expect(shown({ candidates: [stored200(control('max-age=60, must-revalidate'))], at: 59 })).toBe('reuse');
  });

  it('is validated under no-cache, before anything the request says', () => {
    const candidates = [stored200(control('max-age=60, no-cache'), tagged)];
    expect(shown({ candidates })).toBe('validate stale no-cache');
    expect(shown({ candidates, request: get(control('max-stale')), config: presets.rfc })).toBe(
      'validate stale no-cache',
    );
    expect(shown({ candidates, request: get(control('no-cache')) })).toBe('validate stale no-cache');
  });
});

describe('what a request asks for (RFC 9111 §5.2.1)', () => {
  it.each([
    ['no-cache', 0, 'validate request request-no-cache'],
    ['No-Cache', 0, 'validate request request-no-cache'],
    ['no-cache="x"', 0, 'validate request request-no-cache'],
    ['max-age=0', 0, 'validate request request-max-age'],
    ['max-age=20', 20, 'reuse'],
    ['max-age=20', 20.5, 'validate request request-max-age'],
    ['max-age=x', 0, 'validate request request-max-age'],
    ['max-age=99, max-age=5', 10, 'validate request request-max-age'],
    ['max-age=3600', 70, 'validate stale'],
    ['min-fresh=40', 20, 'reuse'],
    ['min-fresh=41', 20, 'validate request request-min-fresh'],
    ['min-fresh=41, max-age=5', 20, 'validate request request-max-age'],
    ['min-fresh=5', 65, 'validate request request-min-fresh'],
    ['x="', 0, 'validate request request-malformed'],
    ['no cache', 0, 'validate request request-malformed'],
    ['x="no-cache"', 0, 'reuse'],
    ['no-transform, x=1', 0, 'reuse'],
  ])('%s at %d s: %s', (value, at, expected) => {
    expect(shown({ request: get(control(value)), at })).toBe(expected);
  });

  it.each([
    ['no-cache', 0, 'reuse request-too-often'],
    ['max-age=0', 20, 'reuse request-too-often'],
    ['min-fresh=41', 20, 'reuse request-too-often'],
    ['x="', 0, 'reuse request-too-often'],
    ['no-cache', 60, 'reuse stale-while-revalidate'],
    ['no-cache', 600, 'validate stale'],
    ['no-cache, only-if-cached', 600, 'refuse stale'],
  ])('is passed over where it is asked for too often: %s at %d s: %s', (value, at, expected) => {
    expect(shown({ request: get(control(value)), at, heedsClient: false })).toBe(expected);
  });

  it('counts Pragma only where Cache-Control says nothing (RFC 9111 §5.4)', () => {
    const pragma: Line = ['pragma', 'No-Cache'];
    expect(shown({ request: get(pragma) })).toBe('validate request request-no-cache');
    expect(shown({ request: get(pragma, control('max-age=60')) })).toBe('reuse');
    expect(shown({ request: get(['pragma', 'x']) })).toBe('reuse');
  });
});

describe('a stale response', () => {
  it('is validated', () => {
    expect(shown({ candidates: [stored200(control('max-age=60'), tagged)], at: 60 })).toBe('validate stale');
  });

  it('is reused inside its stale-while-revalidate', () => {
    expect(decide({ at: 65 })).toMatchObject({ kind: 'reuse', ttl: -5, detail: 'stale-while-revalidate' });
    expect(shown({ at: 70 })).toBe('validate stale');
  });

  it.each([
    ['max-stale', 1e6, 'reuse max-stale'],
    ['max-stale=30', 89, 'reuse max-stale'],
    ['max-stale=30', 91, 'validate stale'],
    ['max-stale=0', 61, 'validate stale'],
    ['max-stale=x', 61, 'validate stale'],
    ['max-stale=5, max-stale', 80, 'validate stale'],
    ['max-stale, max-stale=5', 80, 'validate stale'],
    ['max-stale, max-age=30', 61, 'validate request request-max-age'],
  ])('with %s at %d s where that is honoured: %s', (value, at, expected) => {
    const candidates = [stored200(control('max-age=60'), tagged)];
    const asked = { request: get(control(value)), candidates, at };
    expect(shown({ ...asked, config: { honourMaxStale: true } })).toBe(expected);
    expect(shown(asked)).toMatch(/^validate/);
  });

  it.each(['must-revalidate', 'proxy-revalidate', 's-maxage=60', 'no-cache', 'no-cache="x"'])(
    'is not opened by max-stale under %s',
    (directive) => {
      const candidates = [stored200(control(`max-age=60, ${directive}`), tagged)];
      const asked = { request: get(control('max-stale')), candidates, at: 61, config: presets.rfc };
      expect(shown(asked)).toMatch(/^validate stale/);
    },
  );
});

describe('only-if-cached (RFC 9111 §5.2.1.7)', () => {
  const request = get(control('only-if-cached'));

  it('is answered from the shelf', () => {
    expect(shown({ request })).toBe('reuse');
    expect(shown({ request, at: 65 })).toBe('reuse stale-while-revalidate');
  });

  it.each([
    ['nothing is stored', { request, candidates: [] }, 'uri-miss'],
    ['what is stored is stale', { request, at: 100 }, 'stale'],
    ['it wants validation too', { request: get(control('only-if-cached, no-cache')) }, 'request'],
    ['it has content', { request, hasContent: true }, 'bypass'],
    ['it has a precondition for the origin', { request: get(control('only-if-cached'), ['if-match', '*']) }, 'request'],
    ['the method is not answered here', { request: { ...request, method: 'OPTIONS' } }, 'method'],
  ] as const)('is refused when %s', (_what, asked, fwd) => {
    expect(decide(asked)).toEqual({ kind: 'refuse', error: 'ONLY_IF_CACHED', fwd });
  });

  it('is nothing to an unsafe request, which must be written through (RFC 9111 §4)', () => {
    expect(shown({ request: { ...request, method: 'POST' } })).toBe('forward method');
  });
});

/** A response that varies on `x`, stored for this value of it. */
function varying(value: string, more: Partial<StoredResponse> = {}): StoredResponse {
  const response = answer(200, control('max-age=60'), ['vary', 'x']);
  return { ...store({ request: get(['x', value]), response }), ...more };
}

describe('which stored response is selected (RFC 9111 §4.1)', () => {
  const asks = get(['x', '1']);

  it('is one whose nominated fields match', () => {
    const [one, two] = [varying('1'), varying('2')];
    expect(selectCandidate(asks, [two, one])).toBe(one);
    expect(selectCandidate(get(), [two, one])).toBeUndefined();
    expect(isSelectedBy(asks, one)).toBe(true);
    expect(isSelectedBy(asks, two)).toBe(false);
  });

  it('is the most recent by Date, in whatever order they stand', () => {
    const older = varying('1', { dateValue: wall - 1000, responseTime: after(50) });
    const newer = varying('1', { dateValue: wall, responseTime: after(0) });
    expect(selectCandidate(asks, [older, newer])).toBe(newer);
    expect(selectCandidate(asks, [newer, older])).toBe(newer);
  });

  it('is the last received of those with the same Date', () => {
    const first = varying('1', { responseTime: after(0) });
    const second = varying('1', { responseTime: after(1) });
    expect(selectCandidate(asks, [first, second])).toBe(second);
    expect(selectCandidate(asks, [second, first])).toBe(second);
  });

  it('is one with Vary before a newer one that forgot it', () => {
    const forgot = { ...plain, dateValue: wall + 60_000 };
    const one = varying('1');
    expect(selectCandidate(asks, [one, forgot])).toBe(one);
    expect(selectCandidate(asks, [forgot, one])).toBe(one);
    expect(selectCandidate(get(['x', '3']), [forgot, one])).toBe(forgot);
  });

  it('is never one of another value, though it were the only one', () => {
    expect(shown({ request: get(['x', '2']), candidates: [varying('1')] })).toBe('forward vary-miss');
    const withoutField = store({ response: answer(200, control('max-age=60'), ['vary', 'x']) });
    expect(shown({ request: get(['x', '']), candidates: [withoutField] })).toBe('forward vary-miss');
    expect(shown({ candidates: [withoutField] })).toBe('reuse');
  });
});

describe('the tables', () => {
  const rules = [...requestRules, ...selectedRules];

  it('name every rule once, with its section', () => {
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    for (const { section } of rules) expect(section).toMatch(/^RFC (9110|9111|5861) §\d+(\.\d+)*$/);
  });

  it('end with a rule that always answers', () => {
    const last = selectedRules.at(-1);
    const request = get();
    const said = { hasContent: false, isBypassed: false, heedsClient: true };
    const presented = { request, ...said, config: presets.safe, now: after(0) };
    const context = {
      ...presented,
      presented: presentedFields(request.fields),
      control: { directives: new Map(), malformed: false },
      selected: plain,
      age: 0,
      ttl: 60,
    };
    expect(last?.decide(context)).toMatchObject({ kind: 'validate' });
  });
});
