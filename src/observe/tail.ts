import type { TailRecord } from './statistics.ts';

/** Records that wait for a listener that is not ready for the next one. */
const maxWaiting = 1_000;

type Listener = (record: TailRecord) => void | Promise<void>;

/** Tells records to whoever listens at the time. */
export class Tail {
  readonly #followers = new Set<TailFollower>();

  /** Whether anybody listens: else there is no need to make records. */
  get isFollowed(): boolean {
    return this.#followers.size > 0;
  }

  follow(listener: Listener): () => void {
    const leave = (): void => void this.#followers.delete(follower);
    const follower = new TailFollower(listener, leave);
    this.#followers.add(follower);
    return () => {
      follower.stop();
      leave();
    };
  }

  tell(record: TailRecord): void {
    for (const follower of this.#followers) follower.offer(record);
  }
}

/** One listener, and what waits for it. */
class TailFollower {
  readonly #listener: Listener;
  readonly #leave: () => void;
  #waiting: TailRecord[] = [];
  #busy = false;
  #stopped = false;
  #lost = 0;

  constructor(listener: Listener, leave: () => void) {
    this.#listener = listener;
    this.#leave = leave;
  }

  offer(record: TailRecord): void {
    if (this.#waiting.length >= maxWaiting) {
      this.#lost += 1 + (record.lost ?? 0);
      return;
    }
    const told = this.#lost === 0 ? record : { ...record, lost: this.#lost + (record.lost ?? 0) };
    this.#lost = 0;
    this.#waiting.push(told);
    if (!this.#busy) this.#deliver();
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting = [];
  }

  /** Until nothing waits, or the listener wants time. One that fails hears nothing more: that is its own affair, not that of the request. */
  #deliver(): void {
    while (!this.#stopped) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      const ready = this.#hand(next);
      if (ready === undefined) continue;
      this.#busy = true;
      ready.then(this.#onReady, this.#onFailed);
      return;
    }
  }

  #hand(record: TailRecord): Promise<void> | undefined {
    try {
      return this.#listener(record) ?? undefined;
    } catch {
      this.#onFailed();
      return undefined;
    }
  }

  readonly #onReady = (): void => {
    this.#busy = false;
    this.#deliver();
  };

  readonly #onFailed = (): void => {
    this.stop();
    this.#leave();
  };
}
