import { pulseMs, silentMs } from './limits.ts';

/** Whether a worker still answers. Its silence is counted in beats and not by the clock: where it was this process that stood still, that is one beat. */
export class Pulse {
  readonly #ask: () => void;
  readonly #isSilent: () => void;
  #timer: NodeJS.Timeout | undefined;
  #unanswered = 0;
  #isOver = false;

  /**
   * @param ask Asks the worker for a sign of life.
   * @param isSilent Is called once, when there was none for too long.
   */
  constructor(ask: () => void, isSilent: () => void) {
    this.#ask = ask;
    this.#isSilent = isSilent;
  }

  /** It has said something. With the first time it begins to be asked: what it takes to begin depends on the machine. */
  heard(): void {
    this.#unanswered = 0;
    if (!this.#isOver) this.#timer ??= setInterval(() => this.#beat(), pulseMs);
  }

  stop(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
  }

  #beat(): void {
    if (this.#unanswered * pulseMs >= silentMs) {
      this.stop();
      this.#isSilent();
      return;
    }
    this.#unanswered += 1;
    this.#ask();
  }
}
