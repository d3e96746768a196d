import { markdownTable } from '../markdown-table.ts';
import { memoryPromise } from '../process-figures.ts';
import type { Contestant } from './contestants.ts';
import { limitMebibytes, peakUnder, pressures, promisedBytes } from './memory-limit.ts';
import { shelf, weightOfShelf } from './memory-weight.ts';
import type { Section } from './section.ts';
import type { Stage } from './stage.ts';
import { attempted } from './trouble.ts';

/** What a shelf weighs, and whether the process keeps to its limit. Of Etagere only. */
export async function memorySection(contestants: readonly Contestant[], stage: Stage): Promise<Section> {
  const weights: (readonly string[])[] = [];
  const peaks: (readonly string[])[] = [];
  let troubles = 0;
  const row = async (label: readonly string[], work: () => Promise<readonly string[]>): Promise<readonly string[]> => {
    const { value, trouble } = await attempted(label.join(', '), work);
    if (trouble !== undefined) troubles += 1;
    return [...label, ...(value ?? [trouble ?? ''])];
  };
  for (const contestant of contestants) {
    weights.push(await row([contestant.name], () => weightCells(contestant, stage)));
    for (const pressure of pressures) {
      peaks.push(
        await row([contestant.name, pressure.what], async () => [
          mebibytes(await peakUnder(pressure, contestant, stage)),
          `≤ ${mebibytes(promisedBytes)}`,
        ]),
      );
    }
  }
  const text = `A shelf at \`--memory ${shelf}\`. What is beyond key, head and content is the cost of keeping them, garbage that is not collected yet included.

${markdownTable(['server', 'responses stored', 'process before, MiB', 'and after', 'bytes for each', 'of them key, head, content', 'beyond'], weights)}

A shelf at \`--memory ${limitMebibytes}mb\`, of which far more is asked than it has room for: the largest memory of the process. The goal is ${memoryPromise}.

${markdownTable(['server', 'load', 'peak MiB', 'goal'], peaks)}`;
  return { name: 'memory', title: 'Memory', text, troubles };
}

async function weightCells(contestant: Contestant, stage: Stage): Promise<readonly string[]> {
  const { stored, before, after, texts } = await weightOfShelf(contestant, stage);
  const each = (after - before) / stored;
  return [
    String(stored),
    mebibytes(before),
    mebibytes(after),
    each.toFixed(0),
    String(texts),
    (each - texts).toFixed(0),
  ];
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
