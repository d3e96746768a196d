import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BundledCommand, bundleCommand } from '../bundled-command.ts';
import { describedBy, describedContent } from '../harness/described-content.ts';
import { atEnd } from '../harness/proxy-stage.ts';
import { recordingOrigin, responseWith } from '../harness/recording-origin.ts';
import { launchEtagere, type LaunchedEtagere } from '../real/etagere-launch.ts';

let command: BundledCommand;
beforeAll(async () => {
  command = await bundleCommand();
});
afterAll(() => command.remove());

interface Ground {
  readonly directory: string;
  /** Starts one more process over that directory. */
  readonly start: () => Promise<LaunchedEtagere>;
  /** How a process ends that is started over it, and what it says. */
  readonly refused: () => Promise<readonly [code: unknown, said: string]>;
}

async function ground(): Promise<Ground> {
  const around = await mkdtemp(join(tmpdir(), 'etagere-one-'));
  atEnd(() => rm(around, { recursive: true, force: true }));
  const directory = join(around, 'shelf');
  const origin = await recordingOrigin(({ target }) =>
    responseWith(describedContent({ url: target, variant: '', user: '', generation: 0 }, 100_000), [
      'Cache-Control: max-age=600',
    ]),
  );
  atEnd(() => origin.close());
  // However slow this machine is.
  const flags = ['--store', `disk:${directory}`, '--log', 'off', '--admin', '0', '--shelf-stall-timeout', '30s'];
  return {
    directory,
    start: async () => {
      const etagere = await launchEtagere(origin.url, flags, command);
      atEnd(async () => {
        kill(etagere);
        await etagere.ended;
      });
      return etagere;
    },
    refused: async () => {
      const args = [command.program, origin.url, '--listen', '127.0.0.1:0', ...flags];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
      atEnd(() => child.kill('SIGKILL'));
      const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
      return [code, said];
    },
  };
}

function kill({ pid }: LaunchedEtagere): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

/** Asks for a target, by a name that is the same whatever the port; for whom its content is, and whether it was a hit. */
async function asked({ url }: LaunchedEtagere, target: string): Promise<readonly [url: string, isHit: boolean]> {
  const { headers, body } = await request(url + target, { headers: { host: 'shop.test', connection: 'close' } });
  const content = Buffer.from(await body.arrayBuffer()).toString('latin1');
  return [describedBy(content).url, String(headers['cache-status']).includes('; hit')];
}

test('a second process is refused as long as the first runs, and harms nothing', async () => {
  const { directory, start, refused } = await ground();
  const first = await start();
  expect(await asked(first, '/a')).toEqual(['/a', false]);
  const before = (await readdir(directory)).sort();
  const [code, said] = await refused();
  expect([code, said]).toEqual([2, expect.stringContaining(directory)]);
  expect((await readdir(directory)).sort()).toEqual(before);
  expect(await asked(first, '/a')).toEqual(['/a', true]);
  expect(await asked(first, '/b')).toEqual(['/b', false]);
  await first.stop();
});

/** How many responses lie on its shelf, by what it says itself; 0 before that is open. */
async function kept(etagere: LaunchedEtagere): Promise<number> {
  const [, admin = ''] = await etagere.said(/^etagere admin on (http:\S+)/);
  const { store } = (await (await fetch(`${admin}/v1/stats`)).json()) as { store: { responses: number } };
  return store.responses;
}

test.each(['SIGKILL', 'SIGTERM'] as const)('the next one has it after %s, with what lies there', async (signal) => {
  const { start } = await ground();
  const first = await start();
  const targets: string[] = [];
  // The first of them may come before the shelf is open.
  while ((await kept(first)) === 0) {
    const target = `/${targets.length}`;
    expect(await asked(first, target)).toEqual([target, false]);
    targets.push(target);
  }
  if (signal === 'SIGTERM') await first.stop();
  else kill(first);
  await first.ended;
  const next = await start();
  while ((await kept(next)) === 0) expect(next.lines.join()).not.toContain('damaged');
  const answers = await Promise.all(targets.map((target) => asked(next, target)));
  expect(answers.map(([url]) => url)).toEqual(targets);
  expect(answers.some(([, isHit]) => isHit)).toBe(true);
  await next.stop();
});
