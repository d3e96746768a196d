import { Seldom } from '../seldom.ts';

/** What goes wrong with the access log, which can't tell of it itself. */
export class LogTrouble {
  readonly #warn: (what: string) => void;
  readonly #seldom: Seldom;
  #lostLines = 0;

  /** `steady`: in milliseconds, and never set back. */
  constructor(warn: (what: string) => void, steady: () => number) {
    this.#warn = warn;
    this.#seldom = new Seldom(steady);
  }

  /** Since the start. */
  get lostLines(): number {
    return this.#lostLines;
  }

  /** Lines were thrown away, as those before them could not be written; told where somebody can mend that. */
  lost(lines: string, isTold: boolean): void {
    for (let at = lines.indexOf('\n'); at !== -1; at = lines.indexOf('\n', at + 1)) this.#lostLines++;
    if (!isTold || !this.#seldom.isDue()) return;
    this.#warn(`access log: lines are lost, ${this.#lostLines} so far: its reader is too slow, or its disk is full`);
  }

  /** Lines go on to the file that was moved away. */
  notReopened(why: string): void {
    this.#warn(`access log: it could not be opened anew, and goes on in the old file: ${why}`);
  }
}
