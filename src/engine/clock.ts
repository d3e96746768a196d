import type { EpochMs } from '../http/message.ts';

/**
 * Time, as the engine reads it. `steady` never jumps (ages and deadlines are differences of it); `wall` is what the world
 * calls now (Date and Expires are compared with it). A test moves both by hand.
 */
export interface Clock {
  /** Milliseconds since the epoch at start, plus what a monotonic clock has counted since. */
  steady(): EpochMs;
  wall(): EpochMs;
  /** Calls back once, after that many milliseconds of steady time; the result takes it back. Keeps no process alive. */
  schedule(delayMs: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  steady: () => performance.timeOrigin + performance.now(),
  wall: () => Date.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
