import type { Outcome, SuiteTest } from './suite.ts';

/** What the lists say of a run: the tests that there are, and those that pass. */
export interface Expectations {
  readonly tests: readonly SuiteTest[];
  readonly passes: ReadonlySet<string>;
}

/** What a run was. */
export interface Run {
  readonly tests: readonly SuiteTest[];
  readonly result: Readonly<Record<string, Outcome>>;
}

/** A test that came out otherwise than the lists say, with what to do about it. */
export interface Surprise {
  readonly id: string;
  readonly what: string;
}

/** Every difference between a run and the lists, both ways: a list that is too long hides the next failure. */
export function surprises(expected: Expectations, { tests, result }: Run): Surprise[] {
  const listed = new Map(expected.tests.map(({ id, kind }) => [id, kind]));
  const ran = new Set(tests.map(({ id }) => id));
  const changed = tests.flatMap(({ id, kind }) => {
    if (listed.get(id) !== kind) return [{ id, what: `is ${kind} in the suite, and not so in ids.txt` }];
    const what = difference(kind, expected.passes.has(id), result[id]);
    return what === undefined ? [] : [{ id, what }];
  });
  const gone = expected.tests.filter(({ id }) => !ran.has(id));
  return [...changed, ...gone.map(({ id }) => ({ id, what: 'stands in ids.txt, and is no longer in the suite' }))];
}

function difference(kind: SuiteTest['kind'], expected: boolean, outcome: Outcome | undefined): string | undefined {
  if (outcome === undefined) return 'was not run';
  if ((outcome === true) === expected) return undefined;
  const list = kind === 'check' ? 'docs/checks.md' : 'expected.json';
  if (outcome !== true) return `${outcome.join(': ')} (${list} says that it passes)`;
  return `passes (${list} says that it does not)`;
}
