import { describe, expect, it } from 'vitest';
import { formatHttpDate } from '../../../src/http/date.ts';
import { notStorableReasons, reuseDetails } from '../../../src/policy/decision.ts';
import { changed, played, scene, type SceneLines, shelved, start } from './played.ts';

type Line = readonly [name: string, value: string];

const fresh: Line = ['cache-control', 'max-age=60'];
const tag: Line = ['etag', '"v1"'];
const control = (value: string): Line => ['cache-control', value];
/** Of a route, in the place of what the origin says. */
const ttl = { lifetime: 60, force: false, notFound: undefined };
const before = (seconds: number): string => formatHttpDate(start - seconds * 1000);

/** What the second of two requests gets, by its detail, and the codes of what would make it a hit. */
const scenes: readonly (readonly [detail: string, lines: SceneLines, advice: readonly string[]])[] = [
  // What is remembered of an answer was answered to a GET.
  ['method', { method: 'HEAD', response: [fresh] }, []],
  ['request-content', { hasContent: true, response: [fresh] }, ['request-content']],
  ['request-no-store', { request: [control('no-store')], response: [fresh] }, ['request-cache-control']],
  ['request-no-store', { request: [control('x="')], response: [fresh] }, ['request-cache-control']],
  ['no-store', { response: [control('no-store, max-age=60')] }, ['no-store']],
  ['no-store', { response: [control('no-store')] }, ['lifetime+no-store', 'no-store+default-ttl']],
  ['private', { response: [control('private, max-age=60')] }, ['private']],
  ['private', { response: [control('max-age=60'), ['cdn-cache-control', 'private, max-age=5']] }, ['private']],
  [
    'authorization',
    { request: [['authorization', 'Basic eA==']], response: [fresh] },
    ['public', 'request-authorization'],
  ],
  ['status', { status: 416, response: [fresh] }, []],
  ['partial', { status: 206, request: [['range', 'bytes=0-1']], response: [fresh] }, []],
  ['must-understand', { status: 299, response: [control('must-understand, max-age=60')] }, ['must-understand']],
  ['cache-control-malformed', { response: [control('max-age=60, x="')] }, ['mend-cache-control']],
  ['no-store', { response: [control('no-store, max-age=60, foo bar')] }, ['mend-cache-control+no-store']],
  [
    'cache-control-malformed',
    { response: [control('foo bar')] },
    ['mend-cache-control+lifetime', 'mend-cache-control+default-ttl'],
  ],
  ['set-cookie', { response: [fresh, ['set-cookie', 'id=1']] }, ['set-cookie', 'public']],
  [
    'credentials',
    { request: [['cookie', 'id=1']], response: [['last-modified', before(86_400)]] },
    ['lifetime', 'request-cookie'],
  ],
  [
    'authorization',
    {
      request: [
        ['authorization', 'Basic eA=='],
        ['cookie', 'id=1'],
      ],
      response: [fresh],
    },
    ['public', 'request-authorization'],
  ],
  [
    'request-no-cache',
    { response: [fresh], later: [control('no-cache'), ['pragma', 'no-cache']] },
    ['request-cache-control+request-pragma'],
  ],
  [
    'unkeyed-claim',
    {
      request: [
        ['x-forwarded-user', 'alice'],
        ['x-forwarded-port', '80'],
      ],
      response: [fresh, ['vary', 'X-Forwarded-User']],
    },
    ['vary-claim', 'request-claims'],
  ],
  [
    'credentials',
    { request: [['cookie', 'id=1']], response: [control('max-age=0')], config: { ttl } },
    ['lifetime', 'request-cookie', 'ttl-force'],
  ],
  [
    'private',
    { request: [['cookie', 'id=1']], response: [control('private, max-age=60')], config: { ttl } },
    ['private'],
  ],
  ['vary-star', { response: [fresh, ['vary', 'Accept, *']] }, ['vary-star']],
  ['vary-forwarded', { response: [fresh, ['vary', 'X-Forwarded-For']] }, ['vary-address']],
  [
    'vary-too-wide',
    { response: [fresh, ['vary', 'accept, x-a, x-b']], config: { maxNominatedFields: 2 } },
    ['vary-narrow'],
  ],
  ['unkeyed-claim', { request: [['x-forwarded-user', 'alice']], response: [fresh] }, ['vary-claim', 'request-claims']],
  // What is remembered of an answer has no field that could repeat anything.
  ['unkeyed-echo', { request: [['x-host', 'evil.test']], response: [fresh, ['link', '<https://evil.test/>']] }, []],
  ['too-many-groups', { response: [fresh, ['cache-groups', '"a", "b"']], config: { maxGroups: 1 } }, ['cache-groups']],
  ['too-many-tags', { response: [fresh, ['xkey', 'a b']], config: { maxTags: 1 } }, ['tags']],
  ['no-explicit-freshness', { status: 302 }, ['lifetime']],
  ['no-explicit-freshness', { status: 500 }, ['error-lifetime']],
  ['no-freshness', {}, ['lifetime', 'default-ttl']],
  ['expired', { response: [control('max-age=0')] }, ['lifetime']],
  ['expired', { response: [['expires', '0']] }, ['lifetime']],
  ['expired', { response: [fresh, ['age', '100']] }, ['lifetime']],
  ['no-validator', { response: [control('no-cache, max-age=60')] }, ['no-cache']],
  ['request-no-cache', { response: [fresh], later: [control('no-cache')] }, ['request-cache-control']],
  ['request-no-cache', { response: [fresh], later: [['pragma', 'no-cache']] }, ['request-pragma']],
  ['request-max-age', { response: [fresh], later: [control('max-age=0')] }, ['request-cache-control']],
  ['request-min-fresh', { response: [fresh], later: [control('min-fresh=61')] }, ['request-cache-control']],
  ['request-malformed', { response: [fresh, tag], later: [control('x="')] }, ['request-cache-control']],
  ['request-precondition', { response: [fresh], later: [['if-match', '"v1"']] }, ['request-if-match']],
  [
    'request-credentials',
    { response: [['last-modified', before(86_400)]], later: [['cookie', 'id=1']] },
    ['lifetime', 'request-cookie'],
  ],
  [
    'request-credentials',
    { response: [control('max-age=0')], later: [['cookie', 'id=1']], config: { ttl } },
    ['lifetime', 'request-cookie', 'ttl-force'],
  ],
  [
    'request-credentials',
    { response: [control('max-age=0')], later: [['authorization', 'Basic eA==']], config: { ttl } },
    ['lifetime', 'request-authorization', 'ttl-force'],
  ],
  ['no-cache', { response: [control('no-cache, max-age=60'), tag] }, ['no-cache']],
  ['fwd=stale', { response: [fresh, tag], laterMs: 61_000 }, ['lifetime', 'stale-while-revalidate']],
  [
    'fwd=stale',
    { response: [control('s-maxage=60, stale-while-revalidate=60'), tag], laterMs: 61_000 },
    ['lifetime', 'stale-beside-s-maxage'],
  ],
  [
    'fwd=vary-miss',
    {
      response: [fresh, ['vary', 'User-Agent, Accept-Encoding']],
      request: [['user-agent', 'a']],
      later: [['user-agent', 'b']],
    },
    ['vary-differing'],
  ],
  [
    'fwd=vary-miss',
    { response: [fresh, ['vary', 'Accept-Encoding']], request: [['accept-encoding', 'gzip']], later: [] },
    [],
  ],
  [
    'no-store',
    {
      response: [
        control('private, no-store, no-cache, max-age=0, must-revalidate'),
        ['pragma', 'no-cache'],
        ['set-cookie', 'id=1'],
        ['vary', '*'],
      ],
    },
    ['vary-star+replace-cache-control'],
  ],
];

/** Outcomes of a second request that no change of a response, a request or a flag makes a hit, and those that are hits themselves. */
const withoutAdvice = [
  'bypass-rule',
  'not-modified',
  'stale-while-revalidate',
  'max-stale',
  'stale-if-error',
  'request-too-often',
];

describe('advice', () => {
  it('is tried for every detail that a second request can have', () => {
    const tried = scenes.map(([detail]) => detail);
    for (const detail of [...notStorableReasons, ...reuseDetails]) {
      expect(tried.includes(detail) || withoutAdvice.includes(detail), detail).toBe(true);
    }
  });

  it.each(scenes)('about %s (%j) is %j', async (detail, lines, advice) => {
    const { second, explanation } = await played(scene(lines));
    expect(second).toContain(detail);
    expect(explanation.hit).toBe(false);
    expect(explanation.advice.map(({ codes }) => codes.join('+'))).toEqual(advice);
    // Whether the answer will be stored is not known beforehand.
    for (const member of explanation.cacheStatus.split('; ')) expect(second.split('; ')).toContain(member);
  });

  it.each(scenes.filter(([, , advice]) => advice.length > 0))(
    'about %s (%j), once followed, makes the second request a hit',
    async (_detail, lines) => {
      const staged = scene(lines);
      const { explanation } = await played(staged);
      for (const { changes, cacheStatus } of explanation.advice) {
        const followed = await played(changed(staged, changes));
        expect(followed.explanation.hit, JSON.stringify(changes)).toBe(true);
        expect(followed.second, JSON.stringify(changes)).toBe(cacheStatus);
      }
    },
  );

  it('is none for what is a hit', async () => {
    const { second, explanation } = await played(scene({ response: [fresh] }));
    expect(second).toBe('etagere; hit; ttl=60');
    expect(explanation).toMatchObject({ hit: true, cacheStatus: second, advice: [] });
  });

  it('is none for what asks the origin to do something', async () => {
    const { explanation } = await played(scene({ method: 'POST', response: [fresh] }));
    expect(explanation).toMatchObject({ cacheStatus: 'etagere; fwd=method', advice: [] });
  });

  it('shows nothing of a cookie but its name', async () => {
    const { explanation } = await played(scene({ response: [fresh, ['set-cookie', 'id=alice; Path=/']] }));
    expect(explanation.advice[0]?.changes[0]?.before).toMatch(/^id=/);
    expect(JSON.stringify(explanation)).not.toContain('alice');
  });

  it('leaves out the claims alone that Vary does not name', async () => {
    const request: Line[] = [
      ['x-forwarded-user', 'alice'],
      ['x-forwarded-port', '80'],
    ];
    const { explanation } = await played(scene({ request, response: [fresh, ['vary', 'X-Forwarded-User']] }));
    expect(explanation.advice.map(({ changes }) => changes.map(({ what, after }) => [what, after]))).toEqual([
      [['Vary', 'X-Forwarded-User, X-Forwarded-Port']],
      [['X-Forwarded-Port', null]],
    ]);
  });

  it('is none about what was purged: all that is wanted was said', async () => {
    const { engine, inspect } = await shelved(scene({ response: [control('max-age=3600'), tag] }));
    await engine.operations.purge({ kind: 'all' }, 'soft');
    const told = await inspect();
    expect(told).toMatchObject({ outcome: 'validate', cacheStatus: 'etagere; fwd=stale', advice: [] });
    expect(told.candidates[0]?.lifetime.from).toBe('max-age=3600 in Cache-Control; ended early: purged');
  });
});
