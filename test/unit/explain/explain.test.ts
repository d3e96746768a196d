import { describe, expect, it } from 'vitest';
import { explain } from '../../../src/explain/explain.ts';
import type { Explanation } from '../../../src/explain/explanation.ts';
import { cacheKey } from '../../../src/key/cache-key.ts';
import type { ResponseHead } from '../../../src/http/message.ts';
import { type PolicyConfig, presets } from '../../../src/policy/config.ts';
import type { NotStoredReason } from '../../../src/policy/decision.ts';
import type { StoredResponse } from '../../../src/policy/stored.ts';
import { after, answer, date, get, type Line, store, stored200, times } from '../policy/messages.ts';

interface Situation {
  readonly request?: ReturnType<typeof get>;
  readonly hasContent?: boolean;
  readonly isBypassed?: boolean;
  readonly fillInProgress?: boolean;
  readonly shelf?: readonly StoredResponse[];
  readonly at?: number;
  readonly answered?: ResponseHead;
  readonly reason?: NotStoredReason;
  readonly config?: Partial<PolicyConfig>;
}

function explained({
  request = get(),
  hasContent,
  isBypassed = false,
  fillInProgress = false,
  shelf = [],
  at = 0,
  answered,
  reason,
  config,
}: Situation): Explanation {
  const inspected = {
    key: { scheme: 'http' as const, authority: 'shop.test', target: '/a' },
    candidates: shelf,
    now: after(at),
    fillInProgress,
    config: { ...presets.safe, ...config },
    route: 'default',
    isBypassed,
  };
  const asked = hasContent === undefined ? { request } : { request, hasContent };
  const known = reason === undefined ? {} : { reason };
  return explain(inspected, asked, answered && { response: answered, times, ...known });
}

const fresh: Line = ['cache-control', 'max-age=60'];
const tagged: Line = ['etag', '"v1"'];

describe('a hit', () => {
  const { advice, candidates, ...hit } = explained({ shelf: [stored200(fresh, tagged, ['age', '5'])], at: 10 });

  it('says what would be done, and for how long', () => {
    expect(hit).toMatchObject({
      url: 'http://shop.test/a',
      hit: true,
      outcome: 'reuse',
      cacheStatus: 'etagere; hit; ttl=45',
      summary: 'A hit: it is fresh for another 45 s.',
      decidedBy: { name: 'it is fresh', section: 'RFC 9111 §4.2' },
    });
    expect(hit).not.toHaveProperty('asks');
    expect(advice).toEqual([]);
  });

  it('has the sums of age and lifetime, and what was reckoned from', () => {
    expect(candidates).toMatchObject([
      {
        selected: true,
        because: 'it nominates no request fields',
        age: { initial: 5, resident: 10, total: 15 },
        lifetime: { seconds: 60, source: 'max-age', from: 'max-age=60 in Cache-Control' },
        ttl: 45,
        etag: '"v1"',
      },
    ]);
  });

  it('shows each rule that did not apply before the one that did', () => {
    expect(hit.rules.at(-1)).toEqual({ name: 'it is fresh', section: 'RFC 9111 §4.2', applied: true });
    expect(hit.rules.slice(0, -1).every(({ applied }) => !applied)).toBe(true);
    expect(hit.rules.map(({ name }) => name)).toContain('a precondition is for the origin alone');
  });
});

describe('what a lifetime was reckoned from', () => {
  it.each<[Line[], Partial<PolicyConfig>, string]>([
    [[['cache-control', 's-maxage=30, max-age=60']], {}, 's-maxage=30 in Cache-Control'],
    [[['cdn-cache-control', 'max-age=30'], fresh], {}, 'max-age=30 in CDN-Cache-Control'],
    [[['expires', date(60)]], {}, `Expires − Date (${date(60)} − ${date()})`],
    [[['last-modified', date(-1000)]], {}, '10 % of the time between Last-Modified and Date'],
    [[['last-modified', date(-10_000_000)]], {}, '10 % of the time between Last-Modified and Date, at most 86400 s'],
    [[], { defaultTtl: 5 }, 'the configured default (defaultTtl, --default-ttl): the origin says nothing at all'],
    [[tagged], {}, 'nothing says how long it stays fresh'],
    [
      [['cache-control', 'max-age=0']],
      { ttl: { lifetime: 60, force: false, notFound: undefined } },
      'ttl of the route: 60 s; the origin gives no lifetime above 0',
    ],
  ])('%j: %j', (lines, config, from) => {
    const shelf = [store({ response: answer(200, ...lines), config })];
    expect(explained({ shelf, config }).candidates[0]?.lifetime.from).toBe(from);
  });
});

describe('how long a stored response may stand in for a failing origin', () => {
  const config = { staleIfError: 3, staleIfUnreachable: 3_600, staleIfTooMany: 60 };
  it.each<[Line[], readonly [serverError: number, unreachable: number, tooMany: number]]>([
    [[fresh], [3, 3_600, 60]],
    [[['cache-control', 'max-age=60, stale-if-error=9']], [9, 9, 60]],
    [[['cache-control', 'max-age=60, must-revalidate']], [0, 0, 0]],
    [
      [['cache-control', 'max-age=60, no-cache'], tagged],
      [0, 0, 0],
    ],
  ])('%j: %j seconds', (lines, [staleIfError, staleIfUnreachable, staleIfTooManyRequests]) => {
    const shelf = [store({ response: answer(200, ...lines), config })];
    expect(explained({ shelf, config }).candidates).toMatchObject([
      { staleIfError, staleIfUnreachable, staleIfTooManyRequests },
    ]);
  });
});

describe('candidates that are not selected', () => {
  const language: Line = ['vary', 'accept-language'];
  const french = store({ request: get(['accept-language', 'fr']), response: answer(200, fresh, language) });

  it('say in which nominated field the request differs, with both values', () => {
    const { candidates, key, cacheStatus } = explained({ request: get(['accept-language', 'de']), shelf: [french] });
    expect(cacheStatus).toBe('etagere; fwd=vary-miss');
    expect(key.nominated).toEqual({ 'accept-language': 'de' });
    expect(candidates).toMatchObject([
      {
        selected: false,
        because: 'it was made for another Accept-Language',
        differs: [{ field: 'accept-language', stored: 'fr', presented: 'de' }],
      },
    ]);
  });

  it('say so where another one is preferred', () => {
    const older = store({ request: get(['accept-language', 'fr']), response: answer(200, fresh, language, tagged) });
    const newer = { ...french, responseTime: after(5) };
    const { candidates } = explained({ request: get(['accept-language', 'fr']), shelf: [older, newer], at: 6 });
    expect(candidates.map(({ selected }) => selected)).toEqual([true, false]);
    expect(candidates[1]).toMatchObject({ etag: '"v1"', differs: [] });
    expect(candidates[1]?.because).toMatch(/^it matches, but another that matches is preferred/);
  });

  it('show nothing of credentials but their length', () => {
    const mine = store({ request: get(['cookie', 'id=alice']), response: answer(200, fresh, ['vary', 'cookie']) });
    const told = explained({ request: get(['cookie', 'id=malloryx']), shelf: [mine] });
    expect(told.candidates[0]?.differs).toEqual([
      { field: 'cookie', stored: '(8 characters)', presented: '(11 characters)' },
    ]);
    expect(told.key.nominated).toEqual({ cookie: '(11 characters)' });
    expect(JSON.stringify(told)).not.toMatch(/alice|mallory/);
  });
});

function lifetimeOf(stored: StoredResponse, config: Partial<PolicyConfig> = {}): string | undefined {
  return explained({ shelf: [stored], config }).candidates[0]?.lifetime.from;
}

describe('a lifetime that was ended', () => {
  it('is said to be where it was, with what it was reckoned from', () => {
    const stored = stored200(fresh);
    const purged = { ...stored, freshness: { ...stored.freshness, lifetime: 5 }, ended: 'purged' as const };
    expect(lifetimeOf(purged)).toBe('max-age=60 in Cache-Control; ended early: purged');
    const outdated = { ...stored, freshness: { lifetime: 0, source: 'none' as const }, ended: 'outdated' as const };
    expect(lifetimeOf(outdated)).toBe(
      'max-age=60 in Cache-Control; ended early: the origin has said since that it is outdated',
    );
  });

  it('is not said to be where other settings would give a longer one', () => {
    expect(lifetimeOf(stored200(tagged), { defaultTtl: 60 })).toBe('nothing says how long it stays fresh');
    expect(lifetimeOf(stored200(fresh), { ttl: { lifetime: 600, force: true, notFound: undefined } })).toBe(
      'max-age=60 in Cache-Control',
    );
    const guessed = store({ response: answer(200), config: { defaultTtl: 60 } });
    expect(lifetimeOf(guessed, { defaultTtl: 600 })).not.toContain('ended');
  });
});

describe('what happens next', () => {
  it('is a validation with the validators of what is stored', () => {
    const told = explained({ shelf: [stored200(fresh, tagged)], at: 61 });
    expect(told).toMatchObject({
      outcome: 'validate',
      asks: [['if-none-match', '"v1"']],
      cacheStatus: 'etagere; fwd=stale',
      summary: 'Not a hit: it is stale; the origin is asked whether it is still good.',
    });
  });

  it('is to ask for it anew where there is no validator', () => {
    const told = explained({ shelf: [stored200(fresh)], at: 61 });
    expect(told).toMatchObject({ outcome: 'validate', asks: [] });
    expect(told.summary).toContain('there is no validator; the origin is asked for it anew');
  });

  it('is to ask for the rest of a part', () => {
    const part = store({
      request: get(['range', 'bytes=0-9']),
      response: answer(206, fresh, tagged, ['content-range', 'bytes 0-9/100'], ['content-length', '10']),
    });
    const told = explained({ shelf: [part] });
    expect(told).toMatchObject({
      outcome: 'complete',
      asks: [
        ['range', 'bytes=10-'],
        ['if-range', '"v1"'],
      ],
    });
    expect(told.candidates[0]?.part).toBe('bytes 0-9/100');
  });

  it('is no hit of a stale part without what is asked for, whatever anybody changes', () => {
    const part = store({
      request: get(['range', 'bytes=0-9']),
      response: answer(206, fresh, tagged, ['content-range', 'bytes 0-9/100'], ['content-length', '10']),
    });
    expect(explained({ shelf: [part], at: 61 }).advice).toEqual([]);
    const within = explained({ shelf: [part], at: 61, request: get(['range', 'bytes=2-3']) });
    expect(within.advice.map(({ codes }) => codes)).toEqual([['lifetime'], ['stale-while-revalidate']]);
  });

  it('is a refusal where the client forbids to ask', () => {
    const told = explained({ request: get(['cache-control', 'only-if-cached']) });
    expect(told).toMatchObject({
      outcome: 'refuse',
      cacheStatus: 'etagere; fwd=uri-miss; detail=only-if-cached',
      decidedBy: { section: 'RFC 9111 §5.2.1.7' },
    });
  });

  it('is to go past the shelf where the operator says so, whatever is there', () => {
    const told = explained({ shelf: [stored200(fresh)], answered: answer(200, fresh), isBypassed: true });
    expect(told).toMatchObject({
      outcome: 'forward',
      cacheStatus: 'etagere; fwd=bypass; detail=bypass-rule',
      decidedBy: { name: 'a rule of the operator sends it past the shelf' },
      answer: { storable: false },
      advice: [],
    });
  });

  it('is to ask with GET where HEAD was', () => {
    const told = explained({ request: { ...get(), method: 'HEAD' }, answered: answer(200, fresh) });
    expect(told.answer).toMatchObject({ storable: false, detail: 'method' });
    expect(told.advice.map(({ codes }) => codes)).toEqual([['request-get']]);
  });

  it('is not known before the origin has answered', () => {
    const told = explained({});
    expect(told).not.toHaveProperty('answer');
    expect(told).toMatchObject({ cacheStatus: 'etagere; fwd=uri-miss', asks: [], advice: [] });
  });

  it('is a stored response where the last answer may be stored', () => {
    const told = explained({ answered: answer(200, fresh) });
    expect(told.cacheStatus).toBe('etagere; fwd=uri-miss; stored');
    expect(told.answer).toMatchObject({
      storable: true,
      lifetime: { seconds: 60 },
      decidedBy: { name: 'nothing forbids to store it' },
    });
    expect(told.advice).toEqual([]);
  });

  it('is not what the origin answered before something that is stored now', () => {
    const newer = { ...stored200(fresh, tagged), responseTime: after(1) };
    expect(
      explained({ shelf: [newer], at: 62, answered: answer(200, ['cache-control', 'private']) }),
    ).not.toHaveProperty('answer');
    const older = { ...newer, responseTime: after(-1) };
    expect(explained({ shelf: [older], at: 62, answered: answer(200, ['cache-control', 'private']) })).toMatchObject({
      answer: { detail: 'private' },
    });
  });

  it('names what the shelf itself refused', () => {
    const told = explained({ answered: answer(200, fresh), reason: 'too-large' });
    expect(told.cacheStatus).toBe('etagere; fwd=uri-miss; detail=too-large');
    expect(told.details).toMatchObject([
      {
        code: 'too-large',
        remedy: 'Raise `--memory`, with `--store disk:DIRECTORY` `--disk`, or `--max-object-share`.',
      },
    ]);
    expect(told.answer).toMatchObject({ storable: false, lifetime: { seconds: 60 } });
  });
});

describe('the key', () => {
  it('is what the stored responses are found by', () => {
    const { key } = explained({});
    expect(key).toEqual({ scheme: 'http', authority: 'shop.test', target: '/a', nominated: {} });
    expect(cacheKey(key)).toBe(cacheKey(get()));
  });
});
