import { Problem } from './api.ts';
import { timeOfDay } from './format.ts';

/** Whether what is live goes on, and whether Etagere answers: said in the header. */
export class Pace {
  readonly #status: HTMLElement;
  #held = false;
  #lostAt: number | undefined;

  constructor(status: HTMLElement) {
    this.#status = status;
  }

  get held(): boolean {
    return this.#held;
  }

  set held(held: boolean) {
    this.#held = held;
    this.#say(held ? 'Paused' : 'Live', held ? 'paused' : 'live');
  }

  answered(): void {
    this.#lostAt = undefined;
    if (!this.#held) this.#say('Live', 'live');
  }

  failed(error: unknown): void {
    this.#lostAt ??= Date.now();
    const what = error instanceof Problem ? error.message : String(error);
    this.#say(`${what} (since ${timeOfDay(this.#lostAt)})`, 'lost');
  }

  /** Only what is new: a status is read aloud whenever it is written. */
  #say(text: string, state: string): void {
    if (this.#status.textContent === text) return;
    this.#status.textContent = text;
    this.#status.className = state;
  }
}

/** Does something again and again while it is wanted: one at a time, and not while nobody can see it. */
export class Poll {
  readonly #task: () => Promise<void>;
  readonly #everyMs: number;
  readonly #pace: Pace;
  #timer: number | undefined;
  #round = 0;

  constructor(task: () => Promise<void>, everyMs: number, pace: Pace) {
    this.#task = task;
    this.#everyMs = everyMs;
    this.#pace = pace;
  }

  start(): void {
    this.stop();
    void this.#run(this.#round, true);
  }

  stop(): void {
    this.#round += 1;
    window.clearTimeout(this.#timer);
  }

  /** The first time also while paused: else there would be nothing to look at. */
  async #run(round: number, first: boolean): Promise<void> {
    if (first || !(this.#pace.held || document.hidden)) {
      await this.#task().catch((error: unknown) => this.#pace.failed(error));
    }
    if (round === this.#round) this.#timer = window.setTimeout(() => void this.#run(round, false), this.#everyMs);
  }
}
