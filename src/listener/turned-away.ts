/** How often it is told at most, in milliseconds. */
const betweenMs = 60_000;

export interface TurnedAwayOptions {
  /** How many connections of clients there may be. */
  readonly limit: number;
  readonly warn: (what: string) => void;
  /** In milliseconds, and never set back. */
  readonly steady: () => number;
}

/** Clients that were closed without an answer, as all places were taken: no log has them, and they are not told why. */
export class TurnedAway {
  readonly #options: TurnedAwayOptions;
  #count = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(options: TurnedAwayOptions) {
    this.#options = options;
  }

  /** One more. */
  note(): void {
    this.#count += 1;
    const { limit, warn, steady } = this.#options;
    const now = steady();
    if (now - this.#toldAt < betweenMs) return;
    this.#toldAt = now;
    const full = `as many clients are connected as --client-connections allows (${limit})`;
    warn(`${full}: who comes now is closed without an answer, ${this.#count} since the start`);
  }
}
