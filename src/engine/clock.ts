import type { EpochMs } from '../http/message.ts';

/**
 * Time, as the engine reads it. `steady` never jumps (ages and deadlines are differences of it); `wall` is what the world
 * calls now (Date and Expires are compared with it). A test moves both by hand.
 */
export interface Clock {
  /** Milliseconds since the epoch at start, plus what a monotonic clock has counted since. */
  steady(): EpochMs;
  wall(): EpochMs;
}

export const systemClock: Clock = {
  steady: () => performance.timeOrigin + performance.now(),
  wall: () => Date.now(),
};
