import { baseline, type Contestant } from './contestants.ts';
import { fleetSection } from './fleet.ts';
import { hundredSection } from './hundred.ts';
import { loadSection } from './load-section.ts';
import { memorySection } from './memory.ts';
import { overloadSection } from './overload.ts';
import { purgeSection } from './purges.ts';
import { redisFaultsSection } from './redis-faults.ts';
import { shelfSection } from './shelf-on-disk.ts';
import { tiersSection } from './tiers.ts';
import { startSection } from './starts.ts';
import { workersSection } from './workers.ts';
import { workloads } from './workloads.ts';
import type { Section } from './section.ts';
import type { Stage } from './stage.ts';

/** Measures one section. What was measured before may say how. */
type Measuring = (contestants: readonly Contestant[], stage: Stage, before: readonly Section[]) => Promise<Section>;

/** All that the bench can measure, in the order in which it does, by the names of `--only`. */
export const sections: ReadonlyMap<string, Measuring> = new Map([
  ...workloads.map((workload): [string, Measuring] => [workload.name, (...given) => loadSection(workload, ...given)]),
  ['start', (contestants, stage) => startSection(contestants.filter(isOwnOrBaseline), stage)],
  ['memory', (contestants, stage) => memorySection(contestants.filter(isOwn), stage)],
  ['purge', (contestants, stage) => purgeSection(contestants.filter(isOwn), stage)],
  ['shelf', (_contestants, stage) => shelfSection(stage)],
  ['tiers', (contestants, stage) => tiersSection(contestants.filter(isOwn), stage)],
  ['fleet', (contestants, stage) => fleetSection(contestants.filter(isOwn), stage)],
  ['hundred', (_contestants, stage) => hundredSection(stage)],
  ['faults-redis', (contestants, stage) => redisFaultsSection(contestants.filter(isOwn), stage)],
  ['overload', (contestants, stage) => overloadSection(contestants.filter(isOwn), stage)],
  ['workers', (contestants, stage) => workersSection(contestants.filter(isOwn), stage)],
]);

function isOwn({ own }: Contestant): boolean {
  return own;
}

function isOwnOrBaseline({ own, name }: Contestant): boolean {
  return own || name === baseline;
}
