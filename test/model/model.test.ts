import { describe, expect, it } from 'vitest';
import { breakages } from './breakages.ts';
import { sequenceOf } from './generate.ts';
import { violationIn } from './play.ts';
import { shrunk } from './shrink.ts';

/** `npm run test:model` plays more, and all that may be broken. */
const seeds = Array.from({ length: 50 }, (_, index) => index + 1);

describe('the model', () => {
  it('finds nothing in what is whole', async () => {
    for (const seed of seeds) expect(await violationIn(sequenceOf(seed))).toBeUndefined();
  });

  const often = [
    'what responses nominate is forgotten',
    'a purge is not done',
    'what is stored gets no older',
    'an end is lost',
  ];

  it.each(breakages.filter(({ name }) => often.includes(name)))('sees that $name', async ({ breakage, breaks }) => {
    const isBroken = async (seed: number): Promise<boolean> => {
      const violation = await violationIn(sequenceOf(seed), breakage);
      return violation !== undefined && breaks.includes(violation.invariant);
    };
    let seen: number | undefined;
    for (const seed of seeds) if (seen === undefined && (await isBroken(seed))) seen = seed;
    expect(seen).toBeDefined();
  });

  it('draws the same sequence from the same seed, and another from another', () => {
    expect(sequenceOf(7)).toEqual(sequenceOf(7));
    expect(sequenceOf(7)).not.toEqual(sequenceOf(8));
  });

  it('shrinks a sequence to the steps that it takes', async () => {
    const sequence = sequenceOf(3);
    const needed = sequence.steps.filter(({ kind }) => kind === 'request').slice(0, 2);
    const smallest = await shrunk(sequence, async ({ steps }) => needed.every((step) => steps.includes(step)));
    expect(smallest.steps).toEqual(needed);
  });
});
