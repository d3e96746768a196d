import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FixtureReport } from '../../../src/play/report.ts';
import { type Measured, type Measurement, scoreboardPage } from '../../scoreboard/page.ts';
import { reasons } from '../../scoreboard/reasons.ts';

const about = (name: string, own = false): Measured['cache'] => ({
  own,
  name,
  version: '1.2',
  configuration: `${name}.conf`,
});

function fixture(
  file: string,
  outcome: FixtureReport['outcome'],
  kind: FixtureReport['kind'] = 'required',
): FixtureReport {
  const report = { file, topic: '10-store', title: 'a claim', rule: 'RFC 9111 §4', kind, outcome };
  return outcome === 'passed' ? report : { ...report, message: `${file}:9: expected a|b` };
}

const measurement: Measurement = {
  date: '2026-01-15',
  node: '24.1.0',
  patience: '20s',
  tests: [
    { id: 'vary-match', kind: 'required' },
    { id: 'age', kind: 'required' },
    { id: 'early', kind: 'optimal' },
    { id: 'odd', kind: 'check' },
  ],
  measured: [
    {
      cache: about('Etagere, rfc', true),
      fixtures: [
        fixture('a', 'failed'),
        fixture('b', 'passed'),
        fixture('c', 'skipped', 'optimal'),
        fixture('d', 'failed', 'check'),
        fixture('e', 'failed'),
      ],
      publicSuite: {
        'vary-match': true,
        age: ['Assertion', 'no age'],
        early: ['Setup', 'no'],
        odd: ['Assertion', 'x'],
      },
    },
    {
      cache: about('Other'),
      fixtures: [
        fixture('a', 'passed'),
        fixture('b', 'failed'),
        fixture('c', 'skipped', 'optimal'),
        fixture('d', 'passed', 'check'),
        fixture('e', 'not reached'),
      ],
      publicSuite: { 'vary-match': true, age: true, odd: true },
    },
    { cache: about('Broken') },
  ],
};

describe('the scoreboard', () => {
  const page = scoreboardPage(measurement);

  it('names every cache with version and configuration, and when and how it was measured', () => {
    expect(page).toContain('Measured on 2026-01-15 with Node 24.1.0 by');
    expect(page).toContain('| Other | 1.2 | Other.conf |');
    expect(page).toContain('| Broken | 1.2 | Broken.conf |');
  });

  it('counts passes of the public suite by kind, of those that were measured', () => {
    expect(page).toContain('| cache | required (of 2) | optimal (of 1) | check (of 1) |');
    expect(page).toContain('| Etagere, rfc | 1 | 0 | 0 |\n| Other | 2 | 0 | 1 |\n\n');
  });

  it('counts passes of our fixtures by kind and by topic, of those that were played', () => {
    expect(page).toContain('1 of 5 were skipped');
    expect(page).toContain(
      '| Etagere, rfc | 1 of 3 |  |  | 0 of 1 |\n| Other | 1 of 2, 1 not reached |  |  | 1 of 1 |',
    );
    expect(page).toContain(
      '| topic | Etagere, rfc | Other |\n|---|---|---|\n| 10-store | 1 of 3 | 1 of 2, 1 not reached |',
    );
  });

  it('has each graded test and fixture that another passes and Etagere does not, with the reason', () => {
    expect(page.slice(page.indexOf('## Where another'))).toBe(
      [
        '## Where another cache passes and Etagere does not',
        '',
        '| test or fixture | kind | passed by | not by | why |',
        '|---|---|---|---|---|',
        '| `age` | required | Other | Etagere, rfc | Assertion: no age |',
        '| `a` | required | Other | Etagere, rfc | a:9: expected a\\|b |',
        '',
      ].join('\n'),
    );
  });

  it('has our reason where we gave one', () => {
    const [name = '', reason = ''] = [...reasons][0] ?? [];
    const fixtures = (outcome: FixtureReport['outcome']): FixtureReport[] => [fixture(name, outcome)];
    const measured = [
      { cache: about('Etagere, safe', true), fixtures: fixtures('failed') },
      { cache: about('Other'), fixtures: fixtures('passed') },
    ];
    expect(scoreboardPage({ ...measurement, measured })).toContain(
      `| \`${name}\` | required | Other | Etagere, safe | ${reason} |`,
    );
  });

  it('gives reasons only for fixtures that exist', () => {
    const files = [...reasons.keys()].filter((name) => name.includes('/'));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(existsSync(new URL(`../../../${file}`, import.meta.url)), file).toBe(true);
  });

  it('has no section about what was not measured', () => {
    const bare = scoreboardPage({ ...measurement, tests: [], measured: [{ cache: about('Etagere', true) }] });
    expect(bare.match(/^## .*/gm)).toEqual(['## Where another cache passes and Etagere does not']);
    expect(bare).toMatch(/Nowhere\.\n$/);
  });
});
