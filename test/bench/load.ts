import { cpuMs, peakMemory, processTree } from '../process-figures.ts';
import type { RunningServer } from '../peers/peer-process.ts';
import type { Origin } from './origin.ts';
import { type Answer, type HeadFields, probe } from './probe.ts';
import { runWrk, type WrkReport, type WrkRun } from './wrk.ts';

/** What clients ask for again and again, and what they must get. */
export interface Load {
  readonly path: string;
  readonly fields: HeadFields;
  readonly connections: number;
  readonly status: number;
  readonly bodyBytes: number;
  readonly from: 'shelf' | 'origin';
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
  if (load.from === 'origin') return checkAnswer(load, await probe(url, load.fields));
  await stored(load, server, origin);
}

/** One run, checked: the status of all responses, their length, and who answered. */
export async function measure(load: Load, server: RunningServer, origin: Origin, seconds: number): Promise<Sample> {
  const run: WrkRun = { url: server.url + load.path, fields: load.fields, connections: load.connections, seconds };
  const before = await origin.requests();
  const cpuBefore = cpuMs(processTree(server.pid));
  const report = await runWrk(run);
  const tree = processTree(server.pid);
  const usedMs = cpuMs(tree) - cpuBefore;
  checkReport(load, report);
  checkOrigin(load, report, (await origin.requests()) - before);
  const answer = await probe(run.url, load.fields);
  checkAnswer(load, answer);
  checkSource(load, answer);
  checkBytes(load, report, answer);
  return {
    cpuUs: (usedMs * 1_000) / report.requests,
    perSecond: (report.requests * 1e6) / report.durationUs,
    p50Us: report.p50Us,
    p99Us: report.p99Us,
    peakBytes: tree.reduce((sum, pid) => sum + (peakMemory(pid) ?? 0), 0),
    busy: (usedMs * 1_000) / report.durationUs,
  };
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
    await new Promise((resolve) => {
      setTimeout(resolve, betweenProbesMs);
    });
  }
}

function checkReport({ path }: Load, { requests, badStatus, broken }: WrkReport): void {
  if (requests === 0) throw new Error(`no answer for ${path}`);
  if (badStatus + broken > 0)
    throw new Error(`${path}: ${badStatus} answers were errors, ${broken} connections failed`);
}

/** At the end as many requests may be under way as there are connections. */
function checkOrigin({ path, from, connections }: Load, { requests }: WrkReport, atOrigin: number): void {
  const right = from === 'shelf' ? atOrigin === 0 : Math.abs(atOrigin - requests) <= connections;
  if (!right) throw new Error(`${path}: ${requests} answers from the ${from}, but the origin had ${atOrigin} requests`);
}

function checkAnswer({ path, status, bodyBytes }: Load, answer: Answer): void {
  if (answer.status !== status) throw new Error(`${path}: status ${answer.status}, not ${status}`);
  if (answer.bodyBytes !== bodyBytes)
    throw new Error(`${path}: ${answer.bodyBytes} bytes of content, not ${bodyBytes}`);
}

/** Cache-Status (RFC 9211) and X-Cache say where an answer is from; not every server writes one of them. */
function checkSource({ path, from }: Load, { fields }: Answer): void {
  const said = fields.get('cache-status') ?? fields.get('x-cache') ?? '';
  const contradiction = from === 'shelf' ? /\b(?:miss|fwd)\b/i : /\bhit\b/i;
  if (contradiction.test(said)) throw new Error(`${path}: an answer from the ${from} says ${said}`);
}

/** How much the heads of one server's answers differ from one another: the digits of an age. */
const headVariance = 32;

/** What the probe saw is what all got. Answers under way at either end may count in part. */
function checkBytes({ path, connections }: Load, { requests, bytes }: WrkReport, { totalBytes }: Answer): void {
  const difference = Math.abs(bytes - requests * totalBytes);
  if (difference > requests * headVariance + connections * totalBytes) {
    throw new Error(`${path}: ${requests} answers are ${bytes} bytes, though one is ${totalBytes}`);
  }
}
