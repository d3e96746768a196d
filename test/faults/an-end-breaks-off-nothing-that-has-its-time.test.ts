import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BundledCommand, bundleCommand } from '../bundled-command.ts';
import { Barriers } from '../harness/barriers.ts';
import { atEnd } from '../harness/proxy-stage.ts';
import { RawClient } from '../harness/raw-client.ts';
import { recordingOrigin, type RecordingOrigin, responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';

let command: BundledCommand;

beforeAll(async () => {
  command = await bundleCommand();
});

afterAll(() => command.remove());

const underWay = 500;

/** What is said there, line by line. */
function linesOf(stream: Readable): { said: (pattern: RegExp) => Promise<RegExpExecArray> } {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: stream }).on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  const said = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = lines.map((line) => pattern.exec(line)).find((match) => match !== null);
        if (found === undefined || found === null) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { said };
}

/** A process with so many requests at an origin that answers when the barrier is open. */
async function busy(flags: readonly string[]): Promise<{
  origin: RecordingOrigin;
  barriers: Barriers;
  clients: readonly RawClient[];
  /** Resolves when it has heard the signal. */
  signal: () => Promise<unknown>;
  /** Code and signal of its end. */
  ended: Promise<unknown[]>;
}> {
  const barriers = new Barriers();
  const origin = await recordingOrigin(async ({ target }) => {
    await barriers.reached('answer');
    return responseWith(`answer ${target}`, ['Cache-Control: max-age=60']);
  });
  atEnd(() => origin.close());
  const all = [command.program, origin.url, '--listen', '127.0.0.1:0', '--log', 'off', ...flags];
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'ignore', 'pipe'] });
  atEnd(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const { said } = linesOf(child.stderr);
  const [, url = ''] = await said(/^etagere listening on (\S+) /);
  const port = Number(new URL(url).port);
  const clients: RawClient[] = [];
  for (let index = 0; index < underWay; index++) {
    const client = new RawClient(port);
    atEnd(() => client.socket.destroy());
    client.send(`GET /${index} HTTP/1.1\r\nHost: shop.test\r\n\r\n`);
    // The system has room for some hundreds that connect.
    if (clients.push(client) % 200 === 0) await once(client.socket, 'connect');
  }
  await origin.requests(underWay);
  const signal = (): Promise<unknown> => {
    child.kill('SIGTERM');
    return said(/: finishing the responses under way/);
  };
  return { origin, barriers, clients, signal, ended };
}

/** So that nobody is refused for the time that this machine takes. */
const flags = [
  '--origin-connections',
  String(underWay),
  '--head-timeout',
  '2m',
  '--connect-timeout',
  '1m',
  '--overload-delay',
  '0s',
];

describe.each(['the fast lane', 'node:http'])('over %s', (lane) => {
  const laneFlags = lane === 'node:http' ? ['--no-fast-lane'] : [];

  test(`SIGTERM with ${underWay} under way: each is answered whole, as the last on its connection`, async () => {
    const { barriers, clients, signal, ended } = await busy([...flags, '--drain-timeout', '2m', ...laneFlags]);
    await signal();
    barriers.open('answer');
    await Promise.all(clients.map(({ closed }) => closed));
    const answers = clients.map(({ received }) => readResponses(received, ['GET'], true).messages);
    const isRight = (index: number): boolean => {
      const [only, ...more] = answers[index] ?? [];
      const saysLast = new Map(only?.fields).get('connection') === 'close';
      return only?.content === `answer /${index}` && more.length === 0 && saysLast;
    };
    expect(clients.filter((_, index) => !isRight(index))).toEqual([]);
    expect(await ended).toEqual([0, null]);
  });

  test('a second signal ends it at once, and no answer looks whole that is not', async () => {
    const { clients, signal, ended } = await busy([...flags, '--drain-timeout', '2m', ...laneFlags]);
    await signal();
    void signal();
    expect(await ended).toEqual([null, 'SIGTERM']);
    await Promise.all(clients.map(({ closed }) => closed));
    expect(clients.filter(({ received }) => received.startsWith('HTTP/1.1 200'))).toEqual([]);
  });

  test('what is not over in time is broken off, and it ends with 0', async () => {
    const { clients, signal, ended } = await busy([...flags, '--drain-timeout', '100ms', ...laneFlags]);
    await signal();
    expect(await ended).toEqual([0, null]);
    await Promise.all(clients.map(({ closed }) => closed));
    expect(clients.filter(({ received }) => received.startsWith('HTTP/1.1 200'))).toEqual([]);
  });
});

/** Whether a thread of the process waits for somebody to open the other end of a pipe that has a name. */
function isInPipe(pid: number): boolean {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).some((id) => readFileSync(join(tasks, id, 'wchan'), 'latin1') === 'wait_for_partner');
}

test('SIGTERM while the file system of the shelf hangs: it ends all the same, and says what it has left behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'etagere-hangs-'));
  atEnd(() => rmSync(folder, { recursive: true }));
  // Whoever opens it waits for one that writes there, and nobody comes.
  execFileSync('mkfifo', [join(folder, 'etagere-shelf')]);
  const all = [command.program, 'http://127.0.0.1:9', '--listen', '127.0.0.1:0', '--store', `disk:${folder}`];
  const child = spawn(process.execPath, [...all, '--drain-timeout', '100ms'], { stdio: ['ignore', 'ignore', 'pipe'] });
  atEnd(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const { said } = linesOf(child.stderr);
  await expect.poll(() => isInPipe(child.pid ?? 0), { timeout: 30_000 }).toBe(true);
  child.kill('SIGTERM');
  await said(/^etagere: left behind, as it did not end in time: the shelf; what was stored last may be lost$/);
  expect(await ended).toEqual([null, 'SIGTERM']);
});
