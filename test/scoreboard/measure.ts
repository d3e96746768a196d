import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FixtureReport } from '../../src/play/report.ts';
import type { Outcome, Suite } from '../conformance/suite.ts';
import { freePort } from '../free-port.ts';
import { runProgram } from '../run-program.ts';
import type { Cache } from './caches.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Long enough for nearly all fixtures: the few that take a minute say nothing more about a cache. */
export const patience = '20s';

/** A cache that fails everything needs a few minutes; after this something hangs. */
const playMs = 900_000;

/** Plays all fixtures against a fresh cache, as a user would: with the built command line. */
export async function playFixtures(cache: Cache): Promise<FixtureReport[]> {
  const folder = mkdtempSync(join(tmpdir(), 'etagere-scoreboard-'));
  const report = join(folder, 'report.json');
  const originPort = await freePort();
  const running = await cache.start(originPort);
  try {
    const args = ['--target', running.url, '--origin-port', String(originPort), '--patience', patience];
    await playToTheEnd(['play', 'fixtures', ...args, '--json', report]);
    return (JSON.parse(readFileSync(report, 'utf8')) as { fixtures: FixtureReport[] }).fixtures;
  } finally {
    await running.stop();
    rmSync(folder, { recursive: true });
  }
}

/** Exit code 1 only says that a required fixture failed: the report has which. */
async function playToTheEnd(args: readonly string[]): Promise<void> {
  const program = join(root, 'dist', 'cli', 'main.js');
  const script = '"$0" "$@" || test $? -eq 1';
  await runProgram('sh', ['-c', script, process.execPath, program, ...args], { cwd: root, withinMs: playMs });
}

/** Runs the public suite against a fresh cache. */
export async function runPublicSuite(cache: Cache, suite: Suite): Promise<Record<string, Outcome>> {
  const origin = await suite.startOrigin();
  try {
    const running = await cache.start(Number(new URL(origin.url).port));
    try {
      return await suite.run(running.url);
    } finally {
      await running.stop();
    }
  } finally {
    origin.stop();
  }
}
