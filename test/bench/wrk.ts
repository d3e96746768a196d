import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runGenerator } from './generator.ts';
import type { LoadReport, LoadRun } from './load-report.ts';

const scripts = fileURLToPath(new URL('lua', import.meta.url));

export interface WrkRun extends LoadRun {
  /** Of `lua/`, with its arguments; without one, all requests are alike. */
  readonly script?: readonly [name: string, ...args: string[]];
}

/** Runs wrk, with one thread: a second one would be on the same core. */
export async function runWrk({ script, ...run }: WrkRun): Promise<LoadReport> {
  const [name, ...scriptArgs] = script ?? ['report.lua'];
  const load = ['--threads=1', `--connections=${run.connections}`, `--duration=${run.seconds}s`, '--timeout=10s'];
  const options = [...load, `--script=${join(scripts, name)}`];
  return wrkReport(await runGenerator('wrk', run, options, ['--', ...scriptArgs]));
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
