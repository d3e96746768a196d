import type { After } from '../../src/store/disk/afterwards.ts';

/** How long anybody waits for something that is under way, in ms. */
const patienceMs = 10_000;

/** What is to be done later, and is so when a test says. */
export class Later {
  readonly #tasks = new Map<() => void, number>();

  readonly after: After = (ms, task) => {
    const own = (): void => task();
    this.#tasks.set(own, ms);
    return () => void this.#tasks.delete(own);
  };

  get count(): number {
    return this.#tasks.size;
  }

  /** All patience is at its end. */
  losePatience(): void {
    this.#run((ms) => ms === patienceMs);
  }

  /** Time passes, but not while something is under way. */
  pass(): void {
    this.#run((ms) => ms !== patienceMs);
  }

  #run(isDue: (ms: number) => boolean): void {
    const due = [...this.#tasks].filter(([, ms]) => isDue(ms));
    for (const [task] of due) if (this.#tasks.delete(task)) task();
  }
}
