import type { EpochMs } from '../http/message.ts';
import { type Outcome, outsideRatio } from './outcome.ts';
import type { SecondRow } from './statistics.ts';

/** What is remembered, the second under way included. */
export const rememberedSeconds = 120;

/** What happened in each of the last seconds. */
export class RecentSeconds {
  readonly #requests = new Float64Array(rememberedSeconds);
  readonly #lookups = new Float64Array(rememberedSeconds);
  readonly #hits = new Float64Array(rememberedSeconds);
  readonly #bytes = new Float64Array(rememberedSeconds);
  readonly #errors = new Float64Array(rememberedSeconds);
  /** The second under way, since the epoch. */
  #second: number;
  #slot: number;

  constructor(now: EpochMs) {
    this.#second = Math.floor(now / 1000);
    this.#slot = this.#second % rememberedSeconds;
  }

  count(now: EpochMs, outcome: Outcome, bytes: number, failed: boolean): void {
    this.#advance(now);
    const slot = this.#slot;
    this.#requests[slot] = (this.#requests[slot] ?? 0) + 1;
    if (!outsideRatio.has(outcome)) this.#lookups[slot] = (this.#lookups[slot] ?? 0) + 1;
    if (outcome === 'hit') this.#hits[slot] = (this.#hits[slot] ?? 0) + 1;
    this.#bytes[slot] = (this.#bytes[slot] ?? 0) + bytes;
    if (failed) this.#errors[slot] = (this.#errors[slot] ?? 0) + 1;
  }

  /** Oldest first. */
  rows(now: EpochMs): readonly SecondRow[] {
    this.#advance(now);
    return Array.from({ length: rememberedSeconds }, (_, index) => {
      const slot = (this.#slot + 1 + index) % rememberedSeconds;
      return {
        at: (this.#second - rememberedSeconds + 1 + index) * 1000,
        requests: this.#requests[slot] ?? 0,
        lookups: this.#lookups[slot] ?? 0,
        hits: this.#hits[slot] ?? 0,
        bytes: this.#bytes[slot] ?? 0,
        errors: this.#errors[slot] ?? 0,
      };
    });
  }

  /** Empties the seconds that have begun since the last call. A clock that was set back counts on in the second it had reached. */
  #advance(now: EpochMs): void {
    const second = Math.floor(now / 1000);
    const passed = Math.min(second - this.#second, rememberedSeconds);
    if (passed <= 0) return;
    for (let step = 1; step <= passed; step++) {
      const slot = (second - passed + step) % rememberedSeconds;
      for (const column of [this.#requests, this.#lookups, this.#hits, this.#bytes, this.#errors]) column[slot] = 0;
    }
    this.#second = second;
    this.#slot = second % rememberedSeconds;
  }
}
