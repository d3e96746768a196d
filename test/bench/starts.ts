import { markdownTable } from '../markdown-table.ts';
import type { Contestant } from './contestants.ts';
import { probe } from './probe.ts';
import type { Section } from './section.ts';
import type { Stage } from './stage.ts';
import { orderOf } from './statistics.ts';
import { around } from './tables.ts';
import { attempted } from './trouble.ts';

const path = '/hit';

/** How long it takes from the start of a process to its first answer, which is a miss. */
export async function startSection(contestants: readonly Contestant[], stage: Stage): Promise<Section> {
  const rows: (readonly string[])[] = [];
  let troubles = 0;
  const times = new Map(contestants.map((contestant) => [contestant, [] as number[]]));
  for (let round = 0; round < stage.rounds; round++) {
    for (const [contestant, ms] of orderOf([...times], round)) {
      const { value } = await attempted(contestant.name, () => firstAnswerMs(contestant, stage));
      if (value === undefined) troubles += 1;
      else ms.push(value);
    }
  }
  for (const [{ name, own }, ms] of times) {
    if (ms.length > 0) rows.push([name, around(ms, 0), own ? '< 300' : '']);
  }
  const text = markdownTable(['server', 'ms to the first answer', 'goal'], rows);
  return { name: 'start', title: 'From the start of the process to its first answer', text, troubles };
}

async function firstAnswerMs(contestant: Contestant, { ground }: Stage): Promise<number> {
  const began = performance.now();
  const server = await contestant.start(ground, 'plain');
  try {
    const { status } = await probe(server.url + path, []);
    if (status !== 200) throw new Error(`${contestant.name} answers ${status}`);
    return performance.now() - began;
  } finally {
    await server.stop();
  }
}
