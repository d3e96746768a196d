import { cpus } from 'node:os';
import { markdownTable } from '../markdown-table.ts';
import { cpuMs, processTree } from '../process-figures.ts';
import type { RunningServer } from '../peers/peer-process.ts';
import type { Contestant } from './contestants.ts';
import type { HeadFields } from './probe.ts';
import { probe } from './probe.ts';
import { replacementsMs } from './replacement.ts';
import type { Section } from './section.ts';
import type { Stage } from './stage.ts';
import { median, orderOf } from './statistics.ts';
import { around } from './tables.ts';
import { type Attempted, attempted } from './trouble.ts';
import { runWrk } from './wrk.ts';

const path = '/hit';
const counts = [1, 2] as const;
const mostReplacementMs = 2_000;

interface Kind {
  readonly what: string;
  readonly fields: HeadFields;
}

const kinds: readonly Kind[] = [
  { what: 'hits over connections that are kept', fields: [] },
  { what: 'hits, each over a connection of its own', fields: [['Connection', 'close']] },
];

/** How much more two workers answer than one, where nothing but the processor limits them. Of Etagere only: it is against itself. */
export async function workersSection(contestants: readonly Contestant[], stage: Stage): Promise<Section> {
  const rows: (readonly string[])[] = [];
  const replacements: (readonly string[])[] = [];
  let troubles = 0;
  for (const contestant of contestants) {
    const { value, trouble } = await attempted(contestant.name, () => ratiosOf(contestant, stage));
    const replaced = await attempted(contestant.name, () => replacementsMs(contestant, stage));
    troubles += [trouble, replaced.trouble].filter((each) => each !== undefined).length;
    rows.push(...(value ?? [[contestant.name, trouble ?? '']]));
    replacements.push([contestant.name, ...replacementCells(replaced)]);
  }
  const text = `Requests in a second with \`--workers 2\`, as a multiple of those with one process in the same round. All cores are everybody's here, the load generator's as well: it takes a part of what the second worker could have. CPU is that of all processes of the server for one request: as
long as it is the same for two workers, they answer twice as much where each has a core for itself.

${markdownTable(['server', 'requests', 'one process, per second', 'two workers, per second', 'ratio', 'µs CPU, one process', 'µs CPU, two workers'], rows)}

A worker that is killed is replaced. The time is from the SIGKILL of one of two until one that was not there has answered a request, by the process that has the other end of its connection.

${markdownTable(['server', 'times', 'ms until a new worker answers', 'goal'], replacements)}`;
  return { name: 'workers', title: 'Two workers', text, troubles };
}

function replacementCells({ value, trouble }: Attempted<readonly number[]>): readonly string[] {
  return value === undefined ? [trouble] : [String(value.length), around(value, 0), `≤ ${mostReplacementMs}`];
}

async function ratiosOf(contestant: Contestant, stage: Stage): Promise<readonly string[][]> {
  const everyCore = ['taskset', '--cpu-list', `0-${cpus().length - 1}`];
  const launcher = stage.ground.launcher.length === 0 ? [] : everyCore;
  const servers: RunningServer[] = [];
  try {
    for (const count of counts) {
      const ownFlags = ['--workers', String(count)];
      servers.push(await contestant.start({ ...stage.ground, launcher, ownFlags }, 'plain'));
    }
    const rows: string[][] = [];
    for (const kind of kinds) rows.push([contestant.name, kind.what, ...(await figuresOf(kind, servers, stage))]);
    return rows;
  } finally {
    for (const server of servers) await server.stop();
  }
}

async function figuresOf(
  { fields }: Kind,
  servers: readonly RunningServer[],
  { rounds, seconds }: Stage,
): Promise<readonly string[]> {
  const rates: number[][] = servers.map(() => []);
  const cpuUs: number[][] = servers.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const index of orderOf([...servers.keys()], round)) {
      const { url: base = '', pid = 0 } = servers[index] ?? {};
      const url = base + path;
      await probe(url, []);
      const before = cpuMs(processTree(pid));
      const { requests, durationUs, badStatus, broken } = await runWrk({ url, fields, connections: 64, seconds });
      if (badStatus + broken > 0) throw new Error(`${badStatus} bad answers, ${broken} broken`);
      rates[index]?.push((requests * 1e6) / durationUs);
      cpuUs[index]?.push(((cpuMs(processTree(pid)) - before) * 1_000) / requests);
    }
  }
  const [one = [], two = []] = rates;
  const ratios = two.map((rate, round) => rate / (one[round] ?? NaN));
  return [median(one).toFixed(0), median(two).toFixed(0), around(ratios, 2), ...cpuUs.map((us) => around(us, 1))];
}
