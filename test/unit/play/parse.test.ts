import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Fixture } from '../../../src/play/fixture.ts';
import { optionNames } from '../../../src/play/options.ts';
import { faultText, parseFixture } from '../../../src/play/parse.ts';
import { phrases } from '../../../src/play/phrases.ts';
import { presets } from '../../../src/policy/config.ts';

const head = 'title  a claim\nrule   RFC 9111 §4.2, RFC 9110 §5.3\nkind   optimal\n';

function parsed(text: string): Fixture {
  const result = parseFixture(text, 'a.cache');
  if (!result.ok) throw new Error(faultText(result.fault));
  return result.fixture;
}

function fault(text: string): string {
  const result = parseFixture(text, 'a.cache');
  if (result.ok) throw new Error('it was read');
  return faultText(result.fault);
}

function onlyStep(lines: string): unknown {
  const { line: _line, text: _text, ...step } = parsed(`${head}at 0s\n${lines}`).steps[1] ?? { line: 0, text: '' };
  return step;
}

describe('the head', () => {
  it('says what is claimed, by which rule and how much it weighs', () => {
    const fixture = parsed(`# a comment\n${head}covers one\ncovers two\n\nat 0s\n`);
    expect(fixture).toMatchObject({
      file: 'a.cache',
      title: 'a claim',
      rule: 'RFC 9111 §4.2, RFC 9110 §5.3',
      kind: 'optimal',
      covers: ['one', 'two'],
    });
  });

  it('configures the cache, and leaves what it does not name as installed', () => {
    const { options } = parsed(`${head}options preset rfc, default-ttl 1m, memory 2mb\nat 0s\n`);
    expect(options.policy).toEqual({ ...presets.rfc, defaultTtl: 60 });
    expect(options.limits).toMatchObject({ memoryBytes: 2 ** 21, maxVariants: 32 });
    expect(parsed(`${head}at 0s\n`).options.policy).toEqual(presets.safe);
  });

  it('says whether its outcome turns within a second', () => {
    expect(parsed(`${head}at 0s\n`).needsExactTime).toBe(false);
    expect(parsed(`${head}needs exact time\nat 0s\n`).needsExactTime).toBe(true);
  });

  it.each([
    ['needs  luck\n', 'a.cache:1: expected needs exact time, got "needs  luck"'],
    ['', 'a.cache:1: expected title CLAIM before the first step, got none'],
    ['title  a\nkind   required\nat 0s\n', 'a.cache:3: expected rule CITATIONS before the first step, got none'],
    [
      'title  a\nrule   RFC 9111 §4\nat 0s\n',
      'a.cache:3: expected kind required|optimal|safe|check before the first step, got none',
    ],
    [
      'title  a\nrule   common sense\n',
      'a.cache:2: expected citations like RFC 9111 §4.2.3, got "rule   common sense"',
    ],
    ['kind   hard\n', 'a.cache:1: expected kind required|optimal|safe|check, got "kind   hard"'],
    ['title  a\ntitle  b\n', 'a.cache:2: expected one title only, got "title  b"'],
    [head, 'a.cache:4: expected steps, got the end of the file'],
    [
      'titel  a\n',
      'a.cache:1: expected a line of the head (title, rule, kind, covers, options, needs) or a step (at, clock, claim, client, origin), got "titel  a"',
    ],
    [`${head}client sends GET /\n`, 'a.cache:4: expected at TIME as the first step, got "client sends GET /"'],
    ['title  a\n  b\n', 'a.cache:2: expected nothing indented under a line of the head, got "b"'],
    ['  a\n', 'a.cache:1: expected a line that starts at column 0, got "a"'],
  ])('says what is missing: %j', (text, message) => {
    expect(fault(text)).toBe(message);
  });

  it.each([
    ['preset fast', 'preset: "fast" is not one of the choices; write safe or rfc'],
    ['stale-beside-s-maxage off', 'stale-beside-s-maxage: "off" is not what it takes; write on'],
    ['default-ttl 10', 'default-ttl: "10" is not a duration; add its unit, like 10s for seconds'],
    ['memory much', 'memory: "much" is not a size; write a number with a unit'],
    ['memory', 'memory: "" is not a size'],
    ['sauce 1', '"sauce 1" is no option; write NAME VALUE, … with names of preset,'],
    ['memory 1mb 2mb', '"memory 1mb 2mb" is no option'],
  ])('refuses the option %s, and says why', (option, message) => {
    expect(fault(`${head}options ${option}\nat 0s\n`)).toContain(
      `a.cache:4: expected options that are understood, got ${message}`,
    );
  });
});

describe('the steps', () => {
  it('keep their line and their words', () => {
    expect(parsed(`${head}\nat 0s\nat 90m\n`).steps).toEqual([
      { kind: 'at', atMs: 0, line: 5, text: 'at 0s' },
      { kind: 'at', atMs: 5_400_000, line: 6, text: 'at 90m' },
    ]);
  });

  it('say what a client sends', () => {
    expect(
      onlyStep('client B sends POST /a?b=c\n  X-One: 1\n  x-one:2\n  date: now-1h\n  body some content\n'),
    ).toEqual({
      kind: 'client-sends',
      client: 'B',
      method: 'POST',
      target: '/a?b=c',
      fields: [
        { name: 'x-one', value: { kind: 'text', text: '1' } },
        { name: 'x-one', value: { kind: 'text', text: '2' } },
        { name: 'date', value: { kind: 'date', base: 'now', offsetMs: -3_600_000, form: 'imf-fixdate' } },
      ],
      body: { kind: 'text', text: 'some content' },
    });
  });

  it('say what a client must see', () => {
    const lines = ['age: >=5', 'Link: a', 'has etag', 'link: b', 'no set-cookie', 'via contains etagere', 'no body'];
    const step = onlyStep(
      `client receives 200\n${lines.map((line) => `  ${line}\n`).join('')}  cache-status: hit; ttl=9; not stored\n`,
    );
    expect(step).toEqual({
      kind: 'client-receives',
      client: '',
      status: '200',
      expectations: [
        { kind: 'compared', name: 'age', operator: '>=', bound: 5 },
        {
          kind: 'lines',
          name: 'link',
          values: [
            { kind: 'text', text: 'a' },
            { kind: 'text', text: 'b' },
          ],
        },
        { kind: 'present', name: 'etag' },
        { kind: 'absent', name: 'set-cookie' },
        { kind: 'contains', name: 'via', text: 'etagere' },
        { kind: 'body', body: { kind: 'text', text: '' } },
        {
          kind: 'cache-status',
          parameters: [
            { name: 'hit', value: true },
            { name: 'ttl', value: '9' },
            { name: 'stored', value: false },
          ],
        },
      ],
    });
  });

  it.each([
    ['origin A sends body 20 bytes', { kind: 'origin-sends-body', request: 'A', body: { kind: 'bytes', length: 20 } }],
    ['origin sends interim 103', { kind: 'origin-sends-interim', request: '', status: 103, fields: [] }],
    ['origin A times out', { kind: 'origin-times-out', request: 'A' }],
    ['client A is aborted', { kind: 'client-is-aborted', client: 'A' }],
    ['client has body a b', { kind: 'client-has-body', client: '', body: { kind: 'text', text: 'a b' } }],
    ['clock jumps -1h', { kind: 'clock-jumps', byMs: -3_600_000 }],
    ['origin silent', { kind: 'origin-silent', must: false }],
    ['origin must stay silent', { kind: 'origin-silent', must: true }],
    ['claim', { kind: 'claim' }],
    ['client receives 5xx', { kind: 'client-receives', client: '', status: '5xx', expectations: [] }],
  ])('understand: %s', (line, step) => {
    expect(onlyStep(`${line}\n`)).toEqual(step);
  });

  it.each([
    [
      'client sleeps',
      'a.cache:5: expected one of: client [NAME] sends METHOD TARGET · client [NAME] receives STATUS · ',
    ],
    [
      'client bob sends GET /',
      'a.cache:5: expected a NAME that begins with a capital, like Bob, got "client bob sends',
    ],
    ['client sends GET a', 'a.cache:5: expected one of: client [NAME] sends METHOD TARGET · '],
    ['etag: "v1"', 'a.cache:5: expected a step; if this is a line of the step above, indent it, got "etag: "v1""'],
    ['no body', 'a.cache:5: expected a step; if this is a line of the step above, indent it, got "no body"'],
    ['kind required', 'a.cache:5: expected kind and a value, before the first step'],
    [
      'wait 5s',
      'a.cache:5: expected a line of the head (title, rule, kind, covers, options, needs) or a step (at, clock, claim, client, origin), got "wait 5s"',
    ],
    ['at 10', 'a.cache:5: expected at TIME where TIME has a unit, like 0s, 500ms, 11s, 2h or 10d, got "at 10"'],
    ['at noon', 'a.cache:5: expected at TIME where TIME has a unit, like 0s'],
    ['client receives 103', 'a.cache:5: expected one of: client'],
    [
      'client receives 200\n  body',
      'a.cache:6: expected name: value, name: >= NUMBER, name contains TEXT, has name, no name',
    ],
    ['client sends GET /\n  has etag', 'a.cache:6: expected a field (name: value) or body CONTENT, got "has etag"'],
    ['client sends GET /\n  body a\n  body b', 'a.cache:7: expected at most one body, got "body b"'],
    ['client leaves\n  body a', 'a.cache:6: expected nothing indented under "client [NAME] leaves", got "body a"'],
    [
      'client receives 200\n  cache-status: not ttl=9',
      'a.cache:6: expected parameters of Cache-Status: name, name=value or not name',
    ],
    ['origin sends head 200\n  body a', 'a.cache:5: expected origin [NAME] sends head STATUS without a body'],
    ['at 5s\nat 4s', 'a.cache:6: expected a time that is not before the last one, got "at 4s"'],
  ])('say what could have stood there: %j', (lines, message) => {
    expect(fault(`${head}at 0s\n${lines}\n`)).toContain(message);
  });
});

describe('fixtures/README.md', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../../fixtures/README.md'), 'utf8');

  it('shows every form of a step, and no other', () => {
    const shown = [...readme.matchAll(/^\| `((?:at|clock|client|origin) [^`]+|claim)` \|/gm)].map((match) => match[1]);
    expect(shown).toEqual(phrases.map((phrase) => phrase.form));
  });

  it('names every option', () => {
    const line = readme.split('\n').find((text) => text.startsWith('| `options')) ?? '';
    expect(optionNames.filter((name) => !line.includes(`\`${name}`))).toEqual([]);
  });

  it('begins with an example that can be read', () => {
    const example = readme
      .slice(0, readme.indexOf('\n## '))
      .split('\n')
      .filter((line) => line.startsWith('    '))
      .map((line) => line.slice(4));
    expect(parsed(example.join('\n')).title).toMatch(/^a stale response is validated/);
  });
});
