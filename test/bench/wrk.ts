import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../real/etagere-process.ts';
import type { LoadReport, LoadRun } from './load-report.ts';

const scripts = fileURLToPath(new URL('lua', import.meta.url));

export interface WrkRun extends LoadRun {
  /** Of `lua/`, with its arguments; without one, all requests are alike. */
  readonly script?: readonly [name: string, ...args: string[]];
}

/** Beyond its duration. */
const patienceMs = 30_000;

/** Runs wrk, with one thread: a second one would be on the same core. */
export async function runWrk({ url, fields, connections, seconds, script }: WrkRun): Promise<LoadReport> {
  const [name, ...scriptArgs] = script ?? ['report.lua'];
  const load = ['--threads=1', `--connections=${connections}`, `--duration=${seconds}s`, '--timeout=10s'];
  const headers = fields.map(([field, value]) => `--header=${field}: ${value}`);
  const args = [...load, ...headers, `--script=${join(scripts, name)}`, url, '--', ...scriptArgs];
  return wrkReport(await runProgram('wrk', args, { cwd: '/', withinMs: seconds * 1_000 + patienceMs }));
}

/**
 * The line that the scripts print.
 * @throws Error when there is none.
 */
export function wrkReport(said: string): LoadReport {
  const line = said.split('\n').find((text) => text.startsWith('{'));
  if (line === undefined) throw new Error(`wrk reports nothing: ${said}`);
  return JSON.parse(line) as LoadReport;
}
