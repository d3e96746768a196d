import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BundledCommand, bundleCommand } from '../../bundled-command.ts';

let command: BundledCommand;
beforeAll(async () => {
  command = await bundleCommand();
});
afterAll(() => command.remove());

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** An origin whose answers are left to the test. */
async function origin(answer: (response: ServerResponse, target: string) => void): Promise<string> {
  const server = createServer((request, response) => answer(response, request.url ?? ''));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Running {
  readonly child: ChildProcess;
  readonly stdout: Readable;
  readonly url: string;
  /** Code and signal of its end. */
  readonly ended: Promise<unknown[]>;
  readonly said: (line: RegExp) => Promise<RegExpExecArray>;
  /** Of its standard error, so far. */
  readonly lines: readonly string[];
}

/** The command line as a process of its own, with its standard output unread. */
async function start(...args: readonly string[]): Promise<Running> {
  const all = [command.program, '--listen', '0', '--log', 'json', ...args];
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'] });
  closing.push(async () => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const lines: string[] = [];
  let wake: (() => void) | undefined;
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    wake?.();
  });
  const said = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      for (const line of lines) {
        const match = pattern.exec(line);
        if (match !== null) return match;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const [, url = ''] = await said(/^etagere listening on (\S+)/);
  return { child, stdout: child.stdout, url, ended, said, lines };
}

/** So many lines of log that no pipe can hold them. */
async function fillStdout(url: string): Promise<void> {
  const target = `/${'x'.repeat(4_000)}`;
  for (let i = 0; i < 40; i++) await (await fetch(url + target)).arrayBuffer();
}

const cacheable = (response: ServerResponse): void => {
  response.writeHead(200, { 'cache-control': 'max-age=60' }).end('x');
};

describe('the process', () => {
  it('ends with 0 after a signal, although nobody reads its log', async () => {
    const { child, url, ended } = await start(await origin(cacheable));
    await fillStdout(url);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('ends at once at a second signal, although nobody reads its log', async () => {
    const { child, url, ended, said } = await start(await origin((response) => response.write('begun')));
    const answer = await fetch(url);
    child.kill('SIGTERM');
    await said(/a second signal ends at once/);
    child.kill('SIGTERM');
    expect(await ended).toEqual([null, 'SIGTERM']);
    await expect(answer.text()).rejects.toThrow('terminated');
  });

  it('opens no debugger to all who have an account here at SIGUSR1, which has others open their log anew', async () => {
    const { child, url, ended, said, lines } = await start(await origin(cacheable));
    child.kill('SIGUSR1');
    await said(/SIGUSR1|Debugger/);
    expect((await fetch(url)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(lines.filter((line) => /SIGUSR1|Debugger/.test(line))).toEqual([
      'etagere: SIGUSR1 means nothing here; SIGHUP has the log file opened anew, and the configuration read',
    ]);
  });

  it('goes on at SIGUSR2, although there are no workers to restart', async () => {
    const { child, url, ended, said } = await start(await origin(cacheable));
    child.kill('SIGUSR2');
    await Promise.race([said(/no workers.*--workers/), ended]);
    expect((await fetch(url)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('goes on and ends with 0 when its log is no longer read', async () => {
    const { child, stdout, url, ended } = await start(await origin(cacheable));
    stdout.destroy();
    await fillStdout(url);
    expect((await fetch(url)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('goes on and ends with 0 when nobody hears what it says', async () => {
    const { child, url, ended } = await start(await origin(cacheable));
    child.stderr?.destroy();
    expect((await fetch(url)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('does not wait for what the origin sends to the shelf alone', async () => {
    const hanging = await origin((response, target) => {
      response.writeHead(200, { 'cache-control': 'max-age=60', 'content-length': '10' });
      response.write(target);
    });
    const { child, url, ended } = await start(hanging);
    const leaving = new AbortController();
    const answer = await fetch(`${url}/a`, { signal: leaving.signal });
    expect(answer.headers.get('cache-status')).toContain('stored');
    leaving.abort();
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('ends with 0 when the time for what is under way has passed', async () => {
    const { child, url, ended } = await start(
      await origin((response) => response.write('begun')),
      '--drain-timeout',
      '1ms',
    );
    const answer = await fetch(url);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    await expect(answer.text()).rejects.toThrow('terminated');
  });
});
