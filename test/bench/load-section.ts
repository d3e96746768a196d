import { barChart } from './chart.ts';
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

const hit = 'hit';

/** The rows about hits, where they were measured. */
function hitRows(sections: readonly Section[]): readonly Row[] | undefined {
  return sections.find((section): section is LoadSection => section.name === hit && 'rows' in section)?.rows;
}

/** CPU for one hit, by server; undefined where that was not measured. */
export function hitChart(sections: readonly Section[]): string | undefined {
  const bars = hitRows(sections)?.flatMap(({ contestant: { name, own }, samples }) =>
    samples.length === 0 ? [] : [{ name, own, value: median(samples.map(({ cpuUs }) => cpuUs)) }],
  );
  return bars === undefined ? undefined : barChart('CPU for one hit of 1 KiB, in microseconds', bars);
}

/** From the rounds of this run, or else measured now. Rejects when nginx can't be measured. */
async function nginxPeak(before: readonly Section[], stage: Stage): Promise<number> {
  const nginx = hitRows(before)?.find(isNginx) ?? (await hitsOfNginx(stage)).find(isNginx);
  return median(nginx?.samples.map(({ perSecond }) => perSecond) ?? []);
}

function isNginx({ contestant: { name }, samples }: Row): boolean {
  return name === baseline && samples.length > 0;
}

async function hitsOfNginx(stage: Stage): Promise<readonly Row[]> {
  const workload = workloads.find(({ name }) => name === hit);
  if (workload === undefined) throw new Error(`no workload ${hit}`);
  return (await loadSection(workload, [peerContestant(peerNamed(baseline))], stage, [])).rows;
}
