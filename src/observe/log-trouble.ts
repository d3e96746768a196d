/** How often lost lines are told of at most, in milliseconds. */
const betweenMs = 60_000;

/** What goes wrong with the access log, which can't tell of it itself. */
export class LogTrouble {
  readonly #warn: (what: string) => void;
  readonly #steady: () => number;
  #lostLines = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  /** `steady`: in milliseconds, and never set back. */
  constructor(warn: (what: string) => void, steady: () => number) {
    this.#warn = warn;
    this.#steady = steady;
  }

  /** Since the start. */
  get lostLines(): number {
    return this.#lostLines;
  }

  /** Lines were thrown away, as those before them could not be written; told where somebody can mend that. */
  lost(lines: string, isTold: boolean): void {
    for (let at = lines.indexOf('\n'); at !== -1; at = lines.indexOf('\n', at + 1)) this.#lostLines++;
    const now = this.#steady();
    if (!isTold || now - this.#toldAt < betweenMs) return;
    this.#toldAt = now;
    this.#warn(`access log: lines are lost, ${this.#lostLines} so far: its reader is too slow, or its disk is full`);
  }

  /** Lines go on to the file that was moved away. */
  notReopened(why: string): void {
    this.#warn(`access log: it could not be opened anew, and goes on in the old file: ${why}`);
  }
}
