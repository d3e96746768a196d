import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ExplainReport } from '../../../src/cli/explain-report.ts';
import { explainText } from '../../../src/cli/explain-text.ts';
import { played, scene, type SceneLines } from '../explain/played.ts';

/** A report of a cache that runs, about the second request of a scene. */
async function reportOf(lines: SceneLines): Promise<ExplainReport> {
  const { explanation } = await played(scene(lines));
  const requests = [{ which: 'next' as const, explanation }];
  return { url: explanation.url, asked: { admin: 'http://a' }, hit: explanation.hit, requests, findings: [] };
}

const plain = { colours: false, rules: false, byFile: false };

describe('the text of an explanation', () => {
  it('says how old what is stored is, how long it was to be fresh, and what it is validated by', async () => {
    const report = await reportOf({
      response: [
        ['cache-control', 'max-age=60, stale-while-revalidate=30, stale-if-error=600'],
        ['etag', '"v1"'],
        ['age', '5'],
      ],
      laterMs: 100_000,
    });
    expect(explainText(report, plain)).toContain(`
  stored  200: it nominates no request fields
          age 105 s = 5 s when it came + 100 s here
          lifetime 60 s: max-age=60 in Cache-Control
          stale for 45 s; may be served stale for 30 s while it is validated; may be served stale for 600 s if the origin fails
          validator "v1"
  rule    it is stale (RFC 9111 §4.3), after 14 that did not apply
  next    the origin is asked with If-None-Match: "v1"
`);
  });

  it.each([
    [
      { staleIfError: 3, staleIfUnreachable: 3600 },
      'for 3 s if the origin answers 5xx; may be served stale for 3600 s if the origin does not answer\n',
    ],
    [{ staleIfError: 60 }, 'fresh for another 60 s; may be served stale for 60 s if the origin fails\n'],
    [
      { staleIfUnreachable: 60 },
      'fresh for another 60 s; may be served stale for 60 s if the origin does not answer\n',
    ],
    [{ staleIfTooMany: 60 }, 'fresh for another 60 s; may be served stale for 60 s if the origin answers 429\n'],
  ])('shows by cause for how long it may stand in where the windows are %j', async (config, text) => {
    const report = await reportOf({ response: [['cache-control', 'max-age=60']], config });
    expect(explainText(report, plain)).toContain(text);
  });

  it('shows both values of a field in which a request differs', async () => {
    const report = await reportOf({
      response: [
        ['cache-control', 'max-age=60'],
        ['vary', 'Accept-Language'],
      ],
      request: [['accept-language', 'de']],
      later: [],
    });
    expect(explainText(report, plain)).toContain('Accept-Language: stored de, asked with (not there)\n');
  });

  it('says what to do in general where nothing can be advised', async () => {
    const report = await reportOf({ status: 699, response: [['cache-control', 'max-age=60']] });
    expect(explainText(report, plain)).toContain('\nWhat to do\n  Nothing.\n');
  });

  it.each<[SceneLines['request'], SceneLines['later'], string]>([
    [[['accept-encoding', 'GZIP, br']], [], "with -H 'Accept-Encoding: br,gzip' for what is stored"],
    [[], [['accept-encoding', 'gzip']], "with -H 'Accept-Encoding:' for what is stored"],
    [[['x-name', "it's"]], [], String.raw`with -H 'X-Name: it'\''s' for what is stored`],
    [[['accept-encoding', 'br']], [['x-name', 'a']], "with -H 'Accept-Encoding: br' and no X-Name for what is stored"],
  ])('says what to ask with for what is stored: %j, not %j', async (request = [], later = [], hint) => {
    const vary = ['vary', 'Accept-Encoding, X-Name'] as const;
    const report = await reportOf({ request, later, response: [['cache-control', 'max-age=60'], vary] });
    expect(explainText(report, plain)).toContain(`\n  ask     ${hint}\n`);
  });

  it('gives no such hint where a value is not shown, nor where something suits', async () => {
    const response = [
      ['cache-control', 'max-age=60'],
      ['vary', 'Cookie'],
    ] as const;
    const cookie = [['cookie', 'a=b']] as const;
    const secret = await reportOf({ request: cookie, later: [], response });
    expect(explainText(secret, plain)).toContain('it was made for another Cookie');
    expect(explainText(secret, plain)).not.toContain('\n  ask ');
    expect(explainText(await reportOf({ request: cookie, response }), plain)).not.toContain('\n  ask ');
  });

  it('names a setting of the cache as whoever runs it writes it, and for which route', async () => {
    const report = await reportOf({});
    expect(explainText(report, plain)).toContain('  at the cache:\n    + --default-ttl 60s\n');
    expect(explainText(report, { ...plain, byFile: true })).toContain(
      '  at the cache:\n    + defaultTtl: 60s   (without a configuration file: --default-ttl 60s)\n',
    );
    const requests = report.requests.map((each) => ({ ...each, explanation: { ...each.explanation, route: 'shop' } }));
    expect(explainText({ ...report, requests }, { ...plain, byFile: true })).toContain(
      '  at the cache, for the route shop:\n    + defaultTtl: 60s\n',
    );
  });

  it('offers a lifetime by force with what it means', async () => {
    const report = await reportOf({
      request: [['cookie', 'id=1']],
      response: [['cache-control', 'max-age=0']],
      config: { ttl: { lifetime: 60, force: false, notFound: undefined } },
    });
    expect(explainText(report, { ...plain, byFile: true })).toMatch(
      /at the cache:\n {4}\+ ttl: \{ lifetime: 60s, force: true \}\n {2}then etagere; hit; ttl=60\. Only if every answer/,
    );
  });

  it('says where more can be learnt if nothing is known', async () => {
    const report = await reportOf({ limits: { maxNotStoredHeads: 0 } });
    expect(explainText(report, plain)).toContain('what it answers is not known here');
  });

  it('has the same words with colours', async () => {
    const report = await reportOf({ response: [['set-cookie', 'id=1']] });
    const coloured = explainText(report, { ...plain, colours: true, rules: true });
    expect(coloured).toContain('\u001B[');
    expect(stripVTControlCharacters(coloured)).toBe(explainText(report, { ...plain, rules: true }));
  });

  it('lets nothing through that a terminal takes for a command', async () => {
    const report = await reportOf({
      response: [
        ['cache-control', 'max-age=60'],
        ['vary', 'x-name'],
      ],
      request: [['x-name', 'a\u009B31m']],
    });
    const text = explainText(report, plain);
    expect(text).not.toContain('\u009B');
    expect(text).toContain('X-Name: a\\u{9b}31m');
  });
});
