import * as v from 'valibot';
import { nearest } from './nearest.ts';
import { maxMistakes, type Path, type Problem } from './problems.ts';
import { listForNames } from './schema-leaves.ts';
import { standIn, withoutValue, withValue } from './pruning.ts';
import { alternatives } from './values.ts';

/** Who wrote a value decides how a thing is called in a complaint about it. */
export type Author = 'file' | 'program';

/**
 * Holds a value against a schema. What does not fit is noted in `found` and is not in what is returned, so that all else can be read and judged too;
 * undefined where nothing is left that could be.
 */
export function shaped<T>(
  schema: v.GenericSchema<unknown, T>,
  value: unknown,
  author: Author,
  found: Problem[],
): T | undefined {
  let remaining = value;
  // Each round takes away what it complained of.
  for (;;) {
    const result = v.safeParse(schema, remaining);
    if (result.success) return result.output;
    const problems = result.issues.slice(0, maxMistakes + 1).flatMap((issue) => problemsOf(issue, [], author));
    found.push(...problems.filter((problem) => !isMisspelt(problem, problems)));
    if (found.length > maxMistakes) return undefined;
    if (problems.some(({ path }) => path.length === 0 || (path[0] === 'origins' && path.length === 1)))
      return undefined;
    for (const { path, about } of problems) {
      const instead = about === 'name' ? undefined : standIn(path);
      remaining = instead === undefined ? withoutValue(remaining, path) : withValue(remaining, path, instead);
    }
  }
}

/** Whether what is missing is there under a name that was told to be like it. */
function isMisspelt({ path, problem }: Problem, problems: readonly Problem[]): boolean {
  const [name, above] = [path.at(-1), JSON.stringify(path.slice(0, -1))];
  const isSibling = (other: Problem): boolean => JSON.stringify(other.path.slice(0, -1)) === above;
  return problem === missing && problems.some((other) => isSibling(other) && other.advice === `did you mean ${name}?`);
}

const missing = 'it is missing';

type Issue = v.BaseIssue<unknown>;

function problemsOf(issue: Issue, before: Path, author: Author): Problem[] {
  const path = [...before, ...stepsOf(issue)];
  // Of the alternatives of a union, those that the value was meant as complain about something inside of it.
  const nested = (issue.issues ?? []).filter((inner) => inner.path !== undefined);
  if (nested.length > 0) return nested.flatMap((inner) => problemsOf(inner, path, author));
  const last = issue.path?.at(-1);
  const isAboutName = last?.type === 'object' && last.origin === 'key';
  if (isAboutName && issue.expected === 'never') return [unknownName(path, issue.message.split('\n'))];
  if (isAboutName) return [{ path, about: 'value', problem: missing, advice: adviceForMissing(path) }];
  return [
    {
      path,
      about: 'value',
      problem: `${shown(issue.input)} is not what it takes`,
      advice: adviceFor(issue, path, author),
    },
  ];
}

function stepsOf(issue: Issue): Path {
  return (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
}

function unknownName(path: Path, names: readonly string[]): Problem {
  const name = String(path.at(-1));
  const meant = names.find((known) => known.endsWith(`.${name}`)) ?? nearest(name, names) ?? overlapping(name, names);
  const advice =
    meant === undefined
      ? `what there is here: ${names.filter((known) => !/[.$]/.test(known)).join(', ')}`
      : `did you mean ${meant}?`;
  return { path, about: 'name', problem: 'there is nothing of that name', advice };
}

/** The longest name that holds the word or is in it: `sort` for `sortQuery`, `originHeadTimeoutMs` for `headTimeout`. */
function overlapping(word: string, names: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const like = names.filter((name) => {
    const known = name.toLowerCase();
    return (known.length > 3 && lower.includes(known)) || (lower.length > 2 && known.startsWith(lower));
  });
  return like.toSorted((a, b) => b.length - a.length)[0];
}

function adviceForMissing(path: Path): string {
  const name = String(path.at(-1));
  const example = name === 'url' ? 'http://localhost:3000' : name === 'lifetime' ? '5m' : '/healthz';
  return `write ${name}: and something like ${example}`;
}

/** `(string | number | Object)` in words. */
function adviceFor(issue: Issue, path: Path, author: Author): string {
  if (author === 'file' && path.length === 0) return 'write names with values, like origin: http://localhost:3000';
  const expected = expectedOf(issue);
  const isTruth = expected.includes('boolean') || expected.includes('false');
  if (isTruth && typeof issue.input === 'string') {
    if (/^(?:on|yes|y|true)$/i.test(issue.input)) return 'write true';
    if (/^(?:off|no|n|false)$/i.test(issue.input)) return 'write false';
  }
  if (expected.length > 1 && expected.every((word) => word.startsWith('"'))) {
    const choices = expected.map((word) => word.slice(1, -1));
    const meant = nearest(String(issue.input), choices);
    return meant === undefined ? `write ${alternatives(choices)}` : `did you mean ${meant}?`;
  }
  if (author === 'file' && typeof issue.input === 'boolean' && expected.includes('string'))
    return `write it in quotes: "${issue.input}"`;
  const words = [...new Set(expected.map((word) => wordFor(word, author)))];
  return `give it ${alternatives(words)}`;
}

function expectedOf(issue: Issue): string[] {
  const nested = (issue.issues ?? []).flatMap(expectedOf);
  if (nested.length > 0) return nested;
  return (issue.expected ?? '').replace(/^\(|\)$/g, '').split(/ [|&] /);
}

function wordFor(expected: string, author: Author): string {
  switch (expected) {
    case 'string':
      return 'text';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    case 'Array':
      return 'a list';
    case 'Object':
      return author === 'file' ? 'names with values, a level deeper' : 'an object';
    default:
      return expected.replaceAll('"', '');
  }
}

/** Characters of a value that are shown: a file that is no configuration at all is one long text to YAML. */
const longestShown = 60;

/** A value in one line of a message. */
function shown(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value) || value === listForNames) return 'a list';
  if (typeof value === 'object' || typeof value === 'symbol') return 'an object';
  if (typeof value === 'string') return `"${value.length > longestShown ? `${value.slice(0, longestShown)}…` : value}"`;
  return typeof value === 'boolean' || typeof value === 'number' ? String(value) : typeof value;
}
