import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../../src/cli/run.ts';

let folder = '';
let origin: Server;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etagere-log-'));
  origin = createServer((_, response) => response.end('from the origin'));
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
});

afterEach(async () => {
  origin.closeAllConnections();
  origin.close();
  await once(origin, 'close');
  rmSync(folder, { recursive: true });
});

/** A command line that runs: its signals, what it said, and its end. */
function start(...args: readonly string[]) {
  const said: string[] = [];
  const signals: { stop?: () => void; hangUp?: () => void } = {};
  const { port } = origin.address() as AddressInfo;
  const ended = run([`http://127.0.0.1:${port}`, '--listen', '0', ...args], {
    variables: {},
    nodeVersion: 'v24.0.0',
    machineBytes: 2 ** 40,
    print: () => undefined,
    say: (line) => void said.push(line),
    show: () => undefined,
    onStop: (callback) => void (signals.stop = callback),
    onHangup: (callback) => void (signals.hangUp = callback),
    onRestart: () => undefined,
    exitNow: () => undefined,
  });
  return { said, signals, ended };
}

/** The URL, once it is said. */
async function urlOf(said: readonly string[]): Promise<string> {
  return vi.waitFor(() => {
    const [, url] = /listening on (\S+)/.exec(said.join('\n')) ?? [];
    if (url === undefined) throw new Error('not yet');
    return url;
  });
}

describe('--log-file', () => {
  it('has a line for each exchange when the process ends', async () => {
    const path = join(folder, 'access.log');
    const { said, signals, ended } = start('--log-file', path, '--log', 'combined');
    const url = await urlOf(said);
    await (await fetch(`${url}/a`, { headers: { 'user-agent': 'a "test"' } })).text();
    signals.stop?.();
    expect(await ended).toBe(0);
    expect(readFileSync(path, 'utf8')).toMatch(
      /^127\.0\.0\.1 - - \[.+ \+0000\] "GET \/a HTTP\/1\.1" 200 15 "-" "a \\"test\\"" "etagere; fwd=uri-miss; detail=no-freshness"\n$/,
    );
  });

  it('is JSON unless told otherwise, and made anew at SIGHUP', async () => {
    const path = join(folder, 'access.log');
    const { said, signals, ended } = start('--log-file', path);
    const url = await urlOf(said);
    await (await fetch(`${url}/old`)).text();
    await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toContain('/old'));
    renameSync(path, `${path}.1`);
    signals.hangUp?.();
    await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toBe(''));
    await (await fetch(`${url}/new`)).text();
    signals.stop?.();
    expect(await ended).toBe(0);
    const urls = [`${path}.1`, path].map((name) => JSON.parse(readFileSync(name, 'utf8')) as { url: string });
    expect(urls.map((line) => line.url)).toEqual(['/old', '/new']);
  });

  it('that can not be opened ends the start, and says what to do', async () => {
    const path = join(folder, 'none', 'access.log');
    const { said, ended } = start('--log-file', path);
    expect(await ended).toBe(2);
    expect(said).toEqual([
      `etagere: logFile: ${path} can't be written to (there is no such folder); name a file in a folder that is there, which this process may write to`,
    ]);
  });
});
