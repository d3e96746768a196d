import type { Claim, Claims } from '../store/claims.ts';
import type { Channel } from './channel.ts';
import { claimAnswerMs, claimWaitMs } from './limits.ts';
import type { ToPrimary, ToWorker } from './messages.ts';

/** So that of all workers one asks the origin for the same thing at a time. */
export class WorkerClaims implements Claims {
  readonly #channel: Channel<ToPrimary, ToWorker>;
  /** Those that have asked and not heard. */
  readonly #asked = new Map<number, (claim: Claim) => void>();
  /** Those that wait for others. */
  readonly #waiting = new Map<number, () => void>();
  #last = 0;

  constructor(channel: Channel<ToPrimary, ToWorker>) {
    this.#channel = channel;
    channel.listen((message) => {
      if (message.kind === 'granted') this.#granted(message.call);
      else if (message.kind === 'elsewhere') this.#elsewhere(message.call);
      else if (message.kind === 'over') this.#waiting.get(message.call)?.();
    });
  }

  claim(name: string): Promise<Claim> {
    const call = ++this.#last;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#asked.delete(call);
        // Should it have been granted after all, `granted` gives it back.
        resolve({ kind: 'granted', release: () => undefined });
      }, claimAnswerMs);
      this.#asked.set(call, (claim) => {
        clearTimeout(timer);
        this.#asked.delete(call);
        resolve(claim);
      });
      void this.#channel.send({ kind: 'claim', call, name });
    });
  }

  #granted(call: number): void {
    const release = (): void => void this.#channel.send({ kind: 'release', call });
    const asked = this.#asked.get(call);
    if (asked === undefined) release();
    else asked({ kind: 'granted', release: once(release) });
  }

  #elsewhere(call: number): void {
    const asked = this.#asked.get(call);
    if (asked === undefined) return;
    const done = new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(call);
        resolve();
      };
      const timer = setTimeout(end, claimWaitMs);
      this.#waiting.set(call, end);
    });
    asked({ kind: 'elsewhere', done });
  }
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}
