/**
 * Measures what Etagere costs beside other caches, on this machine, each on one core.
 *
 *     npm run bench                                       all
 *     npm run bench -- --only hit,miss --servers etagere,nginx --rounds 3 --seconds 2
 *     npm run bench -- --etagere-flag=--some-flag         one more Etagere with that flag, beside the others
 *     npm run bench -- --beside /path/to/checkout         one more Etagere, as it was built there
 *     npm run bench -- --quick                            whether everything runs, and answers are right; nothing is measured
 */
import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installed } from '../peers/packages.ts';
import { type Contestant, etagereContestants, peerContestant } from './contestants.ts';
import { divideCores } from './cores.ts';
import { benchOptions, type BenchOptions } from './options.ts';
import { startOrigin } from './origin.ts';
import { peers } from './peers.ts';
import { inRounds, loadOn, type Stage } from './rounds.ts';
import { loadTable } from './tables.ts';
import { workloads } from './workloads.ts';

const generators = [{ debianPackage: 'wrk', program: '/usr/bin/wrk' }];

/** What nginx keeps in its folder, with room. */
const leastMemoryFolder = 6 * 2 ** 30;

const options = benchOptions(process.argv.slice(2));
// What was started ends with this program, whatever ends it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
const folder = mkdtempSync(join(memoryFolder(), 'etagere-bench-'));
// Some servers give up root's rights, and have their own folders in it.
chmodSync(folder, 0o755);
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
process.exitCode = await run(options);

async function run(asked: BenchOptions): Promise<number> {
  const contestants = await contestantsOf(asked);
  if ((await installed(generators)).length < generators.length) throw new Error('there is no load generator');
  const { serverLauncher, said } = divideCores();
  console.error(`${contestants.map(({ name, version }) => `${name} ${version}`).join(', ')}; ${said}`);
  const origin = await startOrigin(folder);
  try {
    const { rounds, seconds, quick } = asked;
    const stage = { origin, folder, launcher: serverLauncher, rounds, seconds, warmUpSeconds: quick ? 0 : 1 };
    return await runWorkloads(contestants, stage, asked);
  } finally {
    await origin.stop();
  }
}

/** The number of rows without figures. */
async function runWorkloads(contestants: readonly Contestant[], stage: Stage, { only }: BenchOptions): Promise<number> {
  let troubles = 0;
  for (const workload of workloads.filter(({ name }) => only === undefined || only.includes(name))) {
    console.error(`${workload.name} …`);
    const entrants = workload.settings.flatMap((setting) =>
      contestants.filter(({ settings }) => settings.includes(setting)).map((contestant) => ({ contestant, setting })),
    );
    const rows = await inRounds(entrants, loadOn(workload.load, stage.origin), stage);
    console.log(`\n## ${workload.title}\n\n${loadTable(workload, rows)}`);
    troubles += rows.filter(({ trouble }) => trouble !== undefined).length;
  }
  return troubles;
}

async function contestantsOf(asked: BenchOptions): Promise<readonly Contestant[]> {
  const wanted = (name: string): boolean => asked.servers === undefined || asked.servers.includes(name);
  const others = await installed(peers.filter(({ name }) => wanted(name)));
  const own = wanted('etagere') ? etagereContestants(asked) : [];
  return [...own, ...others.map(peerContestant)];
}

/** A folder in memory: a cache that keeps files is not to wait for a disk. */
function memoryFolder(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize >= leastMemoryFolder ? '/dev/shm' : tmpdir();
  } catch {
    return tmpdir();
  }
}
