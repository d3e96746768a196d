import { runProgram } from '../run-program.ts';
import type { LoadRun } from './load-report.ts';

/** Beyond the duration of the run. */
const patienceMs = 30_000;

/** Runs a load generator to its end, and gives what it printed. wrk and h2load take header fields and the URL alike; what follows the URL is for scripts. */
export function runGenerator(
  program: 'wrk' | 'h2load',
  { url, fields, seconds }: LoadRun,
  options: readonly string[],
  afterUrl: readonly string[] = [],
): Promise<string> {
  const headers = fields.map(([field, value]) => `--header=${field}: ${value}`);
  const withinMs = seconds * 1_000 + patienceMs;
  return runProgram(program, [...options, ...headers, url, ...afterUrl], { cwd: '/', withinMs });
}
