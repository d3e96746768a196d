import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../free-port.ts';
import { readAudit } from './audit.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A registry that answers each audit so, and knows one version of undici. */
async function registry(status: number, advisories: object): Promise<string> {
  const undici = { name: 'undici', versions: { '1.0.0': { name: 'undici', version: '1.0.0' } } };
  const server = createServer(({ method }, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(method === 'POST' ? advisories : undici));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The end of an audit by that registry: exit code, stdout, stderr. */
async function audited(url: string): Promise<readonly [unknown, string, string]> {
  // npm keeps what it was told of a hole: not beside what is true.
  const cache = await mkdtemp(join(tmpdir(), 'etagere-audit-'));
  onTestFinished(() => rm(cache, { recursive: true, force: true }));
  const ofNpm = [`--registry=${url}`, `--cache=${cache}`, '--fetch-retries=0'];
  const args = ['--import', 'tsx', 'test/dependencies/run.ts', ...ofNpm];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const [printed, said, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return [code, printed, said];
}

const advisory = (severity: string): object => ({
  undici: [{ id: 1, url: 'https://advisories.test/1', title: 'A hole', severity, vulnerable_versions: '<99' }],
});

describe('an audit of the dependencies', () => {
  it('fails for a hole of high severity, and names it', async () => {
    const [code, , said] = await audited(await registry(200, advisory('high')));
    expect([code, said]).toEqual([1, expect.stringMatching(/^HOLE {2}high: undici \S+: A hole \(https:\S+\)\n$/)]);
  });

  it.each([
    ['nothing', {}],
    ['something of moderate severity', advisory('moderate')],
  ])('is content where the registry knows of %s', async (_, advisories) => {
    const [code, printed, said] = await audited(await registry(200, advisories));
    expect([code, printed, said]).toEqual([0, expect.stringMatching(/^0 holes /), '']);
  });

  it('says in one line that the registry serves none, and does not fail for that', async () => {
    const [code, printed, said] = await audited(await registry(405, {}));
    expect([code, printed, said]).toEqual([0, '', expect.stringMatching(/^NOT AUDITED .*405 Method Not Allowed.*\n$/)]);
  });

  it('says so of one that is not there', async () => {
    const [code, printed, said] = await audited(`http://127.0.0.1:${await freePort()}`);
    expect([code, printed, said]).toEqual([0, '', expect.stringMatching(/^NOT AUDITED .*ECONNREFUSED.*\n$/)]);
  });

  it.each([
    ['', 'JSON'],
    ['{}', 'npm audit failed'],
    ['{"error":{"code":"ENOLOCK","summary":"This command requires an existing lockfile."}}', 'ENOLOCK'],
  ])('takes whatever else npm prints for a failure: %s', (printed, words) => {
    expect(() => readAudit(printed)).toThrow(words);
  });
});
