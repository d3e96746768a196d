import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { TestTerminal } from './test-terminal.ts';

const readyLine = /^etagere listening on (http:\/\/127\.0\.0\.1:[1-9]\d*) -> (http:\/\/127\.0\.0\.1:\d+)$/;

describe('run', () => {
  let origin: Server;
  let originUrl: string;
  let hold: Promise<void> | undefined;
  beforeAll(async () => {
    origin = createServer((_, response) => {
      response.writeHead(200, { 'cache-control': 'max-age=60' });
      response.write('from ');
      void (hold ?? Promise.resolve()).then(() => response.end('the origin'));
    });
    origin.listen(0, '127.0.0.1');
    await once(origin, 'listening');
    originUrl = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    origin.closeAllConnections();
    origin.close();
    await once(origin, 'close');
  });

  it('says in one line of its own that somebody has sent a wrong token', async () => {
    const terminal = new TestTerminal({ ETAGERE_ADMIN_TOKEN: 'a-token-of-sixteen-and-more-characters' });
    const ended = run([originUrl, '--listen', '0', '--admin', '127.0.0.1:0', '--log', 'off'], terminal);
    const [, admin = ''] = await terminal.line(/^etagere admin on (.*)$/);
    expect((await fetch(`${admin}/v1/stats`, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
    await terminal.line(/^etagere: the admin API got a wrong token from 127\.0\.0\.1$/);
    terminal.stop();
    expect(await ended).toBe(0);
  });

  it('prints help and version to stdout, and ends with 0', async () => {
    const terminal = new TestTerminal();
    expect(await run(['--version'], terminal)).toBe(0);
    expect(terminal.printed).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(await run(['--help'], terminal)).toBe(0);
    expect(terminal.printed).toContain('Usage: etagere <origin-url> [options]');
    expect(terminal.said).toEqual([]);
  });

  it.each<[string[], Record<string, string>, string]>([
    [['localhost:3000'], {}, 'etagere: origin: "localhost:3000" has no scheme; write http://localhost:3000'],
    [[], { ETAGERE_ORIGIN: 'x' }, 'etagere: ETAGERE_ORIGIN: "x" has no scheme; write http://x'],
    [
      ['http://a', '--memory', '1'],
      {},
      'etagere: --memory: "1" is too small for a shelf; give it 64kb or more: a number alone is bytes',
    ],
    [['http://a', '--defaultttl'], {}, "etagere: unknown option '--defaultttl'; did you mean --default-ttl?"],
    [
      ['http://a'],
      { ETAGERE_LOG: 'x' },
      'etagere: ETAGERE_LOG: "x" is not one of the choices; write auto, json, combined, pretty or off',
    ],
    [
      ['http://localhost:8080'],
      {},
      'etagere: origin: http://localhost:8080 is where Etagere itself is to listen; name the server behind it, or listen elsewhere: --listen 8081',
    ],
    [
      ['http://a', '--admin', '0.0.0.0:8081'],
      {},
      'etagere: admin: others may reach 0.0.0.0:8081, and there is no token; set ETAGERE_ADMIN_TOKEN or --admin-token-file FILE, or listen where only this machine can ask: 127.0.0.1:8081',
    ],
    [
      ['http://localhost:8081', '--admin', '8081'],
      {},
      'etagere: origin: http://localhost:8081 is where the admin API is to listen; name the server behind Etagere, or move the admin API: --admin 8082',
    ],
    [
      ['http://a', '--admin', '8080'],
      {},
      'etagere: admin: 127.0.0.1:8080 is where clients are to be listened to; move one of them: --admin 8081',
    ],
    [
      [],
      { ETAGERE_ORIGN: 'http://a' },
      'etagere: no origin is given, and ETAGERE_ORIGN means nothing here; did you mean ETAGERE_ORIGIN?; name the origin, or say etagere demo',
    ],
  ])('ends with 2 and one line for %j %j', async (args, variables, line) => {
    const terminal = new TestTerminal(variables);
    expect(await run(args, terminal)).toBe(2);
    expect(terminal.said).toEqual([line]);
  });

  it('says where it listens, answers there, and ends with 0 when it is stopped', async () => {
    const terminal = new TestTerminal();
    const ended = run([originUrl, '--listen', '0', '--log', 'off'], terminal);
    const [, url = '', shownOrigin] = await terminal.line(readyLine);
    expect(shownOrigin).toBe(originUrl);
    const response = await fetch(`${url}/a`);
    expect(await response.text()).toBe('from the origin');
    expect(response.headers.get('cache-status')).toBe('etagere; fwd=uri-miss; stored');
    expect((await fetch(`${url}/a`)).headers.get('cache-status')).toMatch(/^etagere; hit; ttl=\d+$/);
    terminal.stop();
    expect(await ended).toBe(0);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('says on stderr that clients are closed, as there are as many as there may be', async () => {
    const terminal = new TestTerminal();
    const ended = run([originUrl, '--listen', '0', '--log', 'off', '--client-connections', '1'], terminal);
    const [, url = ''] = await terminal.line(readyLine);
    const sockets = [url, url].map((each) =>
      connect(Number(new URL(each).port), '127.0.0.1').on('error', () => undefined),
    );
    await terminal.line(
      /^etagere: as many clients are connected as --client-connections allows \(1\): .*, 1 since the start$/,
    );
    for (const socket of sockets) socket.destroy();
    terminal.stop();
    expect(await ended).toBe(0);
  });

  it('finishes a response under way when it is stopped, and ends at once when it is stopped again', async () => {
    const gate = new EventEmitter();
    hold = once(gate, 'open').then(() => undefined);
    const terminal = new TestTerminal();
    const ended = run([originUrl, '--listen', '0', '--log', 'off'], terminal);
    const [, url = ''] = await terminal.line(readyLine);
    const response = await fetch(`${url}/slow`);
    terminal.stop();
    await terminal.line(/finishing the responses under way/);
    expect(terminal.exits).toEqual([]);
    terminal.stop();
    expect(terminal.exits).toEqual([1]);
    gate.emit('open');
    hold = undefined;
    expect(await response.text()).toBe('from the origin');
    expect(await ended).toBe(0);
  });

  it('takes origin and flags from variables', async () => {
    const terminal = new TestTerminal({ ETAGERE_ORIGIN: originUrl, ETAGERE_LISTEN: ':0', ETAGERE_LOG: 'off' });
    const ended = run([], terminal);
    await terminal.line(readyLine);
    terminal.stop();
    expect(await ended).toBe(0);
  });

  it('says that Node 20 is old, and nothing of the kind on newer ones', async () => {
    const old = new TestTerminal({}, 'v20.20.2');
    const ended = run([originUrl, '--listen', '0', '--log', 'off'], old);
    await old.line(/Node 20 is past its end of life; run 24 or newer/);
    old.stop();
    await ended;
    const current = new TestTerminal({}, 'v24.1.0');
    const endedToo = run([originUrl, '--listen', '0', '--log', 'off'], current);
    await current.line(readyLine);
    current.stop();
    await endedToo;
    expect(current.said.join()).not.toContain('end of life');
  });

  it('ends with 1 and says what to do when the port is taken', async () => {
    const port = Number(new URL(originUrl).port);
    const terminal = new TestTerminal();
    expect(await run(['http://origin.test', '--listen', String(port), '--log', 'off'], terminal)).toBe(1);
    expect(terminal.said).toEqual([
      `etagere: 127.0.0.1:${port} is in use by another process; choose another port, like --listen 127.0.0.1:${port + 1}, or --listen 0 for any free one`,
    ]);
  });

  it('says where the admin API listens, which ends with the rest', async () => {
    const terminal = new TestTerminal();
    const ended = run([originUrl, '--listen', '0', '--admin', '127.0.0.1:0', '--log', 'off'], terminal);
    const [, url = ''] = await terminal.line(/^etagere admin on (http:\/\/127\.0\.0\.1:[1-9]\d*)$/);
    expect(terminal.said[0]).toMatch(readyLine);
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ready: true });
    terminal.stop();
    expect(await ended).toBe(0);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('wants the token for the admin API, where there is one', async () => {
    const terminal = new TestTerminal({ ETAGERE_ADMIN_TOKEN: 'correct-horse-battery' });
    const ended = run([originUrl, '--listen', '0', '--admin', '127.0.0.1:0', '--log', 'off'], terminal);
    const [, url = ''] = await terminal.line(/^etagere admin on (.*)$/);
    const headers = { authorization: 'Bearer correct-horse-battery' };
    expect((await fetch(`${url}/openapi.json`)).status).toBe(401);
    expect((await fetch(`${url}/openapi.json`, { headers })).status).toBe(200);
    terminal.stop();
    expect(await ended).toBe(0);
  });

  it('ends with 1 where the address of the admin API is taken', async () => {
    const port = Number(new URL(originUrl).port);
    const terminal = new TestTerminal();
    const args = ['http://origin.test', '--listen', '0', '--admin', String(port), '--log', 'off'];
    expect(await run(args, terminal)).toBe(1);
    expect(terminal.said).toEqual([
      `etagere: 127.0.0.1:${port} is in use by another process; choose another port, like --admin 127.0.0.1:${port + 1}, or --admin 0 for any free one`,
    ]);
  });

  it('runs by a configuration file, over which flags win, and tells what is odd in it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'etagere-run-'));
    const file = join(folder, 'etagere.yaml');
    const text = `listen: [0, "[::1]:0"]\nlog: json\norigins: { main: ${originUrl}, spare: http://spare.test }\norigin: main\n`;
    writeFileSync(file, text);
    const terminal = new TestTerminal();
    const ended = run(['--config', file, '--log', 'off'], terminal);
    const [, url = ''] = await terminal.line(
      /^etagere listening on (http:\/\/127\.0\.0\.1:[1-9]\d*) -> .*, http:\/\/spare\.test$/,
    );
    await terminal.line(/^etagere listening on http:\/\/\[::1\]:[1-9]\d* -> /);
    expect(terminal.said).toContain('etagere: origin spare is used by no route');
    expect(await (await fetch(`${url}/a`)).text()).toBe('from the origin');
    terminal.stop();
    expect(await ended).toBe(0);
    rmSync(folder, { recursive: true });
  });

  it('has no configuration file for the demo', async () => {
    const terminal = new TestTerminal({ ETAGERE_CONFIG: 'etagere.yaml' });
    expect(await run(['demo'], terminal)).toBe(2);
    expect(terminal.said).toEqual(['etagere: a configuration file is not for the demo; leave out demo, or --config']);
  });

  it('warns of a shelf that is larger than the memory there is', async () => {
    const terminal = new TestTerminal();
    terminal.machineBytes = 128 * 2 ** 20;
    const ended = run([originUrl, '--listen', '0', '--log', 'off', '--memory', '129mb'], terminal);
    await terminal.line(/^etagere: --memory is 129mb, and there are 128mb here; /);
    terminal.stop();
    expect(await ended).toBe(0);
  });

  it('is the demo where that is asked for, whatever variables mean nothing', async () => {
    const terminal = new TestTerminal({ ETAGERE_ORIGN: 'http://a' });
    const ended = run(['demo', '--listen', '0', '--log', 'off'], terminal);
    await terminal.line(/Ctrl-C/);
    expect(terminal.said[0]).toBe('etagere: ETAGERE_ORIGN means nothing here; did you mean ETAGERE_ORIGIN?');
    terminal.stop();
    expect(await ended).toBe(0);
  });

  it('is the demo without an origin, with what to try at the real port', async () => {
    const terminal = new TestTerminal();
    const ended = run(['--listen', '0', '--log', 'off'], terminal);
    const [, url = ''] = await terminal.line(readyLine);
    await terminal.line(/Ctrl-C/);
    expect(terminal.said.join('\n')).toContain(`curl -si ${url}/time`);
    expect((await fetch(`${url}/cookie`)).headers.get('cache-status')).toMatch(/^etagere; fwd=uri-miss; detail=/);
    terminal.stop();
    expect(await ended).toBe(0);
  });
});
