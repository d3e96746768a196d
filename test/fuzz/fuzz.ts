import { setImmediate as turn } from 'node:timers/promises';
import { Random } from './random.ts';
import type { FuzzTarget } from './target.ts';

export interface FuzzOptions {
  /** Of the first execution; each later one has the next. */
  readonly seed: number;
  /** For how long, in milliseconds. */
  readonly ms?: number;
  /** At most so many executions. */
  readonly executions?: number;
  /** Is told the seed of an execution before it begins. */
  readonly onExecution?: (seed: number) => void;
}

/** What came of a target. */
export interface Report {
  readonly executions: number;
  readonly ms: number;
  /** What did not hold, and the seed of the execution in which it did not. */
  readonly failure: { readonly error: unknown; readonly seed: number } | undefined;
}

/** Executions after which the clock is looked at, and others get a turn. */
const batch = 64;

/** Executes a target until its time is over, or something does not hold. */
export async function fuzz(target: FuzzTarget, options: FuzzOptions): Promise<Report> {
  const { seed, ms = Number.POSITIVE_INFINITY, executions: most = Number.POSITIVE_INFINITY, onExecution } = options;
  const began = performance.now();
  let executions = 0;
  let failure: Report['failure'];
  const isOver = (): boolean => failure !== undefined || executions >= most || performance.now() - began > ms;
  const execute = async (): Promise<void> => {
    for (let count = 0; executions < most; count++) {
      if (target.atOnce !== undefined || count % batch === 0) {
        await turn();
        if (isOver()) return;
      }
      const own = (seed + executions++) % 2 ** 32;
      onExecution?.(own);
      try {
        const running = target.run(new Random(own));
        if (running !== undefined) await running;
      } catch (error) {
        failure ??= { error, seed: own };
        return;
      }
    }
  };
  await target.begin?.();
  try {
    await Promise.all(Array.from({ length: target.atOnce ?? 1 }, execute));
  } finally {
    await target.end?.();
  }
  return { executions, ms: performance.now() - began, failure };
}
