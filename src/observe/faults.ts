import { Seldom } from '../seldom.ts';

/** Faults of Etagere itself, with the place where each was thrown: the log has no more of them than their code. */
export class Faults {
  readonly #warn: (trouble: unknown) => void;
  readonly #seldom: Seldom;
  #count = 0;

  /** `steady`: in milliseconds, and never set back. */
  constructor(warn: (trouble: unknown) => void, steady: () => number) {
    this.#warn = warn;
    this.#seldom = new Seldom(steady);
  }

  /** One request was answered with a 500 for that. */
  tell(cause: unknown): void {
    this.#count++;
    if (!this.#seldom.isDue()) return;
    const what = cause instanceof Error ? (cause.stack ?? String(cause)) : String(cause);
    this.#warn(`a fault of Etagere, ${this.#count} so far, which cost a request; please report it: ${what}`);
  }
}
