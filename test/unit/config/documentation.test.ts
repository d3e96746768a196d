import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { flags, variableOf } from '../../../src/config/flags.ts';
import { limitFlags } from '../../../src/config/limit-flags.ts';

/** The cells of each row about a flag. */
function documentedRows(): string[][] {
  const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
  return page
    .split('\n')
    .filter((line) => line.startsWith('| `--'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replace(/^`(.*)`$/, '$1')),
    );
}

describe('docs/configuration.md', () => {
  const rows = documentedRows();

  it('has every flag with its variable and default, in the order of the help, and no other', () => {
    const expected = flags.map((flag) => [
      flag.value === undefined ? `--${flag.name}` : `--${flag.name} ${flag.value}`,
      variableOf(flag.name),
      flag.byDefault,
    ]);
    expect(rows.map(([flag, variable, , byDefault]) => [flag, variable, byDefault])).toEqual(expected);
  });

  it('names every limit as a program says it', () => {
    const limits = Object.entries(limitFlags).map(([limit, flag]) => [flag.name, `limits.${limit}`]);
    const documented = rows
      .map(([flag = '', , option = '']) => [flag.slice(2).split(' ')[0], option])
      .filter(([, option]) => option?.startsWith('limits.'));
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(limits));
  });

  it('says of each what it does', () => {
    for (const [flag, , , , meaning] of rows) expect(meaning, flag).toMatch(/^[A-Z`].+\.$/);
  });
});
