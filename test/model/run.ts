/**
 * Random sequences against the model, and then what is broken on purpose, which it has to see: `npm run test:model -- --sequences 100000`. `--seed N` says where to begin; with
 * `--sequences 1` that is one of them again, and nothing else.
 */
import { parseArgs } from 'node:util';
import { breakages } from './breakages.ts';
import { sequenceOf } from './generate.ts';
import { violationIn } from './play.ts';
import { shrunk } from './shrink.ts';

const { values } = parseArgs({ options: { sequences: { type: 'string', default: '2000' }, seed: { type: 'string' } } });
const sequences = Number(values.sequences);
const first = Number(values.seed ?? Date.now() % 2 ** 31);
const noteEvery = 1_000;
/** So many at the most, from the first seed there is, until one shows what is broken. */
const untilSeen = 5_000;

process.exitCode = (await isSound()) && (sequences === 1 || (await seesBreakages())) ? 0 : 1;

/** Stops at the first sequence in which something does not hold. */
async function isSound(): Promise<boolean> {
  const began = performance.now();
  let steps = 0;
  console.log(`${sequences} sequences from seed ${first}`);
  for (let seed = first; seed < first + sequences; seed++) {
    const sequence = sequenceOf(seed);
    steps += sequence.steps.length;
    const violation = await violationIn(sequence);
    const played = seed - first + 1;
    if (violation === undefined && played % noteEvery === 0) console.log(`${played} played`);
    if (violation === undefined) continue;
    console.error(`seed ${seed}: ${violation.invariant}: ${violation.says}`);
    const isSame = async (smaller: typeof sequence): Promise<boolean> =>
      (await violationIn(smaller))?.invariant === violation.invariant;
    const { steps: left, ...ground } = await shrunk(sequence, isSame);
    console.error(
      ['The least that shows it:', JSON.stringify(ground), ...left.map((step) => JSON.stringify(step))].join('\n'),
    );
    return false;
  }
  console.log(`${steps} steps, no violation, ${((performance.now() - began) / 1_000).toFixed(0)} s`);
  return true;
}

async function seesBreakages(): Promise<boolean> {
  const unseen: string[] = [];
  for (const broken of breakages) {
    const seen = await sequencesUntilSeen(broken);
    if (seen === undefined) unseen.push(broken.name);
    else console.log(`sees that ${broken.name}, in sequence ${seen}`);
  }
  for (const name of unseen) console.error(`does not see that ${name}`);
  return unseen.length === 0;
}

async function sequencesUntilSeen({ breakage, breaks }: (typeof breakages)[number]): Promise<number | undefined> {
  for (let seed = 1; seed <= untilSeen; seed++) {
    const violation = await violationIn(sequenceOf(seed), breakage);
    if (violation !== undefined && breaks.includes(violation.invariant)) return seed;
  }
  return undefined;
}
