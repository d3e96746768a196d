import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TlsOptions } from 'node:tls';
import { request } from 'undici';
import { expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { bundleCommand } from '../bundled-command.ts';
import { issuedCertificate } from '../harness/issued-certificate.ts';
import { atEnd } from '../harness/proxy-stage.ts';
import { certificateFiles } from '../harness/tls-stage.ts';
import { tlsOrigin, type TlsOrigin } from '../harness/tls-origin.ts';
import { TestTerminal } from '../unit/cli/test-terminal.ts';

const root = issuedCertificate('root', { isAuthority: true, hosts: [] });
const nextRoot = issuedCertificate('next root', { isAuthority: true, hosts: [] });
const server = issuedCertificate('localhost', { issuer: root });
const ours = issuedCertificate('ours', { issuer: root });
const next = issuedCertificate('next', { issuer: root });

interface Running {
  readonly origin: TlsOrigin;
  readonly terminal: TestTerminal;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly status: () => Promise<number>;
}

/** The command before an origin that wants a certificate. */
async function running(
  args: (files: Pick<Running, 'origin' | 'caFile' | 'certFile' | 'keyFile'>) => Promise<string[]>,
): Promise<Running> {
  const tls: TlsOptions = { cert: server.cert, key: server.key, ca: root.cert, requestCert: true };
  const origin = await tlsOrigin(tls, (_, response) => response.end('yes'));
  const { certFile, keyFile } = await certificateFiles(ours.cert, ours.key);
  const caFile = join(dirname(certFile), 'ca.pem');
  await writeFile(caFile, root.cert);
  const terminal = new TestTerminal();
  const ended = run(await args({ origin, caFile, certFile, keyFile }), terminal);
  atEnd(async () => {
    terminal.stop();
    await ended;
  });
  const [, url = ''] = await terminal.line(/^etagere listening on (http:\S+)/);
  const status = (): Promise<number> => statusOf(url);
  return { origin, terminal, caFile, certFile, keyFile, status };
}

/** On a connection of its own. */
async function statusOf(url: string): Promise<number> {
  const { statusCode, body } = await request(url, { headers: { connection: 'close' }, reset: true });
  await body.dump();
  return statusCode;
}

test('SIGHUP takes another authority and another pair, named by flags alone; what is broken changes nothing', async () => {
  const { origin, terminal, caFile, certFile, keyFile, status } = await running(async (files) => [
    files.origin.url,
    `--listen=0`,
    `--log=off`,
    `--origin-ca=${files.caFile}`,
    `--origin-cert=${files.certFile}`,
    `--origin-key=${files.keyFile}`,
  ]);
  expect([await status(), origin.seen.at(-1)?.client]).toEqual([200, 'ours']);

  const hangUp = async (told: RegExp): Promise<void> => {
    terminal.said.length = 0;
    terminal.hangUp();
    await terminal.line(told);
  };
  await writeFile(certFile, next.cert);
  await hangUp(/key\.pem is not the key of .*cert\.pem/);
  await writeFile(keyFile, next.key);
  await rm(certFile);
  await hangUp(/originCert: .*cert\.pem can't be read \(there is none\)/);
  await writeFile(certFile, next.cert);
  await writeFile(caFile, 'nothing');
  await hangUp(/originCa: .*ca\.pem holds no certificate in PEM/);
  expect(terminal.said).toContain('etagere: nothing was changed');
  expect([await status(), origin.seen.at(-1)?.client]).toEqual([200, 'ours']);

  await writeFile(caFile, root.cert);
  await hangUp(/read anew; in force: origins\.default/);
  expect([await status(), origin.seen.at(-1)?.client]).toEqual([200, 'next']);
  await writeFile(caFile, nextRoot.cert);
  await hangUp(/read anew; in force: origins\.default/);
  expect(await status()).toBe(502);
});

test('POST /v1/reload refuses files that can not be read, by line and column, and what is in force stays', async () => {
  const { terminal, caFile, origin, status } = await running(async (files) => {
    const config = join(dirname(files.certFile), 'etagere.yaml');
    const { url } = files.origin;
    const lines = ['log: off', 'listen: 0', 'admin: 0', 'origins:', '  api:', `    url: ${url}`, '    ca: ca.pem'];
    await writeFile(config, [...lines, '    cert: cert.pem', '    key: key.pem', ''].join('\n'));
    return ['--config', config];
  });
  const [, admin = ''] = await terminal.line(/^etagere admin on (http:\S+)/);
  const reloaded = async (): Promise<[number, string]> => {
    const { statusCode, body } = await request(`${admin}/v1/reload`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    return [statusCode, await body.text()];
  };
  expect(await status()).toBe(200);
  await rm(caFile);
  const [refusal, problem] = await reloaded();
  expect([refusal, problem]).toEqual([
    422,
    expect.stringMatching(/etagere\.yaml:7:9 origins\.api\.ca: .*can't be read/),
  ]);
  expect(await status()).toBe(200);
  await writeFile(caFile, root.cert + nextRoot.cert);
  expect(await reloaded()).toEqual([200, expect.stringContaining('"origins.api"')]);
  expect([await status(), origin.seen.length]).toEqual([200, 3]);
});

test('all workers have it, at their start and by SIGHUP', async () => {
  const tls: TlsOptions = { cert: server.cert, key: server.key, ca: root.cert, requestCert: true };
  const origin = await tlsOrigin(tls, (_, response) => response.end('yes'));
  const { certFile, keyFile } = await certificateFiles(ours.cert, ours.key);
  const caFile = join(dirname(certFile), 'ca.pem');
  await writeFile(caFile, root.cert);
  const command = await bundleCommand();
  atEnd(() => command.remove());
  const flags = ['--listen=0', '--log=off', '--workers=2', `--origin-ca=${caFile}`];
  const pair = [`--origin-cert=${certFile}`, `--origin-key=${keyFile}`];
  const child = spawn(process.execPath, [command.program, origin.url, ...flags, ...pair], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  atEnd(() => child.kill('SIGKILL'));
  const terminal = new TestTerminal();
  createInterface({ input: child.stderr }).on('line', (line) => terminal.say(line));
  const [, url = ''] = await terminal.line(/^etagere listening on (http:\S+)/);
  const statuses = async (): Promise<number[]> => {
    const all = await Promise.all(Array.from({ length: 8 }, () => statusOf(url)));
    return [...new Set(all)];
  };
  expect(await statuses()).toEqual([200]);
  expect(new Set(origin.seen.map(({ client }) => client))).toEqual(new Set(['ours']));
  await writeFile(caFile, nextRoot.cert);
  child.kill('SIGHUP');
  await terminal.line(/read anew; in force: origins\.default/);
  expect(await statuses()).toEqual([502]);
  const stopped = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await stopped).toEqual([0, null]);
});
