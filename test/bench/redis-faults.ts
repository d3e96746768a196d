import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../free-port.ts';
import { markdownTable } from '../markdown-table.ts';
import { RedisProcess, redisServer } from '../redis/redis-server.ts';
import type { Contestant } from './contestants.ts';
import { metricIn, pageOfMetrics } from './page-of-metrics.ts';
import type { Section } from './section.ts';
import type { Stage } from './stage.ts';
import { differences, orderOf } from './statistics.ts';
import { around } from './tables.ts';
import { attempted } from './trouble.ts';
import { runWrk } from './wrk.ts';

const connections = 8;
/** Paths that are asked for again and again, beside those that never were. */
const kept = 1_000;
/** Of each connection between two of its requests. */
const pauseMs = 10;
const prefix = '/faults/';
/** Numbers of one run do not reach those of the next one. */
const numbersOfARun = 1e8;

/** As long as it takes for what is wrong to come and go in it. */
const leastSeconds = 2;
const betweenLooksMs = 10;
const patienceMs = 30_000;

/** The most that one of them may add to the time of a request at the 99th percentile, in milliseconds. */
const mostAddedMs = 50;

const isUp = 'etagere_store_up{tier="redis"}';

/** What may be wrong with a Redis. */
export interface Fault {
  readonly what: string;
  readonly begin: (redis: RedisProcess) => unknown;
  readonly end: (redis: RedisProcess) => unknown;
  /** Whether it is left alone meanwhile. */
  readonly isNoticed: boolean;
}

const faults: readonly Fault[] = [
  { what: 'well', begin: () => undefined, end: () => undefined, isNoticed: false },
  {
    what: 'frozen (SIGSTOP)',
    begin: (redis) => redis.signal('SIGSTOP'),
    end: (redis) => redis.signal('SIGCONT'),
    isNoticed: true,
  },
  {
    what: 'killed, and an empty one in its place',
    begin: (redis) => redis.kill(),
    end: (redis) => redis.start(),
    isNoticed: true,
  },
  {
    what: 'made a replica (REPLICAOF)',
    // Of nobody: at that port nothing answers.
    begin: (redis) => redis.ask('replicaof', '127.0.0.1', '1'),
    end: (redis) => redis.ask('replicaof', 'no', 'one'),
    isNoticed: true,
  },
  {
    what: 'full (maxmemory, noeviction)',
    begin: (redis) => redis.ask('config', 'set', 'maxmemory', '1'),
    end: (redis) => redis.ask('config', 'set', 'maxmemory', '0'),
    isNoticed: false,
  },
];

/** One run with something wrong for half of it. */
export interface FaultySample {
  readonly requests: number;
  /** Responses that were errors, connections that broke and requests that were not answered. */
  readonly errors: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** From its end until Redis is used again; undefined where it was used all the time. */
  readonly backMs: number | undefined;
}

export type FaultySamples = ReadonlyMap<Pick<Fault, 'what'>, readonly FaultySample[]>;

type Figure = (sample: FaultySample) => number;

/** One instance of Etagere with a Redis. */
interface Faulty {
  readonly redis: RedisProcess;
  readonly url: string;
  readonly adminPort: number;
  readonly seconds: number;
}

/** What clients notice of a Redis that is not well. Of Etagere only. */
export async function redisFaultsSection(contestants: readonly Contestant[], stage: Stage): Promise<Section> {
  const title = 'A Redis that is not well';
  if (!existsSync(redisServer.program)) {
    return {
      name: 'faults-redis',
      title,
      text: 'Not measured: there is no Redis here.',
      troubles: stage.quick ? 0 : 1,
    };
  }
  const seconds = Math.max(stage.seconds, leastSeconds);
  const rows: (readonly string[])[] = [];
  let troubles = 0;
  for (const { name, ...contestant } of contestants) {
    const { value, trouble } = await attempted(name, () => samplesOf(contestant, stage, seconds));
    troubles += value === undefined ? 1 : erroneous(value);
    rows.push(...(value === undefined ? [[name, trouble]] : faultRows(value).map((cells) => [name, ...cells])));
  }
  const text = `${connections} connections, each with a pause of ${pauseMs} ms before its next request; half of the requests for what is nowhere yet, the others for what is in memory; ${seconds} s each time. In the middle half of that time Redis is what the row says. A round has each of them once, in turns, and the differences are to the row where it is well in the same round. An
error is a status from 400 on, a connection that broke, or no answer within ten seconds. In use again: from the end of what was wrong, which with a killed one is when the new one listens, until \`etagere_store_up\` is 1.

${markdownTable(['server', 'Redis is', 'requests', 'errors', 'p50 ms', 'p99 ms', 'added at p50, ms', 'added at p99, ms', 'goal', 'in use again after ms'], rows)}`;
  return { name: 'faults-redis', title, text, troubles };
}

async function samplesOf(
  { start }: Pick<Contestant, 'start'>,
  { ground, rounds }: Stage,
  seconds: number,
): Promise<FaultySamples> {
  const redis = await RedisProcess.start();
  const adminPort = await freePort();
  const ownFlags = ['--store', redis.url, '--admin', `127.0.0.1:${adminPort}`];
  const server = await start({ ...ground, ownFlags }, 'plain');
  const samples = new Map(faults.map((fault) => [fault, [] as FaultySample[]]));
  try {
    const faulty = { redis, url: server.url, adminPort, seconds };
    // When programs that compile themselves have most to do.
    await load(faulty, 0);
    let run = 0;
    for (let round = 0; round < rounds; round++) {
      for (const [fault, found] of orderOf([...samples], round)) found.push(await under(fault, faulty, (run += 1)));
    }
    return samples;
  } finally {
    await server.stop();
    redis.signal('SIGCONT');
    await redis.stop();
  }
}

/** Rejects where Etagere did not notice what it should. */
async function under(fault: Fault, faulty: Faulty, run: number): Promise<FaultySample> {
  const { redis, adminPort, seconds } = faulty;
  await seen(adminPort, 1);
  const loading = load(faulty, run);
  // What fails meanwhile is told when it is waited for.
  loading.catch(() => undefined);
  await pause(seconds * 250);
  await fault.begin(redis);
  await pause(seconds * 500);
  if (fault.isNoticed) await seen(adminPort, 0);
  await fault.end(redis);
  const endedAt = performance.now();
  await seen(adminPort, 1);
  const backMs = fault.isNoticed ? performance.now() - endedAt : undefined;
  return { ...(await loading), backMs };
}

async function load({ url, seconds }: Faulty, run: number): Promise<Omit<FaultySample, 'backMs'>> {
  const script = ['half-new.lua', prefix, String(run * numbersOfARun), String(kept), String(pauseMs)] as const;
  const report = await runWrk({ url, fields: [], connections, seconds, script });
  const { requests, badStatus, broken, p50Us, p99Us } = report;
  return { requests, errors: badStatus + broken, p50Ms: p50Us / 1_000, p99Ms: p99Us / 1_000 };
}

/** Resolves when Redis is said to be used, or not to be. */
async function seen(adminPort: number, expected: 0 | 1): Promise<void> {
  const until = performance.now() + patienceMs;
  while (metricIn(await pageOfMetrics(adminPort), isUp) !== expected) {
    if (performance.now() > until) throw new Error(`${isUp} does not come to be ${expected}`);
    await pause(betweenLooksMs);
  }
}

/** How many of them had errors. */
function erroneous(samples: FaultySamples): number {
  return [...samples.values()].filter((found) => found.some(({ errors }) => errors > 0)).length;
}

/** One row for each, without the name of the server; the first is what the others are held against. */
export function faultRows(samples: FaultySamples): readonly string[][] {
  const [well = []] = samples.values();
  return [...samples].map(([{ what }, found]) => {
    const sum = (of: Figure): string => String(found.reduce((total, sample) => total + of(sample), 0));
    const added = (of: Figure): string => (found === well ? '' : around(differences(found.map(of), well.map(of)), 1));
    const back = found.flatMap(({ backMs }) => backMs ?? []);
    return [
      what,
      sum(({ requests }) => requests),
      sum(({ errors }) => errors),
      around(found.map(p50), 1),
      around(found.map(p99), 1),
      added(p50),
      added(p99),
      found === well ? '' : `≤ ${mostAddedMs}`,
      back.length === 0 ? '' : around(back, 0),
    ];
  });
}

function p50({ p50Ms }: FaultySample): number {
  return p50Ms;
}

function p99({ p99Ms }: FaultySample): number {
  return p99Ms;
}
