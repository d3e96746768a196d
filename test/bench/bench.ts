/**
 * Measures what Etagere costs beside other caches, on this machine, each on one core. A complete run writes what it has measured into docs/performance.md, with its chart, and docs/scaling.md.
 *
 *     npm run bench                                       all
 *     npm run bench -- --only hit,miss --servers etagere,nginx --rounds 3 --seconds 2
 *     npm run bench -- --etagere-flag=--some-flag         one more Etagere with that flag, beside the others
 *     npm run bench -- --beside /path/to/checkout         one more Etagere, as it was built there
 *     npm run bench -- --only tiers --write               these figures go to their places in the pages
 *     npm run bench -- --quick                            whether everything runs, and answers are right; nothing is measured
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { installed } from '../peers/packages.ts';
import { baseline, type Contestant, etagereContestants, peerContestant } from './contestants.ts';
import { divideCores } from './cores.ts';
import { commitHere, thisMachine } from './machine.ts';
import { type BenchOptions, benchOptions, isComplete } from './options.ts';
import { startOrigin } from './origin.ts';
import { type MeasuredSection, type Measurement, updatedPage } from './page.ts';
import { hitChart } from './load-section.ts';
import { peerNamed, peers } from './peers.ts';
import { sections } from './sections.ts';
import type { Stage } from './stage.ts';
import { attempted } from './trouble.ts';

const tools = [
  peerNamed(baseline),
  { debianPackage: 'wrk', program: '/usr/bin/wrk' },
  { debianPackage: 'nghttp2-client', program: '/usr/bin/h2load' },
];

const inMemory = '/dev/shm';

/** What two caches keep in their folders, with room. */
const leastMemoryGib = 4;

const docs = new URL('../../docs/', import.meta.url);
/** Those with places for what is measured. */
const pages = ['performance.md', 'scaling.md'];
const args = process.argv.slice(2);
const command = ['npm run bench', ...(args.length === 0 ? [] : ['--', ...args])].join(' ');
const options = benchOptions(args, {
  workloads: [...sections.keys()],
  servers: ['etagere', ...peers.map(({ name }) => name)],
});
// What was started ends with this program, whatever ends it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
// One listener for each server that runs.
process.setMaxListeners(0);

const missing = [...(await missingTools()), ...missingMemory(options)];
if (missing.length > 0) {
  console.error(`NOTHING MEASURED: there is no ${missing.join(', no ')} here`);
  process.exitCode = options.quick ? 0 : 1;
} else {
  const measurement = await measure(options, ownFolder());
  if (isComplete(options) || options.write) write(measurement, isComplete(options));
  process.exitCode = measurement.sections.some(({ troubles }) => troubles > 0) ? 1 : 0;
}

async function measure(asked: BenchOptions, folder: string): Promise<Measurement> {
  const { rounds, seconds, quick } = asked;
  const contestants = await contestantsOf(asked);
  const { serverLauncher: launcher, said: cores } = divideCores();
  console.error(`${contestants.map(({ name, version }) => `${name} ${version}`).join(', ')}; ${cores}`);
  const origin = await startOrigin(folder);
  try {
    const warmUp = quick ? { warmUpSeconds: 0, firstWarmUpSeconds: 0 } : { warmUpSeconds: 1, firstWarmUpSeconds: 4 };
    const ground = { originPort: origin.port, folder, launcher };
    const stage = { origin, ground, rounds, seconds, quick, ...warmUp };
    const done = await measureAll(contestants, stage, asked);
    return {
      date: new Date().toISOString().slice(0, 10),
      command,
      commit: commitHere(),
      machine: thisMachine(),
      cores,
      rounds,
      seconds,
      contestants,
      sections: done,
    };
  } finally {
    await origin.stop();
  }
}

function write(measurement: Measurement, complete: boolean): void {
  for (const name of pages) {
    const page = new URL(name, docs);
    writeFileSync(page, updatedPage(readFileSync(page, 'utf8'), measurement, complete));
  }
  const chart = hitChart(measurement.sections);
  if (chart !== undefined) writeFileSync(new URL('performance.svg', docs), chart);
}

async function measureAll(
  contestants: readonly Contestant[],
  stage: Stage,
  { only }: BenchOptions,
): Promise<readonly MeasuredSection[]> {
  const done: MeasuredSection[] = [];
  for (const [name, work] of sections) {
    if (only !== undefined && !only.includes(name)) continue;
    console.error(`${name} …`);
    const [loadBefore = 0] = loadavg();
    const { value, trouble } = await attempted(name, () => work(contestants, stage, done));
    const section = value ?? { name, title: name, text: trouble ?? '', troubles: 1 };
    console.log(`\n## ${section.title}\n\n${section.text}`);
    done.push({ ...section, loadBefore });
  }
  return done;
}

async function contestantsOf(asked: BenchOptions): Promise<readonly Contestant[]> {
  const wanted = (name: string): boolean => asked.servers === undefined || asked.servers.includes(name);
  const others = await installed(peers.filter(({ name }) => wanted(name)));
  const own = wanted('etagere') ? etagereContestants(asked) : [];
  return [...own, ...others.map(peerContestant)];
}

/** What nothing can be measured without, and what can't be installed here. */
async function missingTools(): Promise<readonly string[]> {
  const here = await installed(tools);
  return tools.filter((tool) => !here.includes(tool)).map(({ program }) => program);
}

/** A cache that keeps files is not to wait for a disk, unless nothing is measured. */
function missingMemory({ quick }: BenchOptions): readonly string[] {
  return quick || hasRoomInMemory() ? [] : [`room for ${leastMemoryGib} GiB in ${inMemory}`];
}

function hasRoomInMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync(inMemory);
    return bavail * bsize >= leastMemoryGib * 2 ** 30;
  } catch {
    return false;
  }
}

/** For the files of all servers; gone when this program is. */
function ownFolder(): string {
  const folder = mkdtempSync(join(hasRoomInMemory() ? inMemory : tmpdir(), 'etagere-bench-'));
  // Some servers give up root's rights, and have their own folders in it.
  chmodSync(folder, 0o755);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
