import { describe, expect, it } from 'vitest';
import { countsOf, type FixtureReport, fixtureReport, reportText } from '../../../src/play/report.ts';
import type { Played } from '../../../src/play/suite.ts';
import { fixtureOf } from './fixture-text.ts';

const failure = { line: 9, step: 'client receives 200', expected: 'age: 5', got: 'no age' };

function reportOf(result: Played['result'], about: Parameters<typeof fixtureOf>[1] = {}): FixtureReport {
  return fixtureReport({ fixture: fixtureOf('origin silent\n', about), result });
}

describe('the report on a fixture', () => {
  it('has what it is about', () => {
    expect(reportOf({ outcome: 'passed' }, { file: 'x/60-stale/a.cache', kind: 'optimal' })).toEqual({
      file: 'x/60-stale/a.cache',
      topic: '60-stale',
      title: 'a claim',
      rule: 'RFC 9111 §4',
      kind: 'optimal',
      outcome: 'passed',
    });
  });

  it('has where and how it failed', () => {
    expect(reportOf({ outcome: 'failed', failure })).toMatchObject({
      outcome: 'failed',
      message: 'topic/a.cache:9: client receives 200: expected age: 5, got no age',
    });
  });

  it('has which way the cache went before the claim', () => {
    expect(reportOf({ outcome: 'not reached', failure })).toMatchObject({
      outcome: 'not reached',
      message: 'topic/a.cache:9: client receives 200: expected age: 5, got no age',
    });
  });

  it('has why it was skipped', () => {
    const [step] = fixtureOf('').steps;
    if (step === undefined) throw new Error('a fixture has a step');
    expect(reportOf({ outcome: 'skipped', step })).toMatchObject({
      outcome: 'skipped',
      message: 'at 0s: not possible here',
    });
    expect(reportOf({ outcome: 'inapplicable', reason: 'too long' })).toMatchObject({
      outcome: 'skipped',
      message: 'too long',
    });
  });
});

const reports = [
  reportOf({ outcome: 'passed' }, { file: '10-store/a.cache' }),
  reportOf({ outcome: 'failed', failure }, { file: '10-store/b.cache' }),
  reportOf({ outcome: 'passed' }, { file: '10-store/c.cache', kind: 'safe' }),
  reportOf({ outcome: 'not reached', failure }, { file: '10-store/f.cache' }),
  reportOf({ outcome: 'inapplicable', reason: 'too long' }, { file: '20-age/d.cache', kind: 'optimal' }),
  reportOf({ outcome: 'inapplicable', reason: 'too long' }, { file: '20-age/e.cache', kind: 'optimal' }),
];

it('counts by outcome', () => {
  expect(countsOf(reports)).toEqual({ passed: 2, failed: 1, 'not reached': 1, skipped: 2 });
});

it('is a table by topic and kind, the failures, and why what was skipped was skipped', () => {
  expect(reportText(reports)).toBe(
    [
      'passed/failed/not reached/skipped   required   optimal      safe   check',
      '10-store                             1/1/1/0         -   1/0/0/0       -',
      '20-age                                     -   0/0/0/2         -       -',
      'all                                  1/1/1/0   0/0/0/2   1/0/0/0       -',
      '',
      'required: 10-store/b.cache:9: client receives 200: expected age: 5, got no age',
      '',
      'required, not reached: 10-store/f.cache:9: client receives 200: expected age: 5, got no age',
      '',
      '2 skipped: too long',
      '',
    ].join('\n'),
  );
});

it('has no empty sections', () => {
  expect(reportText(reports.slice(0, 1)).split('\n')).toHaveLength(4);
});
