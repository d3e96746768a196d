import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { installedBy } from './installed.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const installed = installedBy(join(root, 'package-lock.json'));
const page = readFileSync(join(root, 'docs', 'dependencies.md'), 'utf8');

/** The table of the page: a row may be about several packages. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .flatMap((line) => {
    const [, names = '', wantedBy = '', why = ''] = line.split('|');
    return quoted(names).map((name) => ({ name, wantedBy: quoted(wantedBy).sort(), why }));
  });

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

describe('what is installed with Etagere', () => {
  it('is what the page says, with who wants it', () => {
    expect(installed.length).toBeGreaterThan(30);
    const listed = rows.map(({ name, wantedBy }) => `${name} by ${wantedBy.join()}`);
    expect(listed.sort()).toEqual(installed.map(({ name, wantedBy }) => `${name} by ${wantedBy.join()}`).sort());
  });

  it('was decided on, where we ask for it ourselves', () => {
    const decisions = rows.filter(({ wantedBy }) => wantedBy.includes('etagere'));
    expect(decisions.length).toBeGreaterThan(5);
    for (const { name, why } of decisions) {
      const [, link = ''] = /\]\((decisions\/[^)]+)\)/.exec(why) ?? [];
      expect(link, name).not.toBe('');
      expect(readFileSync(join(root, 'docs', link), 'utf8'), `${link} is to be about ${name}`).toContain(name);
    }
  });

  it('runs programs at its installation only where the page says so', () => {
    const [, told = ''] = /\*\*Install scripts\*\*: ([^.]*)/.exec(page) ?? [];
    expect(quoted(told.split(', and')[0] ?? '')).toEqual(
      installed.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name),
    );
  });
});
