import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

interface Row {
  readonly number: number;
  readonly title: string;
  readonly decidedIn: string;
  readonly fixture: string;
}

const rows: readonly Row[] = read('docs/http-cache-semantics.md')
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    const [number = '', title = '', , , , decidedIn = '', fixture = ''] = cells.slice(1);
    return { number: Number(number), title, decidedIn, fixture: fixture.replaceAll('`', '') };
  });

const tests = [...read('test/unit/policy/http-cache-semantics.test.ts').matchAll(/^ {2}it\('(\d+): ([^']+)'/gm)].map(
  ([, number, title]) => ({ number: Number(number), title }),
);

describe('docs/http-cache-semantics.md', () => {
  it('has all 23 rows in order', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 23 }, (_, i) => i + 1));
  });

  it('has a test of the same number and name for every row, and the other way round', () => {
    expect(tests).toEqual(rows.map(({ number, title }) => ({ number, title })));
  });

  it.each(rows)('names an exported function for row $number', ({ decidedIn }) => {
    const [, name = '', path = ''] = /^`(\w+)` in `(src\/[\w/-]+\.ts)`$/.exec(decidedIn) ?? [];
    expect(existsSync(new URL(path, root)) ? read(path) : decidedIn).toContain(`export function ${name}(`);
  });

  it('names the fixture of its number for every row', () => {
    const fixtures = readdirSync(new URL('fixtures/15-library/', root)).map((file) => file.replace(/\.cache$/, ''));
    expect(rows.map(({ fixture }) => fixture)).toEqual(fixtures.toSorted());
    for (const { number, fixture } of rows) {
      expect(Number(fixture.slice(0, 2))).toBe(number);
      expect(read(`fixtures/15-library/${fixture}.cache`)).toMatch(
        new RegExp(`^covers http-cache-semantics-${number}$`, 'm'),
      );
    }
  });

  it('is about the version that is installed', () => {
    const { version } = JSON.parse(read('node_modules/http-cache-semantics/package.json')) as { version: string };
    expect(read('docs/http-cache-semantics.md')).toContain(`between version ${version}, used bare,`);
  });
});
