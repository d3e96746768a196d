import { fork } from 'node:child_process';
import { once } from 'node:events';
import { constants, createSecureServer, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type Dispatcher, Pool } from 'undici';
import { certificate, certificateKey } from '../unit/origin/certificate.ts';
import { markdownTable } from '../markdown-table.ts';
import { median, orderOf, ratios, spread } from './statistics.ts';

/**
 * What a request to an origin costs by HTTP/1.1 and by HTTP/2, both over TLS and by undici, side by side; and what becomes of responses by HTTP/2 that fail:
 * `npx tsx test/bench/http2-to-origin.ts`. The origin is a process of its own.
 */

const body = Buffer.alloc(1_024, 'x');
const concurrent = 64;
const requestsPerRound = 2_000;
const rounds = 5;
const connect = { ca: certificate };
/** Longer than all of it: a handshake is no part of what a request costs. */
const keptMs = 600_000;

type Answer = (response: Http2ServerResponse) => void;

/** How a response goes wrong, or is one that a cache must understand, by the path that is asked for. */
const unusual: Readonly<Record<string, Answer>> = {
  '/reset-no-error': (response) => breakOff(response, constants.NGHTTP2_NO_ERROR),
  '/reset-cancel': (response) => breakOff(response, constants.NGHTTP2_CANCEL),
  '/reset-internal-error': (response) => breakOff(response, constants.NGHTTP2_INTERNAL_ERROR),
  '/too-short': (response) => {
    response.writeHead(200, { 'content-length': 10 });
    response.end('half');
  },
  // No new requests; those that there are will be answered (RFC 9113 §6.8).
  '/goaway': (response) => {
    response.write('half, ');
    response.stream.session?.goaway(constants.NGHTTP2_NO_ERROR, response.stream.id ?? 0);
    setTimeout(() => response.end('whole'), 50);
  },
  '/early-hints': (response) => {
    response.stream.additionalHeaders({ ':status': 103, link: '</a.css>; rel=preload' });
    response.end('whole');
  },
  '/trailers': (response) => {
    response.addTrailers({ 'x-late': 'yes' });
    response.write('one, ');
    setTimeout(() => response.end('two'), 50);
  },
  '/large-head': (response) => {
    response.setHeader('x-large', 'y'.repeat(60_000));
    response.end('whole');
  },
};

function breakOff(response: Http2ServerResponse, code: number): void {
  response.write('half');
  setTimeout(() => response.stream.close(code), 50);
}

/** The origin, until the process that has started it goes. */
function serve(): void {
  const server = createSecureServer({ cert: certificate, key: certificateKey, allowHTTP1: true }, (_, response) => {
    const answer = unusual[response.req.url];
    if (answer !== undefined) return answer(response);
    response.writeHead(200, { 'content-length': body.length, 'cache-control': 'max-age=60' });
    response.end(body);
  });
  server.on('sessionError', () => undefined);
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
  process.on('message', () => process.send?.({ cpu: cpuMicroseconds() }));
  process.on('disconnect', () => process.exit());
}

function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Resolves when the response is whole; rejects with why it is not. */
function asked(
  pool: Dispatcher,
  path: string,
): Promise<{ readonly content: string; readonly heads: readonly string[] }> {
  return new Promise((resolve, reject) => {
    const heads: string[] = [];
    let content = '';
    pool.dispatch(
      { path, method: 'GET', headers: { host: 'localhost' } },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_, status, headers) => {
          const { date: __, ...others } = headers;
          heads.push(`${status} ${JSON.stringify(others).slice(0, 60)}`);
        },
        onResponseData: (_, chunk) => {
          if (content.length < 4_096) content += chunk.toString('latin1');
        },
        onResponseEnd: () => resolve({ content, heads }),
        onResponseError: (_, error) => reject(error),
      },
    );
  });
}

async function round(pool: Dispatcher, count: number): Promise<void> {
  let left = count;
  const one = async (): Promise<void> => {
    while (left-- > 0) await asked(pool, '/');
  };
  await Promise.all(Array.from({ length: concurrent }, one));
}

interface OriginProcess {
  readonly url: string;
  readonly cpu: () => Promise<number>;
  readonly stop: () => void;
}

async function started(): Promise<OriginProcess> {
  const child = fork(fileURLToPath(import.meta.url), ['serve'], { execArgv: process.execArgv });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const cpu = async (): Promise<number> => {
    child.send('cpu');
    const [told] = (await once(child, 'message')) as [{ cpu: number }];
    return told.cpu;
  };
  return { url: `https://localhost:${port}`, cpu, stop: () => child.disconnect() };
}

/** Microseconds of CPU for a request, in each round. */
interface Cost {
  readonly ours: number[];
  readonly theirs: number[];
}

async function costs({ url, cpu }: OriginProcess): Promise<ReadonlyMap<string, Cost>> {
  const kept = { connect, keepAliveTimeout: keptMs };
  const pools = new Map([
    ['HTTP/1.1, 64 connections', new Pool(url, { ...kept, connections: concurrent, pipelining: 1 })],
    ['HTTP/2, 1 connection', new Pool(url, { ...kept, connections: 1, pipelining: concurrent, allowH2: true })],
    ['HTTP/2, 4 connections', new Pool(url, { ...kept, connections: 4, pipelining: 16, allowH2: true })],
  ]);
  const measured = new Map([...pools.keys()].map((name) => [name, { ours: [], theirs: [] } satisfies Cost as Cost]));
  for (const pool of pools.values()) await round(pool, requestsPerRound);
  for (let i = 0; i < rounds; i++) {
    for (const [name, pool] of orderOf([...pools], i)) {
      await round(pool, concurrent * 4);
      const [ours, theirs] = [cpuMicroseconds(), await cpu()];
      await round(pool, requestsPerRound);
      measured.get(name)?.ours.push((cpuMicroseconds() - ours) / requestsPerRound);
      measured.get(name)?.theirs.push(((await cpu()) - theirs) / requestsPerRound);
    }
  }
  for (const pool of pools.values()) await pool.destroy();
  return measured;
}

async function outcome(url: string, path: string): Promise<string> {
  const times = { headersTimeout: 2_000, bodyTimeout: 2_000 };
  const pool = new Pool(url, { connect, connections: 1, allowH2: true, maxHeaderSize: 16_384, ...times });
  const told = await asked(pool, path).then(
    ({ content, heads }) => `ended well, ${JSON.stringify(content)} after ${heads.join(', ')}`,
    (error: unknown) => `failed: ${String(error)}`,
  );
  await pool.destroy();
  return told;
}

function inShort(values: readonly number[], digits: number): string {
  const [middle, least, most] = [median(values), ...spread(values)].map((value) => value.toFixed(digits));
  return `${middle} (${least}–${most})`;
}

async function compare(): Promise<void> {
  const origin = await started();
  const all = await costs(origin);
  const base = all.get('HTTP/1.1, 64 connections')?.ours ?? [];
  const rows = [...all].map(([name, { ours, theirs }]) => [
    name,
    inShort(ours, 0),
    inShort(ratios(ours, base), 2),
    inShort(theirs, 0),
  ]);
  console.log(markdownTable(['median, least, most', 'µs CPU a request', 'of HTTP/1.1', 'at the origin'], rows));
  const outcomes: string[][] = [];
  for (const path of Object.keys(unusual)) outcomes.push([path, await outcome(origin.url, path)]);
  console.log(markdownTable(['HTTP/2', 'what undici tells'], outcomes));
  origin.stop();
}

if (process.argv[2] === 'serve') serve();
else await compare();
