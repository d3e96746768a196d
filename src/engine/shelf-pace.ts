import type { StoreWriter } from '../store/store.ts';
import type { Clock } from './clock.ts';
import { Deadline } from './deadline.ts';

export interface ShelfPatience {
  readonly clock: Clock;
  /** How long a shelf that is behind may keep nothing before it is left. */
  readonly shelfStallMs: number;
}

/** Knows whether a response on its way to a slower shelf has to wait for that: only as long as the shelf gets on. */
export class ShelfPace {
  readonly #writer: StoreWriter;
  readonly #changed: (takes: boolean) => void;
  readonly #stall: Deadline;
  #awaited: Promise<void> | undefined;
  #isOver = false;

  /** @param changed Called when nothing need wait any more; with false where nothing takes the response now. */
  constructor(writer: StoreWriter, { clock, shelfStallMs }: ShelfPatience, changed: (takes: boolean) => void) {
    this.#writer = writer;
    this.#changed = changed;
    this.#stall = new Deadline(clock, shelfStallMs, () => this.#leave());
  }

  get waits(): boolean {
    return this.#awaited !== undefined;
  }

  /** Something was written. */
  look(): void {
    if (this.#awaited === undefined && !this.#isOver) this.#await(this.#writer.behind);
  }

  /** Nothing more is written. */
  end(): void {
    this.#isOver = true;
    this.#await(undefined);
  }

  #await(behind: Promise<void> | undefined): void {
    this.#awaited = behind;
    this.#stall.holdWhile(false);
    if (behind === undefined) return;
    this.#stall.holdWhile(true);
    const look = (): void => this.#lookAgain(behind);
    behind.then(look, look);
  }

  #lookAgain(behind: Promise<void>): void {
    if (this.#awaited !== behind) return;
    this.#await(this.#writer.behind);
    if (!this.waits) this.#changed(true);
  }

  #leave(): void {
    this.#await(undefined);
    this.#changed(this.#writer.leaveBehind?.() === true);
  }
}
