import type { Random } from './random.ts';

/** Something that reads what others have written, and what is to hold whatever that is. */
export interface FuzzTarget {
  readonly name: string;
  /** How many executions may be under way at once; 1 unless said. */
  readonly atOnce?: number;
  /** Makes what the executions need. */
  readonly begin?: () => Promise<void>;
  /** One execution, with all its chance from there. Throws or rejects where the claim does not hold: with a `Counterexample` where the input is known. */
  readonly run: (random: Random) => void | Promise<void>;
  readonly end?: () => Promise<void>;
}

/** What does not hold, and for which input. */
export class Counterexample extends Error {
  readonly input: unknown;

  constructor(claim: string, input: unknown, options?: ErrorOptions) {
    super(claim, options);
    this.name = 'Counterexample';
    this.input = input;
  }
}

/** @throws Counterexample where the claim does not hold */
export function hold(claim: string, holds: boolean, input: unknown): asserts holds {
  if (!holds) throw new Counterexample(claim, input);
}

/** @throws Counterexample in the place of whatever is thrown */
export function holdQuiet<T>(name: string, input: unknown, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof Counterexample) throw cause;
    throw new Counterexample(`${name} never throws, and did: ${String(cause)}`, input, { cause });
  }
}
