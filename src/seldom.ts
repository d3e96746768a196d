/** How often the same is told at most, in milliseconds. */
const betweenMs = 60_000;

/** What may happen very often, and is told of once a minute. */
export class Seldom {
  readonly #steady: () => number;
  #toldAt = Number.NEGATIVE_INFINITY;

  /** `steady`: in milliseconds, and never set back. */
  constructor(steady: () => number) {
    this.#steady = steady;
  }

  /** Whether it is to be told now: whoever asks tells it then. */
  isDue(): boolean {
    const now = this.#steady();
    const due = now - this.#toldAt >= betweenMs;
    if (due) this.#toldAt = now;
    return due;
  }
}
