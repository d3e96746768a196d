import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = read('threat-model.md');

function read(name: string): string {
  return readFileSync(join(root, 'docs', name), 'utf8');
}

/** The promises, by the tests that hold them. */
const promised = section('What is promised')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| promise |'))
  .map((line) => ({ promise: line.split('|')[1]?.trim() ?? '', tests: line.match(/(?<=`)test\/[^`]+(?=`)/g) ?? [] }));

/** The text beneath a heading, up to the next one of its level. */
function section(heading: string): string {
  const [, text = ''] = page.split(`\n## ${heading}\n`);
  return text.split('\n## ')[0] ?? '';
}

function testsIn(folder: string): string[] {
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith('.test.ts'));
  return names.map((name) => `${folder}/${name}`);
}

describe('the threat model', () => {
  it('names a test for each promise, and each is there', () => {
    expect(promised.length).toBeGreaterThan(30);
    expect(promised.filter(({ tests }) => tests.length === 0)).toEqual([]);
    expect(promised.flatMap(({ tests }) => tests).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it.each(['test/attacks', 'test/faults'])('has a promise for every file of %s', (folder) => {
    const named = new Set(promised.flatMap(({ tests }) => tests));
    expect(testsIn(folder).filter((path) => !named.has(path))).toEqual([]);
  });

  it('names the defaults that there are', () => {
    const defaults = new Map(
      [...read('configuration.md').matchAll(/^\| `(--[\w-]+)[^`]*` \|[^|]*\|[^|]*\| `([^`]+)` \|/gm)].map(
        ([, flag = '', value = '']) => [flag, value],
      ),
    );
    const named = [...page.matchAll(/`(--[\w-]+)` \(`([^`]+)`\)/g)].map(([, flag = '', value = '']) => [flag, value]);
    expect(named.length).toBeGreaterThan(6);
    expect(named).toEqual(named.map(([flag = '']) => [flag, defaults.get(flag)]));
  });
});
