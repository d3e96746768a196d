import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packagesLoadedWith, type Source, violations } from './architecture/rules.ts';
import { codeOnly, importsOf } from './architecture/source-text.ts';

const root = join(import.meta.dirname, '..', 'src');

function sourcesOfTheProject(): Source[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path: path.split(sep).join('/'), text: readFileSync(join(root, path), 'utf8') }));
}

/** What is wrong with one module that stands alone. */
function violationsOf(path: string, text: string): string[] {
  return violations([{ path, text }]);
}

describe('src/', () => {
  const sources = sourcesOfTheProject();

  it('holds the table of the design', () => {
    expect(sources.length).toBeGreaterThan(10);
    expect(violations(sources)).toEqual([]);
  });

  it('loads what reads a configuration file only where there is one', () => {
    const packages = packagesLoadedWith('cli/main.ts', sources);
    expect(packages).toEqual(expect.arrayContaining(['commander', 'undici']));
    expect(packages).not.toEqual(expect.arrayContaining(['yaml']));
    expect(packages).not.toEqual(expect.arrayContaining(['valibot']));
    expect(packagesLoadedWith('config/file.ts', sources)).toEqual(['valibot', 'yaml']);
  });
});

describe('the rules', () => {
  it('allow an edge of the table, and errors.ts to all', () => {
    const text = "import { fieldLines } from '../http/fields.ts';\nimport { EtagereError } from '../errors.ts';";
    expect(violationsOf('policy/age.ts', text)).toEqual([]);
  });

  it.each([
    ['http/date.ts', '../key/cache-key.ts', 'key/cache-key.ts'],
    ['policy/age.ts', '../engine/clock.ts', 'engine/clock.ts'],
    ['policy/age.ts', '../main.ts', 'main.ts'],
    ['store/memory.ts', '../policy/age.ts', 'policy/age.ts'],
    ['engine/fill.ts', '../store/memory.ts', 'store/memory.ts'],
    ['engine/fill.ts', '../store/store.ts', 'store/store.ts'],
    ['engine/fill.ts', '../origin/undici-origin.ts', 'origin/undici-origin.ts'],
    ['listener/gate.ts', '../engine/limits.ts', 'engine/limits.ts'],
    ['cli/serve.ts', '../engine/handle.ts', 'engine/handle.ts'],
    ['errors.ts', './http/fields.ts', 'http/fields.ts'],
  ])('forbid %s to import %s', (path, specifier, target) => {
    expect(violationsOf(path, `import { x } from '${specifier}';`)).toEqual([`${path} may not import ${target}`]);
  });

  it('allow types where the table says so, and only there', () => {
    expect(violationsOf('store/memory.ts', "import type { Stored } from '../policy/stored.ts';")).toEqual([]);
    expect(violationsOf('store/memory.ts', "import { type Stored } from '../policy/stored.ts';")).toEqual([]);
    expect(violationsOf('store/memory.ts', "import type { Limits } from '../engine/limits.ts';")).toEqual([
      'store/memory.ts may not import types of engine/limits.ts',
    ]);
    expect(violationsOf('store/memory.ts', "import { type A, b } from '../policy/stored.ts';")).toEqual([
      'store/memory.ts may not import policy/stored.ts',
    ]);
  });

  it('let only main.ts and play/ construct the adapters', () => {
    expect(violationsOf('main.ts', "import { MemoryStore } from './store/memory.ts';")).toEqual([]);
    expect(violationsOf('play/run.ts', "import { MemoryStore } from '../store/memory.ts';")).toEqual([]);
    expect(violationsOf('index.ts', "import { MemoryStore } from './store/memory.ts';")).toHaveLength(1);
  });

  it('see dynamic, side-effect, multi-line and namespace imports', () => {
    const texts = [
      "const x = await import('../main.ts');",
      "import '../main.ts';",
      "import {\n  a,\n  b,\n} from '../main.ts';",
      "import * as main from '../main.ts';",
      "import main, { a } from '../main.ts';",
    ];
    for (const text of texts)
      expect(violationsOf('engine/fill.ts', text)).toEqual(['engine/fill.ts may not import main.ts']);
  });

  it('give each package one home', () => {
    expect(violationsOf('policy/semantics.ts', "import CachePolicy from 'http-cache-semantics';")).toEqual([]);
    expect(violationsOf('policy/age.ts', "import CachePolicy from 'http-cache-semantics';")).toEqual([
      'policy/age.ts may not import http-cache-semantics: only policy/semantics.ts may',
    ]);
    expect(violationsOf('engine/fill.ts', "import { LRUCache } from 'lru-cache';")).toHaveLength(1);
    expect(violationsOf('cli/serve.ts', "import { request } from 'undici';")).toHaveLength(1);
    expect(violationsOf('cli/serve.ts', "import chalk from 'chalk';")).toEqual([
      'cli/serve.ts imports chalk, a package without a home',
    ]);
  });

  it.each([
    ['Date.now', 'const now = Date.now();'],
    ['the current Date', 'const now = new Date();'],
    ['the current Date', 'const now = new Date;'],
    ['the current Date', 'const now = Date();'],
    ['performance', 'performance.now();'],
    ['process', 'process.env;'],
    ['Math.random', 'Math.random();'],
    ['crypto', 'crypto.randomUUID();'],
    ['console', 'console.log(1);'],
    ['a timer', 'setTimeout(x, 1);'],
    ['a timer', 'queueMicrotask(x);'],
    ['async', 'async function f() {}'],
    ['async', 'Promise.resolve();'],
    ['globalThis', 'globalThis.x;'],
    ['Date.now', 'const text = `${Date.now()}`;'],
  ])('keep %s out of pure modules: %s', (what, text) => {
    expect(violationsOf('policy/age.ts', text)).toEqual([`policy/age.ts is pure and may not use ${what}`]);
    expect(violationsOf('origin/retry.ts', `/** PURE: when to ask again. */\n${text}`)).toHaveLength(1);
    expect(violationsOf('origin/retry.ts', `/** When to ask again. */\n${text}`)).toEqual([]);
  });

  it('keep node modules out of pure modules', () => {
    expect(violationsOf('http/date.ts', "import type { Readable } from 'node:stream';")).toEqual([
      'http/date.ts is pure and may not import node:stream',
    ]);
  });

  it('let pure modules speak of time, and make a Date of a number', () => {
    const text = "// Date.now() is the engine's\nconst d = new Date(ms); const s = 'process'; const p = Date.parse(s);";
    expect(violationsOf('policy/age.ts', text)).toEqual([]);
  });

  it('find import cycles, types counted', () => {
    const cycle = violations([
      { path: 'http/a.ts', text: "import { b } from './b.ts';" },
      { path: 'http/b.ts', text: "import type { A } from './a.ts';" },
    ]);
    expect(cycle).toEqual(['import cycle: http/a.ts -> http/b.ts -> http/a.ts']);
  });

  it.each(['http/utils.ts', 'http/date-helper.ts', 'common/x.ts', 'store/store-manager.ts'])(
    'refuse the name %s',
    (path) => {
      expect(violationsOf(path, '')).toContain(`${path} has a name that says nothing`);
    },
  );

  it('refuse barrels, re-exports, folders outside the design, and long files', () => {
    expect(violationsOf('http/index.ts', '')).toEqual(['http/index.ts is a barrel']);
    expect(violationsOf('http/date.ts', "export { x } from './fields.ts';")).toEqual([
      'http/date.ts re-exports ./fields.ts',
    ]);
    expect(violationsOf('http/date.ts', "export * from './fields.ts';")).toHaveLength(1);
    expect(violationsOf('misc/date.ts', '')).toEqual(['misc/date.ts is in no folder of the design']);
    expect(violationsOf('http/date.ts', 'x;\n'.repeat(400))).toEqual([]);
    expect(violationsOf('http/date.ts', 'x;\n'.repeat(401))).toEqual(['http/date.ts has 401 lines; 400 is the most']);
  });
});

describe('codeOnly', () => {
  it.each([
    ['a // process', 'a'],
    ['a /* process */ b', 'a b'],
    ["f('process')", "f('')"],
    ['f(`process ${code} x`)', 'f((code))'],
    ["x = /pro'cess/; y = 'process'", "x = / /; y = ''"],
    ["a / b; '/ process'", "a / b; ''"],
    ['f(/[/"]process/g, code)', 'f(/ /g, code)'],
  ])('reads %s', (text, code) => {
    expect(codeOnly(text).replace(/\s+/g, ' ').trim()).toBe(code);
  });
});

describe('importsOf', () => {
  it('does not take comments for imports', () => {
    expect(importsOf("/*\nimport { x } from './x.ts';\n*/\n// import './y.ts'\n")).toEqual([]);
  });
});
