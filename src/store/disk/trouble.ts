import type { After } from './afterwards.ts';
import { reasonOf } from './refused.ts';

/** What LMDB says, as long as the process lasts, of a database that it could not bring into order after a write had failed. */
const panicCode = -30_795;

/** From one attempt to the next, in ms. */
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

export interface TroubleParts {
  /** One line for the operator. */
  readonly warn: (line: string) => void;
  readonly after: After;
  /** Whether it works again: rejects where it does not. */
  readonly attempt: () => Promise<void>;
  readonly directory: string;
}

/** Whether the disk does what it is asked for. After something went wrong nothing is put on it, until an attempt has shown that it works again. */
export class Trouble {
  readonly #parts: TroubleParts;
  #isUp = true;
  #callOff: (() => void) | undefined;
  #pauseMs = firstPauseMs;
  #closed = false;
  #isLost = false;
  /** Calls that failed, since the start. */
  failures = 0;

  constructor(parts: TroubleParts) {
    this.#parts = parts;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** A call failed, as it may now and then: for the figures only. */
  count(): void {
    this.failures += 1;
  }

  /** Writing failed. */
  failed(error: unknown): void {
    this.failures += 1;
    if (!this.#isUp || this.#closed) return;
    this.#isUp = false;
    this.#pauseMs = firstPauseMs;
    const { warn, directory } = this.#parts;
    if (isPanic(error)) this.#lose(error);
    else warn(`nothing new is stored in ${directory} until that works again: ${reasonOf(error)}`);
    this.#wait();
  }

  close(): void {
    this.#closed = true;
    this.#callOff?.();
  }

  /** It will not work again before the next start, which is told once. */
  #lose(error: unknown): void {
    if (this.#isLost) return;
    this.#isLost = true;
    const { warn, directory } = this.#parts;
    warn(
      `the shelf in ${directory} is lost to this process (${reasonOf(error)}): memory and the origins answer; restart Etagere to have it again`,
    );
  }

  #wait(): void {
    this.#callOff = this.#parts.after(this.#pauseMs, () => {
      void this.#attempt();
    });
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }

  async #attempt(): Promise<void> {
    try {
      await this.#parts.attempt();
    } catch (error) {
      this.failures += 1;
      if (this.#closed) return;
      if (isPanic(error)) this.#lose(error);
      this.#wait();
      return;
    }
    if (this.#closed) return;
    this.#isUp = true;
    this.#parts.warn(`${this.#parts.directory} can be written to again`);
  }
}

function isPanic(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === panicCode;
}
