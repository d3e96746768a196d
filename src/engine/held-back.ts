import type { Clock } from './clock.ts';
import type { Limits } from './limits.ts';

export interface HeldBackParts {
  readonly clock: Pick<Clock, 'schedule'>;
  readonly limits: Pick<Limits, 'shelfStallMs'>;
}

/** The fill that a response came to. */
export interface Holding {
  /** Whether nobody wants to hear of the response any more. */
  readonly isOver: boolean;
  /** Has the origin go on. */
  resume(): void;
  /** Something was thrown where it was told of an event. */
  broke(cause: unknown): void;
}

/** A response whose head has to wait until others know what it has changed, with what the origin sends behind it: all of that is heard of in its order, and later only. */
export class HeldBack {
  readonly #parts: HeldBackParts;
  readonly #fill: Holding;
  #events: (() => void)[] | undefined;

  constructor(parts: HeldBackParts, fill: Holding) {
    this.#parts = parts;
    this.#fill = fill;
  }

  /** Whether what comes now has to be added. */
  get isHolding(): boolean {
    return this.#events !== undefined;
  }

  add(event: () => void): void {
    this.#events?.push(event);
  }

  /** Holds the head back until that is settled, which never rejects: at most for as long as a shelf is waited for. */
  hold(until: Promise<unknown>, head: () => void): void {
    const { clock, limits } = this.#parts;
    this.#events = [head];
    const goOn = (): void => {
      cancel();
      this.#letGo();
    };
    const cancel = clock.schedule(limits.shelfStallMs, goOn);
    void until.then(goOn);
  }

  #letGo(): void {
    const events = this.#events;
    if (events === undefined) return;
    if (!this.#fill.isOver) this.#fill.resume();
    try {
      // It grows while it is walked, where the origin goes on.
      for (const event of events) if (!this.#fill.isOver) event();
    } catch (cause) {
      this.#fill.broke(cause);
    }
    this.#events = undefined;
  }
}
