import type { RunningServer } from '../peers/peer-process.ts';
import { baseline, type Contestant, type Setting } from './contestants.ts';
import { type Load, measure, prepare, type Sample } from './load.ts';
import type { Origin } from './origin.ts';
import { orderOf } from './statistics.ts';

/** Where and how long everything is measured. */
export interface Stage {
  readonly origin: Origin;
  /** In memory, if the machine has such a place. */
  readonly folder: string;
  /** The command that runs a server on its core. */
  readonly launcher: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

/** One server in one workload. */
export interface Row {
  readonly contestant: Contestant;
  readonly setting: Setting;
  /** One for each round; none where something was wrong. */
  readonly samples: readonly Sample[];
  /** What was wrong. */
  readonly trouble?: string;
}

/** What is measured of each server, once in each round. */
export interface Measurable {
  prepare(server: RunningServer): Promise<void>;
  measure(server: RunningServer, seconds: number): Promise<Sample>;
}

export function loadOn(load: Load, origin: Origin): Measurable {
  return {
    prepare: (server) => prepare(load, server, origin),
    measure: (server, seconds) => measure(load, server, origin, seconds),
  };
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
  measurable: Measurable,
  stage: Stage,
): Promise<readonly Row[]> {
  const runners: readonly Runner[] = entrants.map((entrant) => ({ ...entrant, samples: [] }));
  try {
    await Promise.all(runners.map((runner) => attempt(runner, () => start(runner, stage))));
    for (const runner of runners) await attempt(runner, async () => measurable.prepare(serverOf(runner)));
    for (let round = 0; round < stage.rounds; round++) {
      for (const runner of orderOf(runners, round)) await attempt(runner, () => oneTurn(runner, measurable, stage));
    }
  } finally {
    await Promise.all(runners.map(async ({ server }) => server?.stop()));
  }
  return runners.map(({ contestant, setting, samples, trouble }) =>
    trouble === undefined ? { contestant, setting, samples } : { contestant, setting, samples: [], trouble },
  );
}

async function attempt(runner: Runner, work: () => Promise<void>): Promise<void> {
  if (runner.trouble !== undefined) return;
  try {
    await work();
  } catch (error) {
    runner.trouble = error instanceof Error ? error.message : String(error);
    console.error(`NOT MEASURED: ${runner.contestant.name}: ${runner.trouble}`);
  }
}

async function start(runner: Runner, { origin, folder, launcher }: Stage): Promise<void> {
  runner.server = await runner.contestant.start({ originPort: origin.port, folder, launcher }, runner.setting);
}

async function oneTurn(runner: Runner, measurable: Measurable, { seconds, warmUpSeconds }: Stage): Promise<void> {
  const server = serverOf(runner);
  if (warmUpSeconds > 0) await measurable.measure(server, warmUpSeconds);
  runner.samples.push(await measurable.measure(server, seconds));
}

function serverOf({ server, contestant }: Runner): RunningServer {
  if (server === undefined) throw new Error(`${contestant.name} does not run`);
  return server;
}

/** One figure of a row divided by that of nginx with the same setting in the same round; empty where nginx has none. */
export function ratiosOf(row: Row, rows: readonly Row[], figure: (sample: Sample) => number): readonly number[] {
  const base = rows.find(({ contestant, setting }) => contestant.name === baseline && setting === row.setting);
  if (base === undefined || base === row || base.samples.length !== row.samples.length) return [];
  return row.samples.map((sample, round) => {
    const against = base.samples[round];
    return against === undefined ? NaN : figure(sample) / figure(against);
  });
}
