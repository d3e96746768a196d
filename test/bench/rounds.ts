import type { RunningServer } from '../peers/peer-process.ts';
import { baseline, baselineSetting, type Contestant, type Setting } from './contestants.ts';
import { type Load, measure, prepare, type Sample } from './load.ts';
import type { Stage } from './stage.ts';
import { orderOf } from './statistics.ts';
import { attempted } from './trouble.ts';

/** One server in one workload. */
export interface Row {
  readonly contestant: Contestant;
  readonly setting: Setting;
  /** One for each round; none where something was wrong. */
  readonly samples: readonly Sample[];
  /** What was wrong. */
  readonly trouble?: string;
}

/** A server while it is measured. */
interface Runner {
  readonly contestant: Contestant;
  readonly setting: Setting;
  readonly samples: Sample[];
  server?: RunningServer;
  trouble?: string;
}

/**
 * All servers at the same load, in turns: what disturbs the machine for a while disturbs them all alike. A server with which something is wrong is
 * left out from there on, and has no figures.
 */
export async function inRounds(
  entrants: readonly Pick<Row, 'contestant' | 'setting'>[],
  load: Load,
  stage: Stage,
): Promise<readonly Row[]> {
  const runners: readonly Runner[] = entrants.map((entrant) => ({ ...entrant, samples: [] }));
  try {
    await Promise.all(runners.map((runner) => attempt(runner, () => start(runner, stage))));
    for (const runner of runners) await attempt(runner, () => firstContact(runner, load, stage));
    for (let round = 0; round < stage.rounds; round++) {
      for (const runner of orderOf(runners, round)) await attempt(runner, () => oneTurn(runner, load, stage));
    }
  } finally {
    await Promise.all(runners.map((runner) => attempted(labelOf(runner), async () => runner.server?.stop())));
  }
  return runners.map(({ contestant, setting, samples, trouble }) =>
    trouble === undefined ? { contestant, setting, samples } : { contestant, setting, samples: [], trouble },
  );
}

async function attempt(runner: Runner, work: () => Promise<void>): Promise<void> {
  if (runner.trouble !== undefined) return;
  const { trouble } = await attempted(labelOf(runner), work);
  if (trouble !== undefined) runner.trouble = trouble;
}

async function start(runner: Runner, { ground }: Stage): Promise<void> {
  runner.server = await runner.contestant.start(ground, runner.setting);
}

async function firstContact(runner: Runner, load: Load, { origin, firstWarmUpSeconds }: Stage): Promise<void> {
  const server = serverOf(runner);
  await prepare(load, server, origin);
  if (firstWarmUpSeconds > 0) await measure(load, server, origin, firstWarmUpSeconds);
}

async function oneTurn(runner: Runner, load: Load, { origin, seconds, warmUpSeconds }: Stage): Promise<void> {
  const server = serverOf(runner);
  if (warmUpSeconds > 0) await measure(load, server, origin, warmUpSeconds);
  runner.samples.push(await measure(load, server, origin, seconds));
}

/** `nginx, access log` */
export function labelOf({ contestant, setting }: Pick<Row, 'contestant' | 'setting'>): string {
  return setting === 'plain' ? contestant.name : `${contestant.name}, ${setting}`;
}

function serverOf({ server, contestant }: Runner): RunningServer {
  if (server === undefined) throw new Error(`${contestant.name} does not run`);
  return server;
}

/** One figure of a row divided by that of nginx in the same round, with a setting like it; empty where nginx has none. */
export function ratiosOf(row: Row, rows: readonly Row[], figure: (sample: Sample) => number): readonly number[] {
  const like = baselineSetting[row.setting];
  const base = rows.find(({ contestant, setting }) => contestant.name === baseline && setting === like);
  if (base === undefined || base === row || base.samples.length !== row.samples.length) return [];
  return row.samples.map((sample, round) => {
    const against = base.samples[round];
    return against === undefined ? NaN : figure(sample) / figure(against);
  });
}
