import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { freePort } from '../../free-port.ts';
import { TestTerminal } from './test-terminal.ts';

/** An origin that says its name and what it was asked for. */
async function named(name: string): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'cache-control': 'max-age=60' });
    response.end(`${name} ${request.url}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

const ask = async (url: string): Promise<readonly [body: string, cacheStatus: string | null]> => {
  const response = await fetch(url);
  return [await response.text(), response.headers.get('cache-status')];
};

describe('a configuration file', () => {
  const servers: Server[] = [];
  let a = '';
  let b = '';
  let folder = '';
  let file = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'etagere-reload-'));
    file = join(folder, 'etagere.yaml');
    for (const name of ['a', 'b']) {
      const { url, server } = await named(name);
      servers.push(server);
      if (name === 'a') a = url;
      else b = url;
    }
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  it('has a server that is down told on stderr, in the metrics and in the statistics, until it is named no more', async () => {
    const dead = `http://127.0.0.1:${await freePort()}`;
    const check = 'healthCheck: { path: /, interval: 100ms, unhealthyAfter: 1 }';
    const rest = 'listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\nlog: off\norigin: api\n';
    writeFileSync(file, `${rest}origins:\n  api: { url: ['${a}', '${dead}'], ${check} }\n`);
    const terminal = new TestTerminal();
    const ended = run(['--config', file], terminal);
    const [, admin = ''] = await terminal.line(/^etagere admin on (http:\S+)/);
    const text = async (path: string): Promise<string> => (await fetch(admin + path)).text();
    const [said] = await terminal.line(/^etagere: origin api: .*/);
    expect(said).toBe(`etagere: origin api: ${dead} gets no requests: 1 bad health check`);
    expect((await text('/metrics')).split('\n')).toEqual(
      expect.arrayContaining([
        `etagere_origin_server_up{origin="api",server="${a}"} 1`,
        `etagere_origin_server_up{origin="api",server="${dead}"} 0`,
        `etagere_origin_server_downs_total{origin="api",server="${dead}"} 1`,
      ]),
    );
    const { origins } = JSON.parse(await text('/v1/stats')) as { readonly origins: unknown };
    const states = [
      { url: a, up: true },
      { url: dead, up: false },
    ];
    expect(origins).toEqual([{ name: 'api', servers: states }]);

    writeFileSync(file, `${rest}origins:\n  api: ${a}\n`);
    terminal.hangUp();
    expect(await text('/metrics')).not.toContain('etagere_origin_server_up{');
    expect(JSON.parse(await text('/v1/stats'))).toMatchObject({ origins: [{ name: 'api', servers: [{ url: a }] }] });
    terminal.stop();
    expect(await ended).toBe(0);
  });

  it('routes by path, rewrites queries, and is read anew with the shelf as it is', async () => {
    const routes = `
routes:
  - name: api
    match: { path: /api/* }
    origin: b
    key: { dropQuery: [utm_*] }
`;
    const origins = `listen: 127.0.0.1:0\nlog: off\norigins:\n  a: ${a}\n  b: ${b}\norigin: a\n`;
    writeFileSync(file, origins + routes);
    const terminal = new TestTerminal();
    const ended = run(['--config', file], terminal);
    const [, url = ''] = await terminal.line(/^etagere listening on (http:\S+)/);
    expect((await ask(`${url}/x?utm_a=1`))[0]).toBe('a /x?utm_a=1');
    expect((await ask(`${url}/api/x?utm_a=1&n=2`))[0]).toBe('b /api/x?n=2');
    expect((await ask(`${url}/api/x?n=2&utm_b=1`))[1]).toMatch(/^etagere; hit; ttl=/);

    writeFileSync(file, `${origins}routes: [{ match: { pth: /api/* } }]\n`);
    terminal.hangUp();
    expect(terminal.said.slice(-2)).toEqual([expect.stringMatching(/pth/), 'etagere: nothing was changed']);
    expect((await ask(`${url}/api/y`))[0]).toBe('b /api/y');

    writeFileSync(file, `${origins}memory: 64mb\n`);
    terminal.hangUp();
    expect(terminal.said.slice(-2)).toEqual([
      'etagere: memory takes effect with the next start',
      'etagere: the configuration was read anew; in force: routes',
    ]);
    terminal.hangUp();
    expect(terminal.said.at(-1)).toBe('etagere: the configuration was read anew; nothing is different');
    expect((await ask(`${url}/api/z`))[0]).toBe('a /api/z');
    expect(await ask(`${url}/api/x?n=2`)).toEqual(['b /api/x?n=2', expect.stringMatching(/^etagere; hit/)]);
    terminal.stop();
    expect(await ended).toBe(0);
  });

  it('is told of in the access log where a signal has it read anew', async () => {
    const log = join(folder, 'access.log');
    const settings = `listen: 127.0.0.1:0\nlog: json\nlogFile: ${log}\norigin: ${a}\n`;
    writeFileSync(file, settings);
    const terminal = new TestTerminal();
    const ended = run(['--config', file], terminal);
    await terminal.line(/^etagere listening on/);
    for (const next of [`${settings}purgeFrom: [127.0.0.1]\n`, `${settings}purgFrom: []\n`]) {
      writeFileSync(file, next);
      terminal.hangUp();
    }
    terminal.stop();
    expect(await ended).toBe(0);
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { level: 'info', admin: 'reload', signal: 'SIGHUP', changed: ['purgeFrom'] },
      { level: 'warn', admin: 'reload', signal: 'SIGHUP', error: 'CONFIGURATION_REFUSED' },
    ]);
  });

  it('is not there to be read anew where none was given', async () => {
    const terminal = new TestTerminal();
    const ended = run([a, '--listen', '0', '--log', 'off'], terminal);
    await terminal.line(/^etagere listening on/);
    terminal.hangUp();
    expect(terminal.said.slice(-2)).toEqual([
      'etagere: there is no configuration file to read anew: start with --config',
      'etagere: nothing was changed',
    ]);
    terminal.stop();
    expect(await ended).toBe(0);
  });
});
