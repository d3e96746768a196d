import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { detailTexts } from '../../../src/explain/details.ts';
import { headRules, reckonedRules } from '../../../src/policy/storing-rules.ts';
import { notStorableReasons } from '../../../src/policy/decision.ts';

describe('the texts about details', () => {
  it('are the words of docs/cache-status.md', () => {
    const page = readFileSync(new URL('../../../docs/cache-status.md', import.meta.url), 'utf8');
    for (const [detail, { meaning, section, remedy }] of Object.entries(detailTexts)) {
      expect(page).toContain(`\n| \`${detail}\` | ${meaning} | ${section} | ${remedy} |\n`);
    }
  });
});

describe('the rules of storing', () => {
  const refusals = [...headRules, ...reckonedRules].map(({ refusal }) => refusal);

  it('have every reason not to store, in the order in which they are tried', () => {
    const first = new Set(refusals.map(({ reason }) => reason));
    expect([...first].sort()).toEqual([...notStorableReasons].sort());
  });

  it('have one name each', () => {
    const names = refusals.map(({ rule }) => rule.name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('cite the section that the text about their reason has', () => {
    // The second of its reason is about POST alone.
    const cited = refusals.filter(({ rule }) => rule.section !== 'RFC 9110 §9.3.3');
    expect(cited.map(({ reason, rule }) => [reason, rule.section])).toEqual(
      cited.map(({ reason }) => [reason, detailTexts[reason].section]),
    );
  });
});
