import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { atEnd } from './proxy-stage.ts';

/** How many requests an Etagere in this process has begun, and ended, since this was made; hits of the fast lane are in neither. */
export class RequestsUnderWay {
  readonly #counts = { start: 0, end: 0 };
  #waiting: (() => void)[] = [];

  constructor() {
    for (const point of ['start', 'end'] as const) {
      const count = (): void => {
        this.#counts[point]++;
        for (const wake of this.#waiting.splice(0)) wake();
      };
      subscribe(`etagere:request:${point}`, count);
      atEnd(() => unsubscribe(`etagere:request:${point}`, count));
    }
  }

  /** Resolves when so many have begun. */
  begun(count: number): Promise<void> {
    return this.#reached('start', count);
  }

  /** Resolves when so many have ended. */
  ended(count: number): Promise<void> {
    return this.#reached('end', count);
  }

  async #reached(point: 'start' | 'end', count: number): Promise<void> {
    while (this.#counts[point] < count) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }
}
