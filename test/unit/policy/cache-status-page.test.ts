import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { notStorableReasons, reuseDetails, storeReasons } from '../../../src/policy/decision.ts';

/** The rows of the tables of details, as cells. */
function documentedRows(): string[][] {
  const page = readFileSync(new URL('../../../docs/cache-status.md', import.meta.url), 'utf8');
  return page
    .split('\n## ')
    .slice(1)
    .flatMap((section) => section.split('\n'))
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

describe('docs/cache-status.md', () => {
  const rows = documentedRows();

  it('has every detail that the policy and the engine can give, in their order, and no other', () => {
    const expected = [...notStorableReasons, ...storeReasons, ...reuseDetails].map((detail) => `\`${detail}\``);
    expect(rows.map(([detail]) => detail)).toEqual(expected);
  });

  it('says of each what it means, what says so, and what to do', () => {
    for (const [detail, meaning, section, advice] of rows) {
      expect(meaning, detail).toMatch(/^[A-Z`].*\.$/);
      expect(section, detail).toMatch(/^(?:RFC \d{4} §\d+(?:\.\d+)*|—)$/);
      expect(advice, detail).toMatch(/^[A-Z`].*\.$/);
    }
  });
});
