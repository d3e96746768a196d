import type { Sequence, Step } from './sequence.ts';

/** Leaves out steps for as long as it fails without them: runs of many first, then fewer. Every part of a sequence is one. */
export async function shrunk(sequence: Sequence, fails: (smaller: Sequence) => Promise<boolean>): Promise<Sequence> {
  let smallest = sequence;
  for (let run = Math.ceil(sequence.steps.length / 2); run >= 1; run = run === 1 ? 0 : Math.ceil(run / 2)) {
    for (let at = 0; at < smallest.steps.length; ) {
      const steps: readonly Step[] = smallest.steps.toSpliced(at, run);
      const smaller = { ...smallest, steps };
      if (await fails(smaller)) smallest = smaller;
      else at += run;
    }
  }
  return smallest;
}
