import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { markdownTable } from '../markdown-table.ts';
import type { RunningServer } from '../peers/peer-process.ts';
import { cpuMs } from '../process-figures.ts';
import { RedisProcess, redisServer } from '../redis/redis-server.ts';
import type { Contestant } from './contestants.ts';
import { askForEach, type Listed, writeList } from './listed.ts';
import { type Load, measure, prepare, type Sample } from './load.ts';
import { metricIn, pageOfMetrics } from './page-of-metrics.ts';
import type { Section } from './section.ts';
import type { Stage } from './stage.ts';
import { orderOf, ratios } from './statistics.ts';
import { around } from './tables.ts';
import { attempted } from './trouble.ts';
import { curl } from './workloads.ts';

const objects = 10_000;
const few = 3_000;
/** The last of them: more than memory has room for. */
const last = 2_000;
const connections = 16;
/** Far less than the objects take. */
const little = '1mb';
const leastShare = 0.99;
/** What is measured is what a look-up costs, and not how many are given up on a busy machine. */
const patience = '1s';

/** Where hits are to come from. */
interface Tier {
  readonly kind: 'memory' | 'disk' | 'redis';
  readonly flags: readonly string[];
}

interface Runner {
  readonly tier: Tier;
  readonly server: RunningServer;
  readonly adminPort: number;
  readonly samples: TierSample[];
}

interface TierSample extends Sample {
  /** Of the hits, those that came from the tier. */
  readonly share: number;
  /** CPU of redis-server for each of them, in microseconds. */
  readonly redisUs: number;
}

/** What a hit costs from memory, from a disk and from a Redis, in turns. Of Etagere only: it is against itself. */
export async function tiersSection(contestants: readonly Contestant[], stage: Stage): Promise<Section> {
  const title = 'A hit from memory, from a disk and from a Redis';
  if (!existsSync(redisServer.program)) {
    return { name: 'tiers', title, text: 'Not measured: there is no Redis here.', troubles: stage.quick ? 0 : 1 };
  }
  const rows: (readonly string[])[] = [];
  let troubles = 0;
  for (const contestant of contestants) {
    const { value, trouble } = await attempted(contestant.name, () => rowsOf(contestant, stage));
    if (trouble !== undefined) troubles += 1;
    rows.push(...(value ?? [[contestant.name, trouble ?? '']]));
  }
  const text = `${stage.quick ? few : objects} objects of 1 KiB, asked for one after the other, over and over, on ${connections} connections that are kept. Memory holds all of them for the first row; for the others it is \`--memory ${little}\`, so that what is asked for has always left it: at least
${100 * leastShare} % of the hits came from the tier of the row, by \`etagere_store_hits_total\`, or it has no figures. Such a hit is also brought into memory, where another leaves for it; that is in its cost. The disk is the folder for temporary files, and what was read is in memory of the system. Redis is on the core of
the load generator, over the loopback address; a look-up in it may take ${patience} here. The admin API is on, so that hits are counted.

${markdownTable(['server', 'hits from', 'CPU µs/request', 'of memory', 'p50 ms', 'p99 ms', 'requests/s', 'from there, %', 'redis-server, CPU µs/look-up'], rows)}`;
  return { name: 'tiers', title, text, troubles };
}

async function rowsOf(contestant: Contestant, stage: Stage): Promise<readonly string[][]> {
  const folder = await mkdtemp(join(tmpdir(), 'etagere-bench-'));
  const redis = await RedisProcess.start();
  const runners: Runner[] = [];
  try {
    for (const tier of tiersIn(folder, redis)) runners.push(await started(tier, contestant, stage));
    await measureAll(runners, redis, stage);
    const [memory] = runners;
    return runners.map((runner) => [contestant.name, runner.tier.kind, ...cells(runner, memory ?? runner)]);
  } finally {
    for (const { server } of runners) await server.stop();
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function tiersIn(folder: string, redis: RedisProcess): readonly Tier[] {
  const beneath = ['--memory', little, '--store'];
  return [
    { kind: 'memory', flags: [] },
    { kind: 'disk', flags: [...beneath, `disk:${join(folder, 'shelf')}`] },
    { kind: 'redis', flags: [...beneath, redis.url, '--shelf-lookup-timeout', patience] },
  ];
}

async function started(tier: Tier, contestant: Contestant, stage: Stage): Promise<Runner> {
  const adminPort = await freePort();
  const ownFlags = [...tier.flags, '--admin', `127.0.0.1:${adminPort}`];
  const server = await contestant.start({ ...stage.ground, ownFlags }, 'plain');
  return { tier, server, adminPort, samples: [] };
}

async function measureAll(runners: readonly Runner[], redis: RedisProcess, stage: Stage): Promise<void> {
  const list = inTurn(stage.quick ? few : objects);
  const load = loadOf(list, stage);
  const { origin, firstWarmUpSeconds, warmUpSeconds, rounds, seconds } = stage;
  for (const { server } of runners) {
    await prepare(load, server, origin);
    if (firstWarmUpSeconds > 0) await measure(load, server, origin, firstWarmUpSeconds);
  }
  for (let round = 0; round < rounds; round++) {
    for (const runner of orderOf(runners, round)) {
      if (warmUpSeconds > 0) await measure(load, runner.server, origin, warmUpSeconds);
      // So that memory has nothing of what the run begins with.
      await askForEach(runner.server.url, list.slice(-last), curl);
      runner.samples.push(await fromTier(runner, redis, () => measure(load, runner.server, origin, seconds)));
    }
  }
}

function inTurn(count: number): readonly Listed[] {
  return Array.from({ length: count }, (_, index) => ({ path: `/tiers/${index}`, encoding: 'identity' }));
}

function loadOf(list: readonly Listed[], { ground }: Stage): Load {
  const file = join(ground.folder, 'tiers.txt');
  writeList(file, list);
  return {
    path: '/tiers/0',
    fields: curl,
    connections,
    status: 200,
    bodyBytes: 1_024,
    from: 'shelf',
    generator: 'wrk',
    list: file,
    prime: async (url) => {
      // The second time for what was answered, but not kept beneath.
      for (const _ of ['all', 'what is missing']) await askForEach(url, list, curl);
    },
  };
}

/** Rejects where hits came from somewhere else. */
async function fromTier(
  { tier, adminPort }: Runner,
  redis: RedisProcess,
  run: () => Promise<Sample>,
): Promise<TierSample> {
  const before = await pageOfMetrics(adminPort);
  const redisBefore = cpuMs([redis.pid]);
  const sample = await run();
  const redisMs = cpuMs([redis.pid]) - redisBefore;
  const { hits, share } = hitsBetween(before, await pageOfMetrics(adminPort), tier.kind);
  if (share < leastShare) throw new Error(`${(100 * share).toFixed(1)} % of the hits came from ${tier.kind}`);
  return { ...sample, share, redisUs: (redisMs * 1_000) / hits };
}

/** How many hits came from a tier between two pages of metrics, and what share of all that is. Without a shelf beneath, all of them are from memory. */
export function hitsBetween(
  before: string,
  after: string,
  kind: Tier['kind'],
): { readonly hits: number; readonly share: number } {
  if (kind === 'memory') return { hits: 0, share: 1 };
  const since = (tier: Tier['kind']): number => {
    const series = `etagere_store_hits_total{tier="${tier}"}`;
    return metricIn(after, series) - metricIn(before, series);
  };
  const hits = since(kind);
  return { hits, share: hits / (hits + since('memory')) };
}

function cells({ tier, samples }: Runner, memory: Runner): readonly string[] {
  const figure = (of: (sample: TierSample) => number, digits: number): string => around(samples.map(of), digits);
  return [
    figure(cpuUs, 1),
    tier.kind === 'memory' ? '' : around(ratios(samples.map(cpuUs), memory.samples.map(cpuUs)), 1),
    figure(({ p50Us }) => p50Us / 1_000, 2),
    figure(({ p99Us }) => p99Us / 1_000, 2),
    figure(({ perSecond }) => perSecond, 0),
    figure(({ share }) => 100 * share, 1),
    tier.kind === 'redis' ? figure(({ redisUs }) => redisUs, 1) : '',
  ];
}

function cpuUs(sample: TierSample): number {
  return sample.cpuUs;
}
