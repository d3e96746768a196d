import type { EpochMs } from '../http/message.ts';
import type { Activity } from './activity.ts';
import type { ManualClock } from './manual-clock.ts';

/** How time passes, and how long to wait for what may still come. */
export interface PassingTime {
  now(): EpochMs;
  advance(ms: number): Promise<void>;
  jump?(ms: number): void;
  /** Until nothing has moved for a while. */
  quiet(): Promise<void>;
}

/** Rounds of the event loop after which loopback sockets in this process have nothing left to deliver. */
const quietRounds = 25;

/** The fixture's time. Everything is in this process, so quiet means that the event loop turns and nothing comes. */
export class MovedTime implements PassingTime {
  readonly #clock: ManualClock;
  readonly #activity: Activity;

  constructor(clock: ManualClock, activity: Activity) {
    this.#clock = clock;
    this.#activity = activity;
  }

  now(): EpochMs {
    return this.#clock.wall();
  }

  advance(ms: number): Promise<void> {
    return this.#clock.advance(ms, () => this.quiet());
  }

  jump(ms: number): void {
    this.#clock.jump(ms);
  }

  async quiet(): Promise<void> {
    for (let round = 0, last = this.#activity.count; round < quietRounds; round++) {
      await eventLoopRound();
      if (this.#activity.count !== last) round = 0;
      last = this.#activity.count;
    }
  }
}

/** The world's time: a fixture of ten seconds takes ten seconds, and a little more for what is played meanwhile. */
export class RealTime implements PassingTime {
  readonly #activity: Activity;
  readonly #quietMs: number;

  /** `quietMs` is how long nothing may move before the world counts as quiet. */
  constructor(activity: Activity, quietMs: number) {
    this.#activity = activity;
    this.#quietMs = quietMs;
  }

  now(): EpochMs {
    return Date.now();
  }

  advance(ms: number): Promise<void> {
    return passing(ms);
  }

  async quiet(): Promise<void> {
    for (;;) {
      if (await this.#activity.next(this.#quietMs)) continue;
      // When this process was busy, the timer may be over before what lies in the sockets was read.
      const last = this.#activity.count;
      await eventLoopRound();
      await eventLoopRound();
      if (this.#activity.count === last) return;
    }
  }
}

/**
 * Until a second of the wall clock begins. Many caches count whole seconds: a fixture that starts with a second and does not dawdle
 * sees the same numbers there as in its own time.
 */
export function untilNextSecond(): Promise<void> {
  return passing(1_000 - (Date.now() % 1_000));
}

function passing(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function eventLoopRound(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
