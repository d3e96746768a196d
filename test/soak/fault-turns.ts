import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../fuzz/random.ts';
import { type Fault, faults } from './faults.ts';
import type { Stage } from './stage.ts';

/** When something was wrong, by `performance.now`. */
export interface FaultWindow {
  readonly fault: Fault;
  readonly fromMs: number;
  /** When clients had nothing of it any more. */
  toMs: number;
}

/** What becomes of the faults. */
export interface FaultTurns {
  readonly windows: readonly FaultWindow[];
  /** What did not come of them that had to. */
  readonly failures: readonly string[];
  /** Resolves when the last one is over; none begins any more. */
  readonly stop: () => Promise<void>;
}

/** The longest that anything is wrong, in ms: a worker that is halted for 10 s is killed, and that is another fault. */
const longestMs = 5_000;

/** Begins one fault after the other, in an order that is drawn anew when each has had its turn. @param everyMs from one to the next: it lasts for a third of that at the most, and for another one its traces are excused */
export function faultTurns(stage: Stage, random: Random, everyMs: number): FaultTurns {
  const windows: FaultWindow[] = [];
  const failures: string[] = [];
  const over = new AbortController();
  const thirdMs = Math.min(longestMs, everyMs / 3);
  const wait = (ms: number): Promise<unknown> => pause(ms, undefined, { signal: over.signal }).catch(() => undefined);
  const turns = async (): Promise<void> => {
    for (let order: Fault[] = []; ; ) {
      if (order.length === 0)
        order = shuffled(
          faults.filter(({ isPossible }) => isPossible(stage)),
          random,
        );
      const fault = order.pop();
      if (fault === undefined) throw new Error('there is no fault that is possible');
      await wait(everyMs - 2 * thirdMs);
      if (over.signal.aborted) return;
      const window = { fault, fromMs: performance.now(), toMs: Infinity };
      windows.push(window);
      try {
        const end = await fault.begin(stage);
        await wait(thirdMs);
        await end();
      } catch (error) {
        failures.push(`${fault.name}: ${String(error)}`);
      }
      window.toMs = performance.now() + thirdMs;
      await wait(thirdMs);
    }
  };
  const done = turns();
  return {
    windows,
    failures,
    stop: async () => {
      over.abort();
      await done;
    },
  };
}

export function shuffled<T>(list: readonly T[], random: Random): T[] {
  const left = [...list];
  return list.map(() => left.splice(random.below(left.length), 1)).flat();
}
