import type { EpochMs } from '../http/message.ts';

/** Time, as shelves read it: that of the engine (`engine/clock.ts`). */
export interface ShelfClock {
  /** Milliseconds since the epoch at start, plus what a monotonic clock has counted since. */
  steady(): EpochMs;
  wall(): EpochMs;
  /** Calls back once, after that many milliseconds; the result takes it back. */
  schedule(delayMs: number, callback: () => void): () => void;
}

type BothTimes = Pick<ShelfClock, 'steady' | 'wall'>;

/** What a time of this process is called by all who share a shelf. */
export function wallTimeOf(steady: EpochMs, clock: BothTimes): EpochMs {
  return steady + (clock.wall() - clock.steady());
}

/** The other way round. */
export function steadyTimeOf(wall: EpochMs, clock: BothTimes): EpochMs {
  return wall - (clock.wall() - clock.steady());
}

/** When a lifetime has ended that somebody has ended at that wall time: their clock may be ahead of ours, and it is over now. */
export function endTimeOf(wall: EpochMs, clock: BothTimes): EpochMs {
  return Math.min(clock.steady(), steadyTimeOf(wall, clock));
}
