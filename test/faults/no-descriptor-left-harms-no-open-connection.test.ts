import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BundledCommand, bundleCommand } from '../bundled-command.ts';
import { RawClient } from '../harness/raw-client.ts';
import { atEnd } from '../harness/proxy-stage.ts';
import { recordingOrigin, responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';
import { launchEtagere } from '../real/etagere-launch.ts';

let command: BundledCommand;

beforeAll(async () => {
  command = await bundleCommand();
});

afterAll(() => command.remove());

const descriptors = 64;

function connected(port: number): RawClient {
  const client = new RawClient(port);
  atEnd(() => client.socket.destroy());
  return client;
}

/** One connection on which one request after the other is answered. */
class Asking {
  readonly #client: RawClient;
  readonly #methods: string[] = [];

  constructor(port: number) {
    this.#client = connected(port);
  }

  async get(target: string): Promise<{ status: number; content: string }> {
    this.#methods.push('GET');
    this.#client.send(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    const all = (received: string): boolean =>
      readResponses(received, this.#methods).messages.length === this.#methods.length;
    await this.#client.until(all);
    const last = readResponses(this.#client.received, this.#methods).messages.at(-1);
    return { status: Number(last?.startLine.slice(9, 12)), content: last?.content ?? '' };
  }
}

/** How long the event loop was at work, in seconds. */
async function active(admin: Asking): Promise<number> {
  const { content } = await admin.get('/metrics');
  return Number(/^nodejs_eventloop_active_seconds_total (\S+)$/m.exec(content)?.[1]);
}

test.each(['the fast lane', 'node:http'])('over %s', async (lane) => {
  const origin = await recordingOrigin(() => responseWith('stored', ['Cache-Control: max-age=600']));
  atEnd(() => origin.close());
  const flags = ['--admin', '0', '--client-head-timeout', '1s', ...(lane === 'node:http' ? ['--no-fast-lane'] : [])];
  const launched = await launchEtagere(origin.url, ['--log', 'off', ...flags], {
    program: command.program,
    launcher: ['sh', '-c', `ulimit -n ${descriptors} && exec "$0" "$@"`],
  });
  const [, adminUrl = ''] = await launched.said(/^etagere admin on (\S+)$/);
  const port = Number(new URL(launched.url).port);
  const open = new Asking(port);
  const admin = new Asking(Number(new URL(adminUrl).port));
  expect((await open.get('/a')).status).toBe(200);
  const [activeBefore, before] = [await active(admin), performance.now()];
  const crowd = Array.from({ length: 4 * descriptors }, () => connected(port));
  const left = Promise.all(crowd.map(({ closed }) => closed));
  for (let hits = 0; hits < 20; hits++) expect((await open.get('/a')).content).toBe('stored');
  // Who looks for a descriptor again and again does not rest. Those that were let in have a second for their first byte, the others are closed, or wait in the system for a place.
  await left;
  const [activeSeconds, seconds] = [(await active(admin)) - activeBefore, (performance.now() - before) / 1_000];
  expect(activeSeconds).toBeLessThan(seconds / 2);
  expect((await new Asking(port).get('/a')).content).toBe('stored');
  expect(origin.seen).toHaveLength(1);
  await launched.stop();
});
