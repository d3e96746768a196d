import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runGenerator } from './generator.ts';
import type { LoadReport, LoadRun } from './load-report.ts';
import { percentile } from './statistics.ts';

export interface H2loadRun extends LoadRun {
  /** How many requests in a second; without it, as many as are answered. */
  readonly perSecond?: number;
}

/**
 * Runs h2load with HTTP/1.1. Other than wrk it takes a 304 with a Content-Length for what it is, and it can keep a rate: then each connection sends
 * whenever its next request is due, all in step, unless it still waits for an answer.
 */
export async function runH2load(run: H2loadRun): Promise<LoadReport> {
  const { connections, seconds, perSecond } = run;
  const folder = mkdtempSync(join(tmpdir(), 'etagere-h2load-'));
  const log = join(folder, 'log');
  const load = ['--h1', '--threads=1', `--clients=${connections}`, `--duration=${seconds}`, `--log-file=${log}`];
  const rate = perSecond === undefined ? [] : [`--rps=${perSecond / connections}`];
  try {
    const said = await runGenerator('h2load', run, [...load, ...rate]);
    return h2loadReport(said, readFileSync(log, 'utf8'), seconds);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * What it counted, from what it prints and from its log: start, status and duration of each request, in microseconds.
 * @throws Error when it did not print its counts.
 */
export function h2loadReport(said: string, log: string, seconds: number): LoadReport {
  const counts = /^requests: .* (\d+) done, \d+ succeeded, (\d+) failed/m.exec(said);
  const bytes = /^traffic: \S+ \((\d+)\) total/m.exec(said)?.[1];
  const statuses = /^status codes: \d+ 2xx, \d+ 3xx, (\d+) 4xx, (\d+) 5xx/m.exec(said);
  if (counts === null || bytes === undefined || statuses === null) throw new Error(`h2load reports nothing: ${said}`);
  const durations = log
    .trimEnd()
    .split('\n')
    .map((line) => Number(line.split('\t')[2]));
  const badStatus = Number(statuses[1]) + Number(statuses[2]);
  return {
    requests: Number(counts[1]),
    durationUs: seconds * 1e6,
    bytes: Number(bytes),
    badStatus,
    // A response with such a status failed as well.
    broken: Number(counts[2]) - badStatus,
    p50Us: percentile(durations, 50),
    p99Us: percentile(durations, 99),
  };
}
