/**
 * Measures what Etagere costs beside other caches, on this machine, each on one core. A complete run writes docs/performance.md and its chart.
 *
 *     npm run bench                                       all
 *     npm run bench -- --only hit,miss --servers etagere,nginx --rounds 3 --seconds 2
 *     npm run bench -- --etagere-flag=--some-flag         one more Etagere with that flag, beside the others
 *     npm run bench -- --beside /path/to/checkout         one more Etagere, as it was built there
 *     npm run bench -- --quick                            whether everything runs, and answers are right; nothing is measured
 */
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installed } from '../peers/packages.ts';
import { baseline, type Contestant, etagereContestants, peerContestant } from './contestants.ts';
import { divideCores } from './cores.ts';
import { hitChart, loadSection } from './load-section.ts';
import { thisMachine } from './machine.ts';
import { memorySection } from './memory.ts';
import { type BenchOptions, benchOptions, isComplete } from './options.ts';
import { startOrigin } from './origin.ts';
import { type Measurement, performancePage } from './page.ts';
import { peerNamed, peers } from './peers.ts';
import type { Section } from './section.ts';
import type { Stage } from './stage.ts';
import { purgeSection } from './purges.ts';
import { startSection } from './starts.ts';
import { attempted } from './trouble.ts';
import { workloads } from './workloads.ts';

const tools = [
  peerNamed(baseline),
  { debianPackage: 'wrk', program: '/usr/bin/wrk' },
  { debianPackage: 'nghttp2-client', program: '/usr/bin/h2load' },
];

const inMemory = '/dev/shm';

/** What two caches keep in their folders, with room. */
const leastMemoryGib = 4;

type Measuring = (contestants: readonly Contestant[], stage: Stage, before: readonly Section[]) => Promise<Section>;

const sections: ReadonlyMap<string, Measuring> = new Map([
  ...workloads.map((workload): [string, Measuring] => [workload.name, (...given) => loadSection(workload, ...given)]),
  ['start', (contestants, stage) => startSection(contestants.filter(isOwnOrBaseline), stage)],
  ['memory', (contestants, stage) => memorySection(contestants.filter(isOwn), stage)],
  ['purge', (contestants, stage) => purgeSection(contestants.filter(isOwn), stage)],
]);

const docs = new URL('../../docs/', import.meta.url);
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
  if (isComplete(options)) write(measurement);
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

function write(measurement: Measurement): void {
  writeFileSync(new URL('performance.md', docs), performancePage(measurement));
  writeFileSync(new URL('performance.svg', docs), hitChart(measurement.sections));
}

async function measureAll(
  contestants: readonly Contestant[],
  stage: Stage,
  { only }: BenchOptions,
): Promise<readonly Section[]> {
  const done: Section[] = [];
  for (const [name, work] of sections) {
    if (only !== undefined && !only.includes(name)) continue;
    console.error(`${name} …`);
    const { value, trouble } = await attempted(name, () => work(contestants, stage, done));
    const section = value ?? { name, title: name, text: trouble ?? '', troubles: 1 };
    console.log(`\n## ${section.title}\n\n${section.text}`);
    done.push(section);
  }
  return done;
}

async function contestantsOf(asked: BenchOptions): Promise<readonly Contestant[]> {
  const wanted = (name: string): boolean => asked.servers === undefined || asked.servers.includes(name);
  const others = await installed(peers.filter(({ name }) => wanted(name)));
  const own = wanted('etagere') ? etagereContestants(asked) : [];
  return [...own, ...others.map(peerContestant)];
}

function isOwn({ own }: Contestant): boolean {
  return own;
}

function isOwnOrBaseline({ own, name }: Contestant): boolean {
  return own || name === baseline;
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
