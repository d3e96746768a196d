import { fileURLToPath } from 'node:url';
import { runProgram } from '../real/etagere-process.ts';
import type { HeadFields } from './probe.ts';

/** What wrk counted in one run. */
export interface WrkReport {
  readonly requests: number;
  readonly durationUs: number;
  /** Heads and content. */
  readonly bytes: number;
  /** Responses with a status from 400 on. */
  readonly badStatus: number;
  /** Connections that failed, and requests that were not answered in time. */
  readonly broken: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

export interface WrkRun {
  readonly url: string;
  readonly fields: HeadFields;
  readonly connections: number;
  readonly seconds: number;
  /** Of `lua/`, with its arguments; report.lua unless the requests differ from one another. */
  readonly script?: readonly [name: string, ...args: string[]];
}

/** Beyond its duration. */
const patienceMs = 30_000;

/** One thread: a second one would be on the same core. */
export async function runWrk({ url, fields, connections, seconds, script }: WrkRun): Promise<WrkReport> {
  const [name, ...args] = script ?? ['report.lua'];
  const load = [
    '--threads',
    '1',
    '--connections',
    String(connections),
    '--duration',
    `${seconds}s`,
    '--timeout',
    '10s',
  ];
  const headers = fields.flatMap(([field, value]) => ['--header', `${field}: ${value}`]);
  const lua = fileURLToPath(new URL(`lua/${name}`, import.meta.url));
  const options = { cwd: '/', withinMs: seconds * 1_000 + patienceMs };
  const said = await runProgram('wrk', [...load, ...headers, '--script', lua, url, '--', ...args], options);
  return reportIn(said);
}

/** The line that the scripts print. */
export function reportIn(said: string): WrkReport {
  const line = said.split('\n').find((text) => text.startsWith('{'));
  if (line === undefined) throw new Error(`wrk reports nothing:\n${said}`);
  return JSON.parse(line) as WrkReport;
}
