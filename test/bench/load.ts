import { setTimeout as delay } from 'node:timers/promises';
import type { RunningServer } from '../peers/peer-process.ts';
import { cpuMs, peakMemory, processTree } from '../process-figures.ts';
import { checkAnswer, checkBytes, checkOrigin, checkReport, checkSource } from './checks.ts';
import { runH2load } from './h2load.ts';
import type { LoadReport, LoadRun } from './load-report.ts';
import type { Origin } from './origin.ts';
import { type HeadFields, probe } from './probe.ts';
import { runWrk } from './wrk.ts';

/** What clients ask for again and again, and what they must get. */
export interface Load {
  readonly path: string;
  readonly fields: HeadFields;
  readonly connections: number;
  readonly status: number;
  readonly bodyBytes: number;
  readonly from: 'shelf' | 'origin';
  readonly generator: 'wrk' | 'h2load';
  /** A list of requests beside that path, for `lua/list.lua` of wrk. */
  readonly list?: string;
  /** Of requests, for h2load; without it, as many as are answered. */
  readonly perSecond?: number;
  /** Asks a server for all that has to be on its shelf. */
  readonly prime?: (url: string) => Promise<void>;
}

/** What one run found. */
export interface Sample {
  /** Of the server, user and system, for one request, in microseconds. */
  readonly cpuUs: number;
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Largest resident memory of its processes so far, together, in bytes. */
  readonly peakBytes: number;
  /** Share of the time in which the server had a core. */
  readonly busy: number;
}

/** Before the first measurement of a server. Rejects when it does not answer as expected, or not from where. */
export async function prepare(load: Load, server: RunningServer, origin: Origin): Promise<void> {
  const url = server.url + load.path;
  await load.prime?.(server.url);
  if (load.from === 'origin') return checkAnswer(load, await probe(url, load.fields));
  await stored(load, server, origin);
}

/** One run, checked: the status of all responses, their length, and who answered. */
export async function measure(load: Load, server: RunningServer, origin: Origin, seconds: number): Promise<Sample> {
  const { fields } = load;
  const url = server.url + load.path;
  const before = await origin.requests();
  const cpuBefore = cpuMs(processTree(server.pid));
  const report = await generate(load, { url, seconds });
  const tree = processTree(server.pid);
  const usedMs = cpuMs(tree) - cpuBefore;
  checkReport(load, report);
  checkOrigin(load, report, (await origin.requests()) - before);
  const answer = await probe(url, fields);
  checkAnswer(load, answer);
  checkSource(load, answer);
  checkBytes(load, report, answer);
  return {
    cpuUs: (usedMs * 1_000) / report.requests,
    perSecond: (report.requests * 1e6) / report.durationUs,
    p50Us: report.p50Us,
    p99Us: report.p99Us,
    peakBytes: peakMemory(tree),
    busy: (usedMs * 1_000) / report.durationUs,
  };
}

function generate(load: Load, { url, seconds }: Pick<LoadRun, 'url' | 'seconds'>): Promise<LoadReport> {
  const run = { url, seconds, fields: load.fields, connections: load.connections };
  if (load.generator === 'wrk')
    return runWrk({ ...run, ...(load.list === undefined ? {} : { script: ['list.lua', load.list] }) });
  return runH2load({ ...run, ...(load.perSecond === undefined ? {} : { perSecond: load.perSecond }) });
}

const mostProbes = 100;
const betweenProbesMs = 20;

/** Asks until two answers in a row were the server's own: some store a moment after they answered. */
async function stored(load: Load, server: RunningServer, origin: Origin): Promise<void> {
  let inARow = 0;
  for (let count = 0; inARow < 2; count++) {
    if (count === mostProbes) throw new Error(`${load.path} is asked for at the origin again and again`);
    const before = await origin.requests();
    checkAnswer(load, await probe(server.url + load.path, load.fields));
    inARow = (await origin.requests()) === before ? inARow + 1 : 0;
    await delay(betweenProbesMs);
  }
}
