import type { Clock } from '../engine/clock.ts';
import type { EpochMs } from '../http/message.ts';

interface Alarm {
  readonly at: EpochMs;
  readonly callback: () => void;
}

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  #steady: EpochMs;
  #wall: EpochMs;
  readonly #alarms = new Set<Alarm>();

  constructor(start: EpochMs) {
    this.#steady = start;
    this.#wall = start;
  }

  steady(): EpochMs {
    return this.#steady;
  }

  wall(): EpochMs {
    return this.#wall;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const alarm: Alarm = { at: this.#steady + delayMs, callback };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** Sets the wall clock to another time; steady time does not notice. */
  jump(ms: number): void {
    this.#wall += ms;
  }

  /**
   * Lets time pass. Whoever asked to be called meanwhile is called at that time, the earliest first, and `settle` runs after
   * each, so that what one of them starts may schedule the next.
   */
  async advance(ms: number, settle: () => Promise<void>): Promise<void> {
    const end = this.#steady + ms;
    for (let alarm = this.#next(end); alarm !== undefined; alarm = this.#next(end)) {
      this.#alarms.delete(alarm);
      this.#move(Math.max(0, alarm.at - this.#steady));
      alarm.callback();
      await settle();
    }
    this.#move(end - this.#steady);
  }

  #next(end: EpochMs): Alarm | undefined {
    let next: Alarm | undefined;
    for (const alarm of this.#alarms) {
      if (alarm.at <= end && (next === undefined || alarm.at < next.at)) next = alarm;
    }
    return next;
  }

  #move(ms: number): void {
    this.#steady += ms;
    this.#wall += ms;
  }
}
