import { basename, dirname } from 'node:path';
import { assertNever } from '../http/message.ts';
import type { Kind } from './fixture.ts';
import { failureText } from './run.ts';
import type { Played } from './suite.ts';

/** What became of one fixture, as `etagere play --json` writes it. */
export interface FixtureReport {
  readonly file: string;
  readonly topic: string;
  readonly title: string;
  readonly rule: string;
  readonly kind: Kind;
  readonly outcome: Outcome;
  /** Where it is not `passed`: the first failure with its place, what was expected and what there was; or why it was skipped. */
  readonly message?: string;
}

/** `not reached`: the first failure lies before the claim, or is a request more than needed where only a MUST counts. */
export type Outcome = 'passed' | 'failed' | 'not reached' | 'skipped';

/** In the order in which they are printed. */
export const kinds: readonly Kind[] = ['required', 'optimal', 'safe', 'check'];
const outcomes: readonly Outcome[] = ['passed', 'failed', 'not reached', 'skipped'];

export type Counts = Readonly<Record<Outcome, number>>;

/** The report on a fixture that was played or skipped. */
export function fixtureReport({ fixture, result }: Played): FixtureReport {
  const { file, title, rule, kind } = fixture;
  const about = { file, topic: topicOf(file), title, rule, kind };
  switch (result.outcome) {
    case 'passed':
      return { ...about, outcome: 'passed' };
    case 'failed':
    case 'not reached':
      return { ...about, outcome: result.outcome, message: failureText(fixture, result.failure) };
    case 'skipped':
      return { ...about, outcome: 'skipped', message: `${result.step.text}: not possible here` };
    case 'inapplicable':
      return { ...about, outcome: 'skipped', message: result.reason };
    default:
      return assertNever(result);
  }
}

/** The folder of a fixture: `60-stale`. */
function topicOf(file: string): string {
  return basename(dirname(file));
}

/** How many of these fixtures passed, failed and were skipped. */
export function countsOf(reports: readonly FixtureReport[]): Counts {
  const counts = { passed: 0, failed: 0, 'not reached': 0, skipped: 0 };
  for (const { outcome } of reports) counts[outcome] += 1;
  return counts;
}

/**
 * The table by topic and kind, then one line for each failure and for each claim that was not reached, then how many were skipped and why. Ends with a
 * line end.
 */
export function reportText(reports: readonly FixtureReport[]): string {
  const lines = [
    ...table(reports),
    ...messages(reports, 'failed', ''),
    ...messages(reports, 'not reached', ', not reached'),
    ...skippedLines(reports),
  ];
  return `${lines.join('\n')}\n`;
}

function messages(reports: readonly FixtureReport[], outcome: Outcome, note: string): string[] {
  const lines = reports
    .filter((report) => report.outcome === outcome)
    .map(({ kind, message = '' }) => `${kind}${note}: ${message}`);
  return lines.length > 0 ? ['', ...lines] : [];
}

function table(reports: readonly FixtureReport[]): string[] {
  const topics = [...new Set(reports.map(({ topic }) => topic))];
  const row = (name: string, ofRow: readonly FixtureReport[]): string[] => [
    name,
    ...kinds.map((kind) => cell(ofRow.filter((report) => report.kind === kind))),
  ];
  const rows = topics.map((topic) =>
    row(
      topic,
      reports.filter((report) => report.topic === topic),
    ),
  );
  return inColumns([[outcomes.join('/'), ...kinds], ...rows, row('all', reports)]);
}

function cell(reports: readonly FixtureReport[]): string {
  const counts = countsOf(reports);
  return reports.length === 0 ? '-' : outcomes.map((outcome) => counts[outcome]).join('/');
}

/** The first column to the left, the others to the right. */
function inColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0)))
      .join('   '),
  );
}

function skippedLines(reports: readonly FixtureReport[]): string[] {
  const reasons = new Map<string, number>();
  for (const { outcome, message = '' } of reports) {
    if (outcome === 'skipped') reasons.set(message, (reasons.get(message) ?? 0) + 1);
  }
  const lines = [...reasons].map(([reason, count]) => `${count} skipped: ${reason}`);
  return lines.length > 0 ? ['', ...lines] : [];
}
