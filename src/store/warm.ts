import type { EpochMs } from '../http/message.ts';
import type { Place } from './backing.ts';
import type { HotList, LowerShelf } from './lower.ts';
import type { MemoryStore } from './memory.ts';
import { Pace } from './pace.ts';

/** What was used most is written down so often: what a process that is killed knew of it is that old at most. */
const saveEveryMs = 30_000;

/** Of so many keys it is remembered which were used last. */
const mostKeys = 8_192;

/** Memory is filled up to this share of its limit: the rest is for what is asked for now. */
const fillShare = 0.9;

export interface WarmParts {
  readonly memory: Pick<MemoryStore, 'lastUsed' | 'peek' | 'stats'>;
  readonly lower: Pick<LowerShelf, 'placeOf'>;
  readonly hot: HotList;
  /** Brings what lies there into memory; resolves when it has, or will not. */
  readonly bring: (place: Place) => Promise<void>;
  readonly clock: {
    readonly steady: () => EpochMs;
    readonly schedule: (delayMs: number, callback: () => void) => () => void;
  };
  /** For filling memory, in milliseconds; 0: it is not filled. */
  readonly warmMs: number;
}

/** Has memory begin with what was used most when the process ran last, as far as a time allows, and writes down from time to time what that is. */
export class Warm {
  readonly #parts: WarmParts;
  #isClosed = false;
  /** Until memory was filled it does not show what is used. */
  #isFilled = false;
  #unschedule: (() => void) | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(parts: WarmParts) {
    this.#parts = parts;
  }

  /** Fills memory, and resolves when that is over; requests go on beside it. What fails leaves memory as it is. */
  async start(): Promise<void> {
    try {
      await this.#fill();
    } catch {
      // It begins cold, then: the shelf beneath has counted the trouble.
    }
    this.#isFilled = true;
    this.#saveLater();
  }

  /** Resolves when it was written down for the last time. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unschedule?.();
    await this.#saving;
    if (this.#isFilled) await this.#save();
  }

  async #fill(): Promise<void> {
    const { hot, bring, memory, clock, warmMs } = this.#parts;
    const until = clock.steady() + warmMs;
    if (warmMs === 0) return;
    const pace = new Pace();
    for (const place of await hot.read(mostKeys)) {
      const { bytesUsed, bytesLimit } = memory.stats();
      if (this.#isClosed || clock.steady() >= until || bytesUsed > bytesLimit * fillShare) return;
      await bring(place);
      if (pace.isOver()) await pace.rest();
    }
  }

  #saveLater(): void {
    if (this.#isClosed) return;
    this.#unschedule = this.#parts.clock.schedule(saveEveryMs, () => {
      this.#saving = this.#save();
      void this.#saving.then(() => this.#saveLater());
    });
  }

  async #save(): Promise<void> {
    const { hot, memory, lower } = this.#parts;
    const places: Place[] = [];
    const pace = new Pace();
    for (const key of memory.lastUsed(mostKeys)) {
      for (const { stored } of memory.peek(key)) places.push(lower.placeOf(stored));
      if (pace.isOver()) await pace.rest();
    }
    try {
      await hot.save(places);
    } catch {
      // The list before it stays; the shelf beneath has counted the trouble.
    }
  }
}
