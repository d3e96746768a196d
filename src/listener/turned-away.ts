import { Seldom } from '../seldom.ts';

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
  readonly #seldom: Seldom;

  constructor(options: TurnedAwayOptions) {
    this.#options = options;
    this.#seldom = new Seldom(options.steady);
  }

  /** One more. */
  note(): void {
    this.#count += 1;
    if (!this.#seldom.isDue()) return;
    const { limit, warn } = this.#options;
    const full = `as many clients are connected as --client-connections allows (${limit})`;
    warn(`${full}: who comes now is closed without an answer, ${this.#count} since the start`);
  }
}
