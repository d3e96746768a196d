import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Order } from '../../src/store/orders.ts';
import { openRedis, type RedisBacking } from '../../src/store/redis/backing.ts';
import { markdownTable } from '../markdown-table.ts';
import { cpuMs } from '../process-figures.ts';
import { RedisProcess, redisServer } from '../redis/redis-server.ts';
import type { Section } from './section.ts';
import { placeOf } from './spread-places.ts';
import type { Stage } from './stage.ts';
import { percentile } from './statistics.ts';
import { around } from './tables.ts';
import { attempted } from './trouble.ts';

const headBytes = 600;
const contentBytes = 1_024;
/** On their way at a time. */
const together = 16;
const hourMs = 3_600_000;
const settleMs = 1_000;

/** How much of everything is done. */
interface Amounts {
  readonly instances: number;
  readonly records: number;
  readonly purges: number;
  readonly idleSeconds: number;
}

const amounts: Amounts = { instances: 100, records: 20_000, purges: 200, idleSeconds: 10 };
const fewer: Amounts = { instances: 5, records: 200, purges: 3, idleSeconds: 1 };

/** What the figures of one round are; a core is that of redis-server. */
export interface HundredSample {
  readonly lookupUs: number;
  readonly putUs: number;
  /** Of the memory of Redis, for each record. */
  readonly putBytes: number;
  /** Share of a core, for what all instances say while nothing is asked. */
  readonly idleShare: number;
  readonly purgeUs: number;
  /** Milliseconds from the giving of each order until the last of the others has confirmed it. */
  readonly purgeMs: readonly number[];
}

/** What a hundred instances cost the Redis that they share: connections and messages of all of them, played by this process. */
export async function hundredSection(stage: Stage): Promise<Section> {
  const title = 'A hundred instances with one Redis';
  if (!existsSync(redisServer.program)) {
    return { name: 'hundred', title, text: 'Not measured: there is no Redis here.', troubles: stage.quick ? 0 : 1 };
  }
  const wanted = stage.quick ? fewer : amounts;
  const { value, trouble } = await attempted('hundred', async () => {
    const samples: HundredSample[] = [];
    for (let round = 0; round < stage.rounds; round++) samples.push(await sampled(wanted, stage));
    return samples;
  });
  const text = `${wanted.instances} instances that one process plays, each with its two connections, its signs of life and its share in every purge, but without clients; Redis has the core of the server, they have the other one. Records have ${headBytes} bytes of head and ${contentBytes} of content, ${wanted.records} of them, put and looked up by one
instance. Each of ${wanted.purges} purges, one after the other, is confirmed by all of the others, or there are no figures; its time is until the last of them has. CPU is that of redis-server, without what the signs of life take.

${value === undefined ? trouble : tables(value, wanted)}`;
  return { name: 'hundred', title, text, troubles: trouble === undefined ? 0 : 1 };
}

function tables(samples: readonly HundredSample[], { instances, purges }: Amounts): string {
  const ofPurges = [50, 99].map((hundredths) =>
    around(
      samples.map(({ purgeMs }) => percentile(purgeMs, hundredths)),
      1,
    ),
  );
  return `${markdownTable(['of one core of Redis', 'median (least–most)'], hundredRows(samples, instances))}

${markdownTable(
  ['what', 'times', 'ms, p50', 'p99'],
  [[`a purge until all ${instances} have confirmed it`, String(purges * samples.length), ...ofPurges]],
)}`;
}

/** What is of a core of Redis. */
export function hundredRows(samples: readonly HundredSample[], instances: number): readonly string[][] {
  const figure = (of: (sample: HundredSample) => number, digits: number): string => around(samples.map(of), digits);
  return [
    ['a look-up that finds 1 KiB', `${figure(({ lookupUs }) => lookupUs, 1)} µs`],
    ['a response of 1 KiB that is put there', `${figure(({ putUs }) => putUs, 1)} µs`],
    ['its memory', `${figure(({ putBytes }) => putBytes, 0)} bytes`],
    [`signs of life of ${instances} instances`, `${figure(({ idleShare }) => 100 * idleShare, 2)} %`],
    [`a purge that ${instances} instances hear and confirm`, `${figure(({ purgeUs }) => purgeUs / 1_000, 2)} ms`],
  ];
}

async function sampled(wanted: Amounts, { ground }: Stage): Promise<HundredSample> {
  const redis = await RedisProcess.startBy(ground.launcher);
  const instances: RedisBacking[] = [];
  try {
    const first = await joined(redis, instances);
    const records = await recordsOf(first, redis, wanted);
    while (instances.length < wanted.instances) await joined(redis, instances);
    await pause(settleMs);
    return { ...records, ...(await ordersOf(first, redis, wanted)) };
  } finally {
    await Promise.all(instances.map((instance) => instance.close()));
    await redis.stop();
  }
}

/** What is said of it is wrong here: it is to be well all the time. */
async function joined(redis: RedisProcess, instances: RedisBacking[]): Promise<RedisBacking> {
  const instance = await openRedis({
    url: redis.url,
    instance: `instance ${instances.length}`,
    say: (line) => console.error(line),
    // What is measured is what it costs, and not how many are given up on a busy machine.
    limits: { lookupMs: 5_000, workMs: 10_000, connectMs: 10_000, silentMs: 10_000, heardMs: 10_000 },
  });
  instance.log.listen(() => undefined);
  instances.push(instance);
  return instance;
}

async function recordsOf(
  instance: RedisBacking,
  redis: RedisProcess,
  { records }: Amounts,
): Promise<Pick<HundredSample, 'lookupUs' | 'putUs' | 'putBytes'>> {
  const [head, content] = [Buffer.alloc(headBytes, 'head'), Buffer.alloc(contentBytes, 'content')];
  const usedBefore = usedMemory(redis);
  const putMs = await cpuOf(redis, () =>
    each(records, async (record) => {
      const draft = instance.draft(placeOf(record), contentBytes);
      if (draft?.write(content) !== true || !(await draft.commit(head, hourMs))) throw new Error('it was not kept');
    }),
  );
  const putBytes = (usedMemory(redis) - usedBefore) / records;
  const lookupMs = await cpuOf(redis, () =>
    each(records, async (record) => {
      const { lying } = await instance.row(placeOf(record).row);
      if (lying[0]?.pieces.length !== contentBytes) throw new Error('it is not there');
    }),
  );
  return { lookupUs: (lookupMs * 1_000) / records, putUs: (putMs * 1_000) / records, putBytes };
}

async function ordersOf(
  instance: RedisBacking,
  redis: RedisProcess,
  { instances, purges, idleSeconds }: Amounts,
): Promise<Pick<HundredSample, 'idleShare' | 'purgeUs' | 'purgeMs'>> {
  const idleShare = (await cpuOf(redis, () => pause(idleSeconds * 1_000))) / (idleSeconds * 1_000);
  const purgeMs: number[] = [];
  const began = performance.now();
  const usedMs = await cpuOf(redis, async () => {
    for (let turn = 0; turn < purges; turn++) purgeMs.push(await confirmed(instance, instances - 1, turn));
  });
  const livingMs = idleShare * (performance.now() - began);
  return { idleShare, purgeUs: ((usedMs - livingMs) * 1_000) / purges, purgeMs };
}

/** Milliseconds until the last of the others had it in force. Rejects where one of them did not say so. */
async function confirmed({ log }: RedisBacking, others: number, turn: number): Promise<number> {
  const order: Order = { kind: 'purge', selection: { kind: 'tag', tag: `last-${turn}` } };
  const heard = await (await log.append(order)).heard;
  const times = heard.flatMap(({ ms }) => ms ?? []);
  if (times.length !== others) throw new Error(`${times.length} of ${others} others have confirmed a purge`);
  return Math.max(...times);
}

/** Does it so many times, some at a time. */
async function each(times: number, work: (turn: number) => Promise<void>): Promise<void> {
  let next = 0;
  const working = async (): Promise<void> => {
    while (next < times) await work(next++);
  };
  await Promise.all(Array.from({ length: together }, working));
}

/** Milliseconds of CPU that Redis takes meanwhile. */
async function cpuOf(redis: RedisProcess, work: () => Promise<unknown>): Promise<number> {
  const before = cpuMs([redis.pid]);
  await work();
  return cpuMs([redis.pid]) - before;
}

function usedMemory(redis: RedisProcess): number {
  const bytes = /^used_memory:(\d+)/m.exec(redis.ask('info', 'memory'))?.[1];
  if (bytes === undefined) throw new Error('Redis does not tell what memory it uses');
  return Number(bytes);
}
