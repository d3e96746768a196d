import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe } from 'vitest';
import { createEtagere, type Etagere, type EtagereOptions } from '../../src/index.ts';
import { hasRedis, RedisProcess } from '../redis/redis-server.ts';
import { LaneWatch } from './lane-watch.ts';
import { RawClient } from './raw-client.ts';
import { type Answerer, recordingOrigin, type RecordingOrigin } from './recording-origin.ts';
import { isFinal, readResponses, type StrictReading } from './strict-messages.ts';

/** Which of the ways of the listener a request takes. */
export const lanes = ['the fast lane', 'node:http'] as const;
export type Lane = (typeof lanes)[number];

/** Where responses are kept, beneath memory. */
export const shelves = ['memory', 'disk', 'redis'] as const;
export type Shelf = (typeof shelves)[number];

let lane: Lane = 'the fast lane';
let shelf: Shelf = 'memory';
let redis: RedisProcess | undefined;
let laneWatch: LaneWatch | undefined;
const closing: (() => unknown)[] = [];

beforeEach(() => {
  laneWatch = new LaneWatch();
});

afterEach(async () => {
  // What comes next may say nothing of either.
  lane = 'the fast lane';
  shelf = 'memory';
  for (const close of closing.splice(0).toReversed()) await close();
  laneWatch?.end();
  const astray = laneWatch?.read() ?? [];
  if (astray.length > 0) throw new Error(`node:http has read what was meant for the fast lane: ${astray.join('')}`);
});

afterAll(async () => {
  await redis?.stop();
  redis = undefined;
});

/** Is done when the test is over, the last first. */
export function atEnd(close: () => unknown): void {
  closing.push(close);
}

/** Registers the tests once for each lane: what a listener promises, it promises on both. */
export function overBothLanes(tests: (lane: Lane) => void): void {
  describe.each(lanes)('over %s', (each) => {
    beforeEach(() => {
      lane = each;
    });
    tests(each);
  });
}

/** Registers the tests once for each of these shelves; those in Redis are skipped where there is none. */
export function onShelves(which: readonly Shelf[], tests: (shelf: Shelf) => void): void {
  for (const each of which) {
    describe.skipIf(each === 'redis' && !hasRedis)(`on the shelf in ${each}`, () => {
      beforeEach(() => {
        shelf = each;
      });
      tests(each);
    });
  }
}

/** An Etagere before an origin that writes down what it gets, both in this process. */
export interface ProxyStage {
  readonly etagere: Etagere;
  readonly url: string;
  readonly port: number;
  readonly origin: RecordingOrigin;
  readonly client: () => RawClient;
  /** Sends bytes on a connection of their own; resolves with what came until it was closed. */
  readonly exchange: (bytes: string) => Promise<string>;
  /** Sends one request on a connection of its own, with `Host: shop.test`, that takes the lane in turn: see `RawClient.answered`. */
  readonly begin: (target: string, lines?: readonly string[], method?: string) => RawClient;
  /** The same, and resolves with what came until it was answered or the connection was closed. */
  readonly ask: (target: string, lines?: readonly string[], method?: string) => Promise<string>;
  /** The same, and resolves with the one response. Rejects where that is not whole. */
  readonly get: (target: string, lines?: readonly string[], method?: string) => Promise<Response>;
  /** Resolves when all that was to be written to the shelf is there, with an Etagere before the same origin that has nothing in memory. */
  readonly restarted: () => Promise<ProxyStage>;
}

/** A response as a strict client reads it. */
export interface Response {
  readonly status: number;
  readonly content: string;
  /** The values of its lines, joined by commas; undefined where there is none. */
  readonly field: (name: string) => string | undefined;
}

/** Begins one on the lane and the shelf in turn; all of it ends with the test. */
export async function proxyStage(answer: Answerer, options: Partial<EtagereOptions> = {}): Promise<ProxyStage> {
  const origin = await recordingOrigin(answer);
  closing.push(() => origin.close());
  const kept = await storeOption();
  // However busy this machine is: nothing is refused for that unless a test is about it.
  const limits = { overloadDelayMs: 0, ...kept.limits, ...options.limits };
  return stageBefore(origin, { ...kept, ...options, limits });
}

async function stageBefore(origin: RecordingOrigin, options: Partial<EtagereOptions>): Promise<ProxyStage> {
  const etagere = createEtagere({ origin: origin.url, listen: 0, fastLane: lane === 'the fast lane', ...options });
  closing.push(() => etagere.close());
  const url = await etagere.listen();
  const port = Number(new URL(url).port);
  const client = (): RawClient => {
    const made = new RawClient(port);
    closing.push(() => made.socket.destroy());
    return made;
  };
  const exchange = async (bytes: string): Promise<string> => {
    const asking = client();
    asking.send(bytes);
    await asking.closed;
    return asking.received;
  };
  const begin: ProxyStage['begin'] = (target, lines = [], method = 'GET') => {
    const asking = client();
    const isPlain = lane === 'the fast lane' && isPlainRequest(method, lines);
    if (isPlain) laneWatch?.expectPast(asking);
    // A request that says close is none for the fast lane: it would go to node:http there, too.
    const close = lane === 'node:http' ? ['Connection: close'] : [];
    asking.send([`${method} ${target} HTTP/1.1`, 'Host: shop.test', ...close, ...lines, '', ''].join('\r\n'));
    return asking;
  };
  const ask: ProxyStage['ask'] = async (target, lines = [], method = 'GET') => {
    const asking = begin(target, lines, method);
    await asking.answered([method]);
    return asking.received;
  };
  const get: ProxyStage['get'] = async (target, lines = [], method = 'GET') => {
    const received = await ask(target, lines, method);
    return onlyResponse(readResponses(received, [method], true), received);
  };
  const restarted = async (): Promise<ProxyStage> => {
    await etagere.close();
    return stageBefore(origin, options);
  };
  return { etagere, url, port, origin, client, exchange, begin, ask, get, restarted };
}

async function storeOption(): Promise<Partial<EtagereOptions>> {
  if (shelf === 'memory') return {};
  if (shelf === 'redis') {
    redis ??= await RedisProcess.start();
    redis.ask('flushall');
    // However slow this machine is.
    return { store: redis.url, limits: { shelfLookupMs: 5_000 } };
  }
  const directory = await mkdtemp(join(tmpdir(), 'etagere-stage-'));
  closing.push(() => rm(directory, { recursive: true, force: true }));
  return { store: `disk:${directory}` };
}

/** Whether it has nothing about it that the fast lane leaves to node:http. */
function isPlainRequest(method: string, lines: readonly string[]): boolean {
  return (
    (method === 'GET' || method === 'HEAD') &&
    !lines.some((line) =>
      /^(?:proxy-)?connection:|^content-length:|^transfer-encoding:|^expect:|^upgrade:|^host:/i.test(line),
    )
  );
}

/** @throws Error where there is not exactly one, and whole */
function onlyResponse({ messages, rest, fault }: StrictReading, received: string): Response {
  const final = messages.filter(isFinal);
  const [found] = final;
  if (found === undefined || final.length > 1 || rest !== '' || fault !== undefined) {
    throw new Error(
      `not one whole response (${fault ?? 'it ends too soon'}): ${JSON.stringify(received.slice(0, 500))}`,
    );
  }
  const field = (name: string): string | undefined => {
    const values = found.fields.filter(([each]) => each === name).map(([, value]) => value);
    return values.length === 0 ? undefined : values.join(', ');
  };
  return { status: Number(found.startLine.slice(9, 12)), content: found.content, field };
}
