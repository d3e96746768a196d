import { baseline, type Contestant, peerContestant } from './contestants.ts';
import { peerNamed } from './peers.ts';
import { inRounds, type Row } from './rounds.ts';
import type { Section } from './section.ts';
import type { Stage } from './stage.ts';
import { median } from './statistics.ts';
import { loadTable } from './tables.ts';
import { type Workload, workloads } from './workloads.ts';

/** A section about servers under one load. */
export interface LoadSection extends Section {
  readonly rows: readonly Row[];
}

/** Measures all servers under one load. What was measured before may say how much it has to be. */
export async function loadSection(
  workload: Workload,
  contestants: readonly Contestant[],
  stage: Stage,
  before: readonly Section[],
): Promise<LoadSection> {
  const { folder } = stage.ground;
  const load = await workload.load({ folder, quick: stage.quick, nginxPeak: () => nginxPeak(before, stage) });
  const rows = await inRounds(entrantsOf(workload, contestants), load, stage);
  const troubles = rows.filter(({ trouble }) => trouble !== undefined).length;
  return { name: workload.name, title: workload.title, text: loadTable(workload, rows), troubles, rows };
}

function entrantsOf(
  { settings: wanted }: Workload,
  contestants: readonly Contestant[],
): readonly Pick<Row, 'contestant' | 'setting'>[] {
  return wanted.flatMap((setting) =>
    contestants.filter(({ settings }) => settings.includes(setting)).map((contestant) => ({ contestant, setting })),
  );
}

const peakWorkload = 'hit';

/** From the rounds of this run, or else measured now. */
async function nginxPeak(before: readonly Section[], stage: Stage): Promise<number> {
  const known = before.find((section): section is LoadSection => section.name === peakWorkload && 'rows' in section);
  const workload = workloads.find(({ name }) => name === peakWorkload);
  if (workload === undefined) throw new Error(`no workload ${peakWorkload}`);
  const rows = known?.rows ?? (await loadSection(workload, [peerContestant(peerNamed(baseline))], stage, [])).rows;
  const nginx = rows.find(({ contestant }) => contestant.name === baseline);
  if (nginx !== undefined) return median(nginx.samples.map(({ perSecond }) => perSecond));
  return nginxPeak([], stage);
}
