import { readFileSync } from 'node:fs';
import type { PresetName } from '../../src/policy/config.ts';
import type { Kind, SuiteTest } from './suite.ts';

/** A row of docs/checks.md: what we answer where more than one answer is right. */
export interface CheckRow {
  readonly id: string;
  /** Whether the suite sees a yes, by preset. */
  readonly answers: Readonly<Record<PresetName, boolean>>;
  readonly because: string;
  /** As the `rule` line of the fixture has it. */
  readonly rule: string;
  /** Below fixtures/, without its ending. */
  readonly fixture: string;
}

/** Graded tests that are not passed on purpose, each with its reason: by preset, or by none because the test is wrong. */
export type Exceptions = Readonly<Record<PresetName | 'wrong', Readonly<Record<string, string>>>>;

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}

/** The tests of the public suite that are not for browsers only, as `ids.txt` lists them. */
export function listedTests(): SuiteTest[] {
  return read('ids.txt').trim().split('\n').map(listedTest);
}

function listedTest(line: string): SuiteTest {
  const [kind = '', id = ''] = line.split(' ');
  const kinds: readonly Kind[] = ['required', 'optimal', 'check'];
  const known = kinds.find((one) => one === kind);
  if (known === undefined || id === '') throw new Error(`ids.txt: "${line}" is no kind and id`);
  return { id, kind: known };
}

/** What `expected.json` says. */
export function exceptions(): Exceptions {
  return JSON.parse(read('expected.json')) as Exceptions;
}

/** The rows of docs/checks.md, in its order. */
export function checkRows(): CheckRow[] {
  return read('../../docs/checks.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => {
      const [id = '', safe = '', rfc = '', because = '', rule = '', fixture = ''] = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replace(/^`([^`]+)`$/, '$1'));
      return { id, answers: { safe: readAnswer(id, safe), rfc: readAnswer(id, rfc) }, because, rule, fixture };
    });
}

function readAnswer(id: string, text: string): boolean {
  if (text !== 'yes' && text !== 'no') throw new Error(`docs/checks.md: ${id}: "${text}" is neither yes nor no`);
  return text === 'yes';
}

/** The ids of the tests that the suite will see pass, or answered with yes. */
export function expectedPasses(preset: PresetName): ReadonlySet<string> {
  const { wrong, [preset]: refused } = exceptions();
  const excepted = new Set([...Object.keys(wrong), ...Object.keys(refused)]);
  const graded = listedTests().filter(({ id, kind }) => kind !== 'check' && !excepted.has(id));
  const answered = checkRows().filter(({ answers }) => answers[preset]);
  return new Set([...graded, ...answered].map(({ id }) => id));
}
