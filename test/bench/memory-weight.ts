import type { RunningServer } from '../peers/peer-process.ts';
import { processTree, residentMemory } from '../process-figures.ts';
import type { Contestant } from './contestants.ts';
import { fill } from './filling.ts';
import { probe } from './probe.ts';
import type { Stage } from './stage.ts';
import { runWrk } from './wrk.ts';

/** What a filled shelf weighs, in bytes. */
export interface Weight {
  readonly stored: number;
  /** Resident memory of the process when it had worked, with an empty shelf. */
  readonly before: number;
  readonly after: number;
  /** What one of the responses is: its key, its head and its content. */
  readonly texts: number;
}

const prefix = '/weight/';
const aMillion = 1_000_000;
const few = 2_000;

/** Enough for a million. */
export const shelf = '4gb';

/** Stored before all others, and looked for at the end. */
const samples = 200;

/** Fills a shelf, and makes sure that all of it is there. */
export async function weightOfShelf(contestant: Contestant, { origin, ground, quick }: Stage): Promise<Weight> {
  const server = await contestant.start({ ...ground, ownFlags: ['--memory', shelf] }, 'plain');
  try {
    const seconds = quick ? 1 : 5;
    await runWrk({ url: `${server.url}/hit`, fields: [], connections: 64, seconds });
    const before = residentMemory(processTree(server.pid));
    await askForOldest(server);
    const stored = await fill(server, origin, {
      prefix,
      objects: quick ? few : aMillion,
      seconds,
    });
    const after = residentMemory(processTree(server.pid));
    const gone = await askForOldest(server);
    if (gone > 0) throw new Error(`of the first ${samples} responses ${gone} are not on the shelf any more`);
    const url = `${server.url}${prefix}oldest-0`;
    return { stored, before, after, texts: url.length + (await probe(url, [])).totalBytes };
  } finally {
    await server.stop();
  }
}

/** Asks for what goes first where something has to, and says how many of the answers were no hits. */
async function askForOldest(server: RunningServer): Promise<number> {
  let missed = 0;
  for (let number = 0; number < samples; number++) {
    const { fields } = await probe(`${server.url}${prefix}oldest-${number}`, []);
    if (!/;\s*hit\b/.test(fields.get('cache-status') ?? '')) missed += 1;
  }
  return missed;
}
