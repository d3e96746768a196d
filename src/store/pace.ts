import { setImmediate as turn } from 'node:timers/promises';

/** How long requests wait at most for work that goes over a shelf. */
const turnMs = 2;

/** Lets requests go on beside long work. */
export class Pace {
  #until = performance.now() + turnMs;

  isOver(): boolean {
    return performance.now() > this.#until;
  }

  async rest(): Promise<void> {
    await turn();
    this.#until = performance.now() + turnMs;
  }
}
