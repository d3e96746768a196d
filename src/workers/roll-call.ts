import type { Answered } from './messages.ts';

/** One who is asked. */
export interface Asked {
  readonly worker: number;
  readonly instance: string;
}

interface Call {
  readonly began: number;
  readonly asked: ReadonlyMap<number, string>;
  readonly missing: Set<number>;
  readonly answers: Map<number, Answered>;
  readonly done: () => void;
}

/** Asks several workers the same, and waits for them for a bounded time; for one that has gone, no longer. */
export class RollCall {
  readonly #steady: () => number;
  readonly #calls = new Map<number, Call>();
  #last = 0;

  /** `steady`: in milliseconds, and never set back. */
  constructor(steady: () => number) {
    this.#steady = steady;
  }

  /**
   * Resolves with one answer for each who was asked and is there still.
   * @param ask Is called for each with the number of this call, by which the answer is given.
   */
  async call(
    whom: readonly Asked[],
    waitMs: number,
    ask: (worker: number, asking: number) => void,
  ): Promise<Answered[]> {
    const asking = ++this.#last;
    const asked = new Map(whom.map(({ worker, instance }) => [worker, instance]));
    let timer: NodeJS.Timeout | undefined;
    const answers = new Map<number, Answered>();
    const missing = new Set(asked.keys());
    await new Promise<void>((resolve) => {
      this.#calls.set(asking, { began: this.#steady(), asked, missing, answers, done: resolve });
      for (const worker of asked.keys()) ask(worker, asking);
      if (missing.size === 0) resolve();
      else timer = setTimeout(resolve, waitMs);
    });
    clearTimeout(timer);
    this.#calls.delete(asking);
    for (const worker of missing) {
      answers.set(worker, { instance: asked.get(worker) ?? '', ms: undefined, answer: undefined });
    }
    return [...asked.keys()].flatMap((worker) => answers.get(worker) ?? []);
  }

  answer(worker: number, asking: number, answer: unknown): void {
    const call = this.#calls.get(asking);
    if (call === undefined || !call.missing.delete(worker)) return;
    const instance = call.asked.get(worker) ?? '';
    call.answers.set(worker, { instance, ms: this.#steady() - call.began, answer });
    if (call.missing.size === 0) call.done();
  }

  /** A worker has gone: nobody waits for it, and it is not among the answers. */
  leave(worker: number): void {
    for (const { missing, done } of this.#calls.values()) {
      if (missing.delete(worker) && missing.size === 0) done();
    }
  }
}
