import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EtagereError, errorTable } from '../../src/errors.ts';

/** The cells of each row of the table in docs/errors.md. */
function documentedRows(): string[][] {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  return page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

describe('docs/errors.md', () => {
  const rows = documentedRows();

  it('has every code with its status and source, in the order of the table, and no other', () => {
    const expected = Object.entries(errorTable).map(([code, row]) => [`\`${code}\``, String(row.status), row.source]);
    expect(rows.map((cells) => cells.slice(0, 3))).toEqual(expected);
  });

  it('says of each when it happens and what to do', () => {
    for (const [code, , , when, what] of rows) {
      expect(when, code).toMatch(/^[A-Z`].*\.$/);
      expect(what, code).toMatch(/^[A-Z`].*\.$/);
    }
  });
});

describe('EtagereError', () => {
  it('carries its row, its detail and its cause', () => {
    const cause = new Error('ECONNREFUSED');
    const error = new EtagereError('ORIGIN_REFUSED', 'nobody at home', { cause });
    expect(error).toMatchObject({ code: 'ORIGIN_REFUSED', detail: 'nobody at home', cause });
    expect(error.row).toBe(errorTable.ORIGIN_REFUSED);
    expect(error.message).toBe('ORIGIN_REFUSED: nobody at home');
  });
});
