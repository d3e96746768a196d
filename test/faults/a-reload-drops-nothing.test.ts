import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BundledCommand, bundleCommand } from '../bundled-command.ts';
import { atEnd } from '../harness/proxy-stage.ts';
import { openDescriptors } from '../process-figures.ts';
import { launchEtagere } from '../real/etagere-launch.ts';
import { startServer } from '../real/program.ts';
import { ask, Load } from '../real/workers-stage.ts';

let command: BundledCommand;

beforeAll(async () => {
  command = await bundleCommand();
});

afterAll(() => command.remove());

const reloads = 100;
/** One in so many has a mistake in it. */
const brokenOnceIn = 10;

test(`of ${reloads} reloads under load none drops a request, each is in force at once, and one with a mistake changes nothing`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'etagere-reloads-'));
  atEnd(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'etagere.yaml');
  const write = (version: number): void => {
    writeFileSync(file, `headers: { response: { set: { x-version: '${version}' } } }\n`);
  };
  write(-1);
  const origin = await startServer((_, response) => {
    response.writeHead(200, { 'cache-control': 'max-age=600' }).end('content');
  });
  atEnd(() => origin.close());
  const flags = ['--config', file, '--admin', '0', '--log', 'off', '--overload-delay', '0s'];
  const launched = await launchEtagere(origin.url, flags, { program: command.program });
  atEnd(() => launched.stop());
  const [, admin = ''] = await launched.said(/^etagere admin on (\S+)$/);
  const reload = async (): Promise<{ status: number; problem: string }> => {
    const answer = await fetch(`${admin}/v1/reload`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    return { status: answer.status, problem: await answer.text() };
  };
  await reload();
  let asked = 0;
  // Half of them are hits from the third on.
  const load = new Load(() => `${launched.url}/${asked++ % 2 === 0 ? 'hit' : asked}`, 4, 1);
  await load.more(20);
  const before = openDescriptors([launched.pid]);
  let inForce = -1;
  for (let version = 0; version < reloads; version++) {
    const isBroken = version % brokenOnceIn === 0;
    if (isBroken) writeFileSync(file, 'nonsense: 1\n');
    else write((inForce = version));
    const { status, problem } = await reload();
    const isTold = problem.includes('etagere.yaml:1:');
    expect([version, status, isTold]).toEqual([version, isBroken ? 422 : 200, isBroken]);
    expect((await ask(`${launched.url}/hit`)).fields['x-version']).toBe(String(inForce));
  }
  await load.more(20);
  expect(openDescriptors([launched.pid])).toBeLessThan(before + 8);
  await load.stop();
  expect(load.failures).toEqual([]);
});
