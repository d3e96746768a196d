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
    this.#sayWhether();
  }

  answered(): void {
    this.#lostAt = undefined;
    this.#sayWhether();
  }

  failed(error: unknown): void {
    this.#lostAt ??= Date.now();
    const what = error instanceof Problem ? error.message : String(error);
    this.#say(`${what} (since ${timeOfDay(this.#lostAt)})`, 'lost');
  }

  #sayWhether(): void {
    this.#say(this.#held ? 'Paused' : 'Live', this.#held ? 'paused' : 'live');
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
  /** Whether it has come off since the start. */
  #shown = false;

  constructor(task: () => Promise<void>, everyMs: number, pace: Pace) {
    this.#task = task;
    this.#everyMs = everyMs;
    this.#pace = pace;
  }

  start(): void {
    this.stop();
    this.#shown = false;
    void this.#run(this.#round, true);
  }

  stop(): void {
    this.#round += 1;
    window.clearTimeout(this.#timer);
  }

  /** Also while paused until there is something to look at, and the first time also while nobody can see it. */
  async #run(round: number, first: boolean): Promise<void> {
    const held = this.#pace.held && this.#shown;
    if (first || !(held || document.hidden)) {
      const shown = await this.#comesOff();
      if (round === this.#round) this.#shown ||= shown;
    }
    if (round === this.#round) this.#timer = window.setTimeout(() => void this.#run(round, false), this.#everyMs);
  }

  async #comesOff(): Promise<boolean> {
    try {
      await this.#task();
      return true;
    } catch (error) {
      this.#pace.failed(error);
      return false;
    }
  }
}
