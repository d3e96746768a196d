/**
 * The tests and the built command on other versions of Node than that of this machine: `npm run test:nodes`. With words, only those versions. Where none can be
 * had from a registry it says so and ends well, but not where `CI` is set.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchEtagere } from '../real/etagere-launch.ts';
import { runProgram } from '../run-program.ts';
import { claim, startServer } from '../real/program.ts';

/** What is supported beside the line that `npm test` finds on this machine. */
const lines = ['22', '24', '26'];

const root = fileURLToPath(new URL('../..', import.meta.url));
const fetchMs = 5 * 60_000;
const testsMs = 12 * 60_000;

const words = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'etagere-nodes-'));
try {
  process.exitCode = await runOn(words.length === 0 ? lines : words);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Resolves with the exit code. */
async function runOn(versions: readonly string[]): Promise<0 | 1> {
  let failed = false;
  for (const version of versions) {
    const bin = await fetched(version).catch((error: unknown) => error as Error);
    if (bin instanceof Error) {
      const isFailure = (process.env['CI'] ?? '') !== '';
      console.log(`${isFailure ? 'FAILED' : '!!!!!! SKIPPED'}  Node ${version} can't be had here: ${reasonOf(bin)}`);
      failed ||= isFailure;
      continue;
    }
    try {
      console.log(`PASSED  ${await tried(version, bin)}`);
    } catch (error) {
      console.log(`FAILED  on Node ${version}:`, error);
      failed = true;
    }
  }
  return failed ? 1 : 0;
}

/** The folder of that version's program, from its package, for this platform. */
async function fetched(version: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  const prefix = join(folder, version);
  await runProgram(
    'npm',
    ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', prefix, `${name}@${version}`],
    { cwd: folder, withinMs: fetchMs },
  );
  return join(prefix, 'node_modules', name, 'bin');
}

/** Rejects when something fails there. */
async function tried(version: string, bin: string): Promise<string> {
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };
  const exact = (await runProgram('node', ['--version'], { cwd: root, env, withinMs: fetchMs })).trim();
  claim(exact.startsWith(`v${version}.`), `${exact} is not the version that was asked for`);
  await serves(join(bin, 'node'));
  const said = await runProgram('npm', ['run', 'unit'], {
    cwd: root,
    env: { ...env, NO_COLOR: '1' },
    withinMs: testsMs,
  });
  return `the command serves on Node ${exact}, and ${/^ *Tests +(.*)$/m.exec(said)?.[1] ?? 'no tests'}`;
}

/** The built command, as far as a miss and a hit. */
async function serves(node: string): Promise<void> {
  const origin = await startServer((_, response) =>
    response.writeHead(200, { 'cache-control': 'max-age=60' }).end('x'),
  );
  try {
    const etagere = await launchEtagere(origin.url, [], { node });
    for (const became of ['fwd=uri-miss', 'hit']) {
      const response = await fetch(etagere.url);
      claim((await response.text()) === 'x', `${became} has not the content`);
      const cacheStatus = response.headers.get('cache-status') ?? '';
      claim(cacheStatus.includes(`; ${became}`), `Cache-Status says ${cacheStatus}, not ${became}`);
    }
    await etagere.stop();
  } finally {
    await origin.close();
  }
}

/** What npm calls it, such as ECONNREFUSED. */
function reasonOf({ message }: Error): string {
  return /^npm error code (.*)$/m.exec(message)?.[1] ?? message;
}
