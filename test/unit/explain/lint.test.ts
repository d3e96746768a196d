import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { SeenAnswer } from '../../../src/explain/finding.ts';
import { lint, lintRules } from '../../../src/explain/lint.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import { presets } from '../../../src/policy/config.ts';
import { answer, date, get, type Line, times } from '../policy/messages.ts';

interface Situation {
  readonly target?: string;
  readonly status?: number;
  readonly lines: readonly Line[];
  readonly again?: readonly Line[];
  readonly digests?: readonly [string, string];
}

const control = (value: string): Line => ['cache-control', value];
const tag: Line = ['etag', '"v1"'];
const day = 86_400;

function seen(status: number, lines: readonly Line[], digest: string): SeenAnswer {
  const isDated = lines.some(([name]) => name === 'date');
  const response = isDated ? { status, fields: fieldsOf(...lines) } : answer(status, ...lines);
  return { response, times, contentBytes: 10, digest };
}

function found({ target = '/a', status = 200, lines, again, digests = ['d1', 'd1'] }: Situation) {
  const first = seen(status, lines, digests[0]);
  const second = seen(status, again ?? lines, digests[1]);
  return lint({ request: { ...get(), target }, answer: first, again: second, config: presets.safe });
}

/** Each rule with a response about which it has something to say, and the line that it would send instead. */
const cases: readonly (readonly [code: string, situation: Situation, line: string | undefined])[] = [
  ['vary-star', { lines: [control('max-age=60'), tag, ['vary', '*']] }, 'Vary: null'],
  [
    'vary-explodes',
    { lines: [control('max-age=60'), tag, ['vary', 'Cookie, Accept-Encoding']] },
    'Vary: Accept-Encoding',
  ],
  [
    'encoding-without-vary',
    { lines: [control('max-age=60'), tag, ['content-encoding', 'gzip'], ['vary', 'Origin']] },
    'Vary: Origin, Accept-Encoding',
  ],
  [
    'set-cookie-on-asset',
    { target: '/app.js?v=1', lines: [control('max-age=60'), tag, ['set-cookie', 'id=1']] },
    'Set-Cookie: null',
  ],
  [
    'set-cookie-in-public',
    { lines: [control('public, max-age=60'), tag, ['set-cookie', 'id=1']] },
    'Cache-Control: public, max-age=60, no-cache="set-cookie"',
  ],
  ['tags-huge', { lines: [control('max-age=60'), tag, ['cache-tag', 'x'.repeat(5_000)]] }, undefined],
  ['cache-control-malformed', { lines: [control('max-age=60, x="'), tag] }, 'Cache-Control: max-age=60'],
  ['directive-unknown', { lines: [control('max-age=60, no-chache'), tag] }, 'Cache-Control: max-age=60'],
  ['lifetime-invalid', { lines: [control('max-age=1h'), tag] }, 'Cache-Control: max-age=60'],
  ['lifetime-twice', { lines: [control('max-age=60, max-age=5'), tag] }, 'Cache-Control: max-age=5'],
  ['no-store-with-lifetime', { lines: [control('no-store, max-age=60'), tag] }, 'Cache-Control: max-age=60'],
  ['private-and-shared', { lines: [control('private, s-maxage=60'), tag] }, 'Cache-Control: s-maxage=60'],
  [
    's-maxage-with-stale-window',
    { lines: [control('s-maxage=60, stale-while-revalidate=600'), tag] },
    'CDN-Cache-Control: stale-while-revalidate=600, max-age=60',
  ],
  [
    'must-revalidate-with-stale-window',
    { lines: [control('max-age=60, must-revalidate, stale-if-error=600'), tag] },
    'Cache-Control: max-age=60, stale-if-error=600',
  ],
  ['expires-against-max-age', { lines: [control('max-age=60'), tag, ['expires', date(day)]] }, 'Expires: null'],
  ['pragma', { lines: [control('max-age=60'), tag, ['pragma', 'no-cache']] }, 'Pragma: null'],
  ['freshness-guessed', { lines: [['last-modified', date(-10 * day)]] }, `Cache-Control: max-age=${day}`],
  ['freshness-missing', { lines: [tag] }, 'Cache-Control: max-age=60'],
  ['validator-missing', { lines: [control('max-age=60')] }, 'ETag: "d1"'],
  ['validator-missing', { lines: [control('max-age=0')] }, 'ETag: "d1"'],
  [
    'etag-unstable',
    { lines: [control('max-age=60'), tag], again: [control('max-age=60'), ['etag', '"v2"']] },
    'ETag: "d1"',
  ],
  ['etag-not-changed', { lines: [control('max-age=60'), tag], digests: ['d1', 'd2'] }, 'ETag: W/"v1"'],
  ['etag-weak', { lines: [control('max-age=60'), ['etag', 'W/"v1"']] }, 'ETag: "v1"'],
  [
    'last-modified-in-future',
    { lines: [control('max-age=60'), ['last-modified', date(60)]] },
    `Last-Modified: ${date()}`,
  ],
  ['date-skew', { lines: [['date', date(3600)], control('max-age=60'), tag] }, undefined],
  ['date-skew', { lines: [['date', date(-3600)], control('max-age=7200'), tag] }, undefined],
  ['age-from-another-cache', { lines: [control('max-age=60'), tag, ['age', '5']] }, undefined],
];

describe('the linter', () => {
  it('has a case for each rule', () => {
    expect([...new Set(cases.map(([code]) => code))].sort()).toEqual(lintRules.map(({ code }) => code).sort());
  });

  it.each(cases)('finds %s, and that alone, and says what to send', (code, situation, line) => {
    const findings = found(situation);
    expect(findings.map((finding) => finding.code)).toEqual([code]);
    const [change] = findings[0]?.changes ?? [];
    expect(change && `${change.what}: ${change.after}`).toBe(line);
  });

  it('has nothing to say of a response that is as it should be', () => {
    const lines: readonly Line[] = [
      control('max-age=60, stale-while-revalidate=600'),
      tag,
      ['vary', 'Accept-Encoding'],
      ['content-encoding', 'gzip'],
      ['expires', date(60)],
    ];
    expect(found({ target: '/app.js', lines })).toEqual([]);
  });

  it('takes an old Date for what it is where Age tells of a cache before', () => {
    const codes = found({ lines: [['date', date(-3600)], ['age', '3600'], control('max-age=7200'), tag] });
    expect(codes.map(({ code }) => code)).toEqual(['age-from-another-cache']);
  });

  it('looks at the field that counts for this cache', () => {
    const lines: readonly Line[] = [control('max-age=60'), ['cdn-cache-control', 'no-store, max-age=60'], tag];
    expect(found({ lines })).toMatchObject([
      { code: 'no-store-with-lifetime', changes: [{ what: 'CDN-Cache-Control', after: 'max-age=60' }] },
    ]);
  });

  it('says the worst first', () => {
    const findings = found({ lines: [control('s-maxage=60, stale-if-error=5'), ['vary', '*'], ['pragma', 'x']] });
    expect(findings.map(({ severity }) => severity)).toEqual(['error', 'warning', 'warning', 'info']);
  });

  it('writes sentences, and names a section where there is one', () => {
    for (const [, situation] of cases) {
      for (const { what, remedy, section } of found(situation)) {
        expect(what).toMatch(/^[A-Za-z].*\.$/);
        expect(remedy).toMatch(/^[A-Z].*\.$/);
        expect(section).toMatch(/^(?:RFC \d{4} §\d+(?:\.\d+)*|—)$/);
      }
    }
  });

  it('has its rules in docs/explain.md, in their order', () => {
    const page = readFileSync(new URL('../../../docs/explain.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (error|warning|info) \| ([^|]+?) \| [`A-Z].*\. \|$/gm)];
    expect(rows.map(([, ...cells]) => cells)).toEqual(
      lintRules.map(({ code, severity, section }) => [code, severity, section]),
    );
  });
});
