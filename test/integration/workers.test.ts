import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type BundledCommand, bundleCommand } from '../bundled-command.ts';

let command: BundledCommand;
beforeAll(async () => {
  command = await bundleCommand();
});
afterAll(() => command.remove());
const startMs = 60_000;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** An origin that counts. */
async function origin(): Promise<{ readonly url: string; readonly asked: () => number }> {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.writeHead(200, { 'cache-control': 'max-age=600' }).end('content');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked };
}

interface Running {
  readonly url: string;
  readonly admin: string;
  /** What was said on stderr, from its beginning to its end. */
  readonly said: readonly string[];
  /** Asks it to end; resolves with its code. */
  readonly stop: () => Promise<number | null>;
}

async function start(...args: readonly string[]): Promise<Running> {
  const listen = args.includes('--listen') ? [] : ['--listen', '0'];
  const all = [command.program, ...listen, '--admin', '0', '--workers', '2', '--log', 'json', ...args];
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'] });
  closing.push(async () => child.kill('SIGKILL'));
  child.stdout.resume();
  const ended = once(child, 'exit');
  const said: string[] = [];
  const urls = new Promise<readonly string[]>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      const [, admin] = /^etagere admin on (\S+)/.exec(line) ?? [];
      const [, url = ''] = /^etagere listening on (\S+)/.exec(said[0] ?? '') ?? [];
      if (admin !== undefined) resolve([url, admin]);
    });
  });
  const [url = '', admin = ''] = await Promise.race([urls, ended.then(() => Promise.reject(new Error(said.join())))]);
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    return ((await ended) as [number | null])[0];
  };
  return { url, admin, said, stop };
}

it(
  'several workers are one cache: at one address, with one shelf, one admin API and one end',
  async () => {
    const { url: originUrl, asked } = await origin();
    const { url, admin, said, stop } = await start(originUrl);
    expect(said[0]).toBe(`etagere listening on ${url} -> ${originUrl} (2 workers)`);
    const requests = 12;
    for (let i = 0; i < requests; i++) {
      const response = await fetch(`${url}/same`, { headers: { connection: 'close' } });
      expect(await response.text()).toBe('content');
    }
    expect(asked()).toBe(1);
    const statistics = (await (await fetch(`${admin}/v1/stats`)).json()) as Record<string, unknown>;
    expect(statistics).toMatchObject({
      requests,
      hits: requests - 1,
      workers: [{ answered: true }, { answered: true }],
    });
    const metrics = await (await fetch(`${admin}/metrics`)).text();
    expect(metrics).toContain('\netagere_workers{state="answered"} 2\n');
    const config = (await (await fetch(`${admin}/v1/config`)).json()) as { readonly store: string };
    const directory = config.store.replace(/^disk:/, '');
    expect(existsSync(directory)).toBe(true);
    expect(await stop()).toBe(0);
    expect(existsSync(directory)).toBe(false);
  },
  startMs,
);

/** Where the first who takes a shelf says so. */
function holderIn(directory: string): string {
  return join(directory, 'in-use', 'lock-1', 'holder');
}

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'etagere-shelf-'));
  closing.push(() => rm(directory, { recursive: true }));
  return directory;
}

it(
  'the shelf of workers is given back when they have ended, so that also who can not see that has it next',
  async () => {
    const { url: originUrl } = await origin();
    const directory = await newDirectory();
    const { stop } = await start(originUrl, '--store', `disk:${directory}`);
    expect(existsSync(holderIn(directory))).toBe(true);
    expect(await stop()).toBe(0);
    expect(existsSync(holderIn(directory))).toBe(false);
  },
  startMs,
);

it(
  'the shelf of workers is given back also where they had it, and could not listen',
  async () => {
    const [{ url: originUrl }, { url: other }] = [await origin(), await origin()];
    const directory = await newDirectory();
    const started = start(originUrl, '--store', `disk:${directory}`, '--listen', new URL(other).port);
    await expect(started).rejects.toThrow('is in use');
    expect(existsSync(dirname(holderIn(directory)))).toBe(true);
    expect(existsSync(holderIn(directory))).toBe(false);
  },
  startMs,
);
