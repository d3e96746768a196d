import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../free-port.ts';
import { markdownTable } from '../markdown-table.ts';
import type { RunningServer } from '../peers/peer-process.ts';
import { RedisProcess, redisServer } from '../redis/redis-server.ts';
import type { Contestant } from './contestants.ts';
import { medianAndTail, purged } from './purges.ts';
import type { Section } from './section.ts';
import type { Stage } from './stage.ts';
import { attempted } from './trouble.ts';

const instances = 4;

/** All of them are asked for the same. */
const host = 'fleet.test';

/** What the last of the others have had to write or hear. */
const settleMs = 500;

/** What several instances with one Redis cost: a hit that another one has stored, and the time until a purge is in force with all of them. Of Etagere only. */
export async function fleetSection(contestants: readonly Contestant[], stage: Stage): Promise<Section> {
  const title = 'Several instances with one Redis';
  if (!existsSync(redisServer.program)) {
    return { name: 'fleet', title, text: 'Not measured: there is no Redis here.', troubles: stage.quick ? 0 : 1 };
  }
  const rows: (readonly string[])[] = [];
  let troubles = 0;
  for (const contestant of contestants) {
    const { value, trouble } = await attempted(contestant.name, () => figuresOf(contestant, stage));
    if (trouble !== undefined) troubles += 1;
    rows.push(...(value ?? [[contestant.name, trouble ?? '']]));
  }
  const text = `${instances} processes with one \`redis-server\`, one request after the other, each over a connection of its own. What a purge takes is from the order to the last of the others that has it in force. Left out is what did not come out so in time: a look-up in Redis has 50 ms, a purge a second.

${markdownTable(['server', 'what', 'times', 'ms, p50', 'p99'], rows)}`;
  return { name: 'fleet', title, text, troubles };
}

async function figuresOf(contestant: Contestant, stage: Stage): Promise<readonly string[][]> {
  const redis = await RedisProcess.start();
  const servers: RunningServer[] = [];
  const port = await freePort();
  try {
    for (let index = 0; index < instances; index++) {
      const admin = index === 0 ? ['--admin', `127.0.0.1:${port}`] : [];
      const ownFlags = ['--store', redis.url, ...admin];
      servers.push(await contestant.start({ ...stage.ground, ownFlags }, 'plain'));
    }
    const times = stage.quick ? 3 : 500;
    const hits = await hitsOf(servers, times);
    const purges = await purgesOf(port, times);
    const figures = { ...hits, 'a purge of a tag, until all have it in force': purges };
    return Object.entries(figures).map(([what, ms]) => [
      contestant.name,
      what,
      `${ms.length} of ${times}`,
      ...medianAndTail(ms),
    ]);
  } finally {
    for (const server of servers) await server.stop();
    await redis.stop();
  }
}

/** Milliseconds of each request that was answered as it should: to who stores, to another one, and to that again. */
async function hitsOf(servers: readonly RunningServer[], times: number): Promise<Readonly<Record<string, number[]>>> {
  const [first, second] = servers;
  if (first === undefined || second === undefined) throw new Error('there are several');
  const paths = Array.from({ length: times }, (_, index) => `/tagged/fleet-${index}`);
  const each = async (server: RunningServer, expected: string): Promise<number[]> => {
    const ms: number[] = [];
    for (const path of paths) ms.push(...(await asked(server, path, expected)));
    return ms;
  };
  const misses = await each(first, 'stored');
  await pause(settleMs);
  return {
    'a miss': misses,
    'a hit that another instance has stored': await each(second, 'hit'),
    'a hit from memory': await each(second, 'hit'),
  };
}

/** Milliseconds of one request; none where it was not answered so: on a busy machine a look-up in Redis may not be over in its time. */
async function asked(server: RunningServer, path: string, expected: string): Promise<readonly number[]> {
  const began = performance.now();
  const asking = request(server.url + path, { headers: { host }, agent: false }).end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  await once(response.resume(), 'end');
  const ms = performance.now() - began;
  if (response.statusCode !== 200) throw new Error(`${path} was answered ${response.statusCode}`);
  return String(response.headers['cache-status']).includes(expected) ? [ms] : [];
}

async function purgesOf(port: number, times: number): Promise<number[]> {
  const ms: number[] = [];
  for (let turn = 0; turn < times; turn++) {
    const receipt = await purged(port, { tag: `last-${turn}`, mode: 'soft' });
    if (receipt.others.length !== instances - 1)
      throw new Error(`${receipt.others.length} others have heard of a purge`);
    ms.push(Math.max(...receipt.others));
  }
  return ms;
}
