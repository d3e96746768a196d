import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { connect } from 'node:tls';
import { expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { bundleCommand } from '../bundled-command.ts';
import { otherCertificate, otherKey } from '../harness/other-certificate.ts';
import { atEnd } from '../harness/proxy-stage.ts';
import { recordingOrigin, responseWith } from '../harness/recording-origin.ts';
import { certificateFiles, tlsStage } from '../harness/tls-stage.ts';
import { TestTerminal } from '../unit/cli/test-terminal.ts';
import { certificate, certificateKey } from '../unit/origin/certificate.ts';

/** The name of the certificate that is shown to whoever asks for that name. */
async function shownAt(url: string, servername?: string): Promise<string> {
  const socket = connect({
    port: Number(new URL(url).port),
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ...(servername === undefined ? {} : { servername }),
  });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return [subject.CN].flat().join();
}

it('SIGHUP takes a new pair, connections go on, and a broken pair changes nothing', async () => {
  const origin = await recordingOrigin(() => responseWith('yes'));
  atEnd(() => origin.close());
  const { certFile, keyFile } = await certificateFiles();
  const terminal = new TestTerminal();
  const args = [origin.url, '--listen', '0', '--tls-cert', certFile, '--tls-key', keyFile, '--log', 'off'];
  const ended = run(args, terminal);
  const [, url = ''] = await terminal.line(/^etagere listening on (https:\S+)/);
  expect(await shownAt(url)).toBe('localhost');

  await writeFile(certFile, otherCertificate);
  terminal.hangUp();
  await terminal.line(/key\.pem is not the key of .*cert\.pem/);
  expect(terminal.said).toContain('etagere: nothing was changed');
  expect(await shownAt(url)).toBe('localhost');

  const open = connect({ port: Number(new URL(url).port), host: '127.0.0.1', rejectUnauthorized: false });
  await once(open, 'secureConnect');
  await writeFile(keyFile, otherKey);
  terminal.hangUp();
  await terminal.line(/read anew; in force: tlsCert/);
  expect(await shownAt(url)).toBe('shop.test');
  open.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  const [bytes] = (await once(open, 'data')) as [Buffer];
  expect(bytes.toString()).toMatch(/^HTTP\/1\.1 200 /);
  open.destroy();
  terminal.stop();
  expect(await ended).toBe(0);
});

it('of several, a client gets that for the name it asks for, or else the first', async () => {
  const first = await certificateFiles();
  const second = await certificateFiles(otherCertificate, otherKey);
  const stage = await tlsStage(() => responseWith('yes'), {
    tlsCert: [first.certFile, second.certFile],
    tlsKey: [first.keyFile, second.keyFile],
  });
  const names = ['localhost', 'shop.test', 'unknown.test', undefined];
  expect(await Promise.all(names.map((name) => shownAt(stage.url, name)))).toEqual([
    'localhost',
    'shop.test',
    'localhost',
    'localhost',
  ]);
});

it('all workers have it, by SIGHUP and by SIGUSR2', async () => {
  const origin = await recordingOrigin(() => responseWith('yes', ['Cache-Control: max-age=60']));
  atEnd(() => origin.close());
  const { certFile, keyFile } = await certificateFiles();
  const command = await bundleCommand();
  atEnd(() => command.remove());
  const args = ['--listen', '0', '--workers', '2', '--tls-cert', certFile, '--tls-key', keyFile, '--log', 'off'];
  const child = spawn(process.execPath, [command.program, origin.url, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  atEnd(() => child.kill('SIGKILL'));
  const terminal = new TestTerminal();
  createInterface({ input: child.stderr }).on('line', (line) => terminal.say(line));
  const [, url = ''] = await terminal.line(/^etagere listening on (https:\S+)/);
  const shownByAll = async (): Promise<string[]> => [
    ...new Set(await Promise.all(Array.from({ length: 8 }, () => shownAt(url)))),
  ];
  expect(await shownByAll()).toEqual(['localhost']);
  await writeFile(certFile, otherCertificate);
  await writeFile(keyFile, otherKey);
  child.kill('SIGHUP');
  await terminal.line(/read anew; in force: tlsCert/);
  expect(await shownByAll()).toEqual(['shop.test']);
  await writeFile(certFile, certificate);
  await writeFile(keyFile, certificateKey);
  child.kill('SIGUSR2');
  await terminal.line(/restarted/);
  expect(await shownByAll()).toEqual(['localhost']);
  const stopped = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await stopped).toEqual([0, null]);
});
