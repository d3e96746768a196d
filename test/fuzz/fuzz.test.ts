import { describe, expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';
import { Random } from './random.ts';
import { Counterexample, type FuzzTarget, hold } from './target.ts';
import { targets } from './targets.ts';

describe.each(targets)('whatever chance makes of it, $name', (target) => {
  // Over sockets each takes some milliseconds.
  const count = target.atOnce === undefined ? 300 : 60;

  it(`holds for ${count} executions`, async () => {
    const { failure, executions } = await fuzz(target, { seed: 1, executions: count });
    expect(failure).toBeUndefined();
    expect(executions).toBe(count);
  });
});

function drawn(seed: number): number[] {
  const random = new Random(seed);
  return Array.from({ length: 20 }, () => random.below(1_000));
}

describe('fuzzing', () => {
  const claim: FuzzTarget = {
    name: 'no sevens',
    run: (random) => hold('it is no seven', random.below(50) !== 7, 'seven'),
  };

  it('stops at what does not hold, and has it again with the seed that it tells', async () => {
    const first = await fuzz(claim, { seed: 1 });
    expect(first.failure?.error).toBeInstanceOf(Counterexample);
    const again = await fuzz(claim, { seed: first.failure?.seed ?? 0 });
    expect(again.executions).toBe(1);
    expect(again.failure?.error).toEqual(first.failure?.error);
  });

  it('takes its chance from the seed alone', () => {
    expect(drawn(3)).toEqual(drawn(3));
    expect(drawn(3)).not.toEqual(drawn(4));
    expect(new Random(3).cut('abcdefgh').join('')).toBe('abcdefgh');
  });
});
