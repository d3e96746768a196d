import type { Clock } from './clock.ts';

/** A deadline that holds while a state lasts, and begins anew each time that state does. */
export class Deadline {
  readonly #clock: Clock;
  readonly #delayMs: number;
  readonly #passed: () => void;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, delayMs: number, passed: () => void) {
    this.#clock = clock;
    this.#delayMs = delayMs;
    this.#passed = passed;
  }

  /** Says whether the state lasts. */
  holdWhile(lasts: boolean): void {
    if (lasts) {
      this.#cancel ??= this.#clock.schedule(this.#delayMs, this.#passed);
    } else {
      this.#cancel?.();
      this.#cancel = undefined;
    }
  }
}
