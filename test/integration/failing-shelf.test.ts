import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { EtagereOptions } from '../../src/index.ts';
import { hasRedis, RedisProcess } from '../redis/redis-server.ts';
import { atEnd, endAll, originOf, type Running, started } from './running.ts';

afterEach(endAll);

/** More than the sockets between take of a client that reads nothing. */
const content = Buffer.from(
  Array.from({ length: 3 * 2 ** 16 }, (_, at) => `${at} and so on until the end, `.padEnd(64)).join(''),
);

/** An origin of one large response, and the ranges that it was asked for. */
async function largeOrigin(tag = '"1"') {
  const ranges: (string | undefined)[] = [];
  const answer: RequestListener = ({ headers }, response) => {
    ranges.push(headers.range);
    const first = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    const isPart = headers.range !== undefined && headers['if-range'] === tag;
    const part = isPart ? content.subarray(first) : content;
    const range = isPart ? { 'content-range': `bytes ${first}-${content.length - 1}/${content.length}` } : {};
    response.writeHead(isPart ? 206 : 200, {
      'cache-control': 'max-age=600',
      etag: tag,
      'content-length': part.length,
      ...range,
    });
    response.end(part);
  };
  return { origin: await originOf(answer), ranges };
}

const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

async function restOf(response: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

async function metricOf({ admin }: Running, rest: string): Promise<string | undefined> {
  const text = await (await fetch(`${admin}/metrics`)).text();
  return new RegExp(`^etagere_interrupted_reads_total\\{route="default",rest="${rest}"\\} (\\d+)$`, 'm').exec(
    text,
  )?.[1];
}

/** The head of a hit for the response, which is too large for memory: as soon as the shelf beneath has it. */
async function openHit({ open: get }: Running): Promise<IncomingMessage> {
  for (;;) {
    const response = await get('/large');
    if (String(response.headers['cache-status']).includes('; hit')) return response;
    await restOf(response);
  }
}

/** Another byte in the middle of all that lies there as a file. */
async function spoil(directory: string): Promise<void> {
  for (const entry of await readdir(join(directory, 'content'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = await open(join(entry.parentPath, entry.name), 'r+');
    await file.write('X', content.length / 2);
    await file.close();
  }
}

/** However slow this machine is. */
const patient = { shelfLookupMs: 10_000, shelfStallMs: 60_000 };

describe.each([
  ['the fast lane', true],
  ['node:http', false],
])('over %s', (_, fastLane) => {
  const options = { fastLane, memory: '4mb' } satisfies Partial<EtagereOptions>;

  async function onDisk(tag?: string) {
    const directory = await mkdtemp(join(tmpdir(), 'etagere-'));
    atEnd(() => rm(directory, { recursive: true }));
    const { origin, ranges } = await largeOrigin(tag);
    const running = await started(origin, { ...options, store: `disk:${directory}`, disk: '1gb', limits: patient });
    await restOf(await openHit(running));
    ranges.length = 0;
    return { running, ranges, directory };
  }

  it('a client gets all of a response of which a piece is damaged on the disk, and who comes next as well', async () => {
    const { running, ranges, directory } = await onDisk();
    await spoil(directory);
    const { digest, cacheStatus } = await running.digest('/large');
    expect([digest, cacheStatus.includes('; hit')]).toEqual([digestOf(content), true]);
    expect(ranges).toEqual([`bytes=${content.length / 2}-`]);
    expect(await metricOf(running, 'from-origin')).toBe('1');
    expect((await running.digest('/large')).digest).toBe(digestOf(content));
  });

  it('a client sees that it has not all of it, where that could not go on', async () => {
    const { running, ranges, directory } = await onDisk('W/"1"');
    await spoil(directory);
    const response = await running.open('/large');
    await expect(restOf(response)).rejects.toThrow('aborted');
    expect(response.complete).toBe(false);
    expect(ranges).toEqual([]);
    expect(await metricOf(running, 'not-resumable')).toBe('1');
  });

  it.skipIf(!hasRedis).each<readonly [string, number, (redis: RedisProcess) => unknown]>([
    ['killed', 10_000, (redis) => redis.kill()],
    ['frozen', 1_000, (redis) => redis.signal('SIGSTOP')],
  ])('a client gets all of a response whose Redis is %s meanwhile', async (__, shelfLookupMs, trouble) => {
    const redis = await RedisProcess.start();
    atEnd(async () => {
      redis.signal('SIGCONT');
      await redis.stop();
    });
    const { origin, ranges } = await largeOrigin();
    const running = await started(origin, { ...options, store: redis.url, limits: { ...patient, shelfLookupMs } });
    const response = await openHit(running);
    ranges.length = 0;
    await trouble(redis);
    expect(digestOf(await restOf(response))).toBe(digestOf(content));
    expect(ranges).toEqual([expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
    expect(await metricOf(running, 'from-origin')).toBe('1');
  });
});
