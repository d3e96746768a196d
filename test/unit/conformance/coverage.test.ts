import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fixtureFiles } from '../../../src/play/files.ts';
import type { Fixture } from '../../../src/play/fixture.ts';
import { faultText, parseFixture } from '../../../src/play/parse.ts';
import { checkRows, exceptions, expectedPasses, listedTests } from '../../conformance/expectations.ts';

const folder = fileURLToPath(new URL('../../../fixtures', import.meta.url));

/** Every fixture by its path below fixtures/, without its ending. */
const fixtures: ReadonlyMap<string, Fixture> = new Map(
  fixtureFiles(folder).map(({ path, text }) => {
    const parsed = parseFixture(text, path);
    if (!parsed.ok) throw new Error(faultText(parsed.fault));
    return [relative(folder, path).replace(/\.cache$/, ''), parsed.fixture];
  }),
);
const tests = listedTests();
const listed: ReadonlySet<string> = new Set(tests.map(({ id }) => id));
const covered: ReadonlySet<string> = new Set([...fixtures.values()].flatMap(({ covers }) => covers));

describe('the list of the public suite', () => {
  it.each([
    ['required', 160],
    ['optimal', 105],
    ['check', 100],
  ] as const)('has every %s test', (kind, count) => {
    expect(tests.filter((test) => test.kind === kind)).toHaveLength(count);
  });

  it('names no test twice', () => {
    expect(listed.size).toBe(tests.length);
  });
});

describe('the fixtures', () => {
  it('cover every test of the public suite', () => {
    expect(tests.filter(({ id }) => !covered.has(id)).map(({ id }) => id)).toEqual([]);
  });

  it('cover nothing that is not a test of the suite or a row of docs/http-cache-semantics.md', () => {
    const unknown = [...covered].filter((id) => !listed.has(id) && !/^http-cache-semantics-\d+$/.test(id));
    expect(unknown).toEqual([]);
  });
});

describe('expected.json', () => {
  const graded = new Set(tests.filter(({ kind }) => kind !== 'check').map(({ id }) => id));

  it.each([
    ['wrong', 1],
    ['rfc', 0],
    ['safe', 10],
  ] as const)('excepts only graded tests (%s), and each with a reason', (preset, most) => {
    const excepted = Object.entries(exceptions()[preset]);
    expect(excepted.filter(([id, reason]) => !graded.has(id) || reason.length < 20)).toEqual([]);
    expect(excepted.length).toBeLessThanOrEqual(most);
  });

  it('leaves every other graded test to pass', () => {
    const passes = expectedPasses('rfc');
    const left = [...graded].filter((id) => !passes.has(id));
    const { wrong, rfc } = exceptions();
    expect(left.toSorted()).toEqual([...Object.keys(wrong), ...Object.keys(rfc)].toSorted());
  });
});

describe('docs/checks.md', () => {
  const rows = checkRows();

  it('has every check of the suite in its order, and no other', () => {
    expect(rows.map(({ id }) => id)).toEqual(tests.filter(({ kind }) => kind === 'check').map(({ id }) => id));
  });

  it.each(rows)(
    'says of $id why, and names a fixture that shows it under the rule cited',
    ({ id, because, ...row }) => {
      expect(because.length).toBeGreaterThan(10);
      expect(fixtures.get(row.fixture)).toMatchObject({ rule: row.rule });
      expect(fixtures.get(row.fixture)?.covers).toContain(id);
    },
  );
});
