import type { Clock } from '../engine/clock.ts';
import { maxWatchedPeers, maxWrongTokens, wrongTokenMs, wrongTokensAWarning } from './limits.ts';

/** What sends wrong tokens: one after the other it may, many at once not. It holds no token, and forgets whoever has not tried for long. */
export class WrongTokens {
  readonly #clock: Pick<Clock, 'steady'>;
  readonly #onWarning: (text: string) => void;
  /** By address: when all tries are there again, in milliseconds of steady time. Who tried last is last. */
  readonly #settledAt = new Map<string, number>();
  #count = 0;

  /** @param onWarning Is told of the first wrong token, and of some that follow: one line. */
  constructor(clock: Pick<Clock, 'steady'>, onWarning: (text: string) => void) {
    this.#clock = clock;
    this.#onWarning = onWarning;
  }

  /** Whether no token of that peer is looked at for now: also not the right one, as its answer would tell it from the others. */
  isHeld(peer: string): boolean {
    const settledAt = this.#settledAt.get(peer);
    return settledAt !== undefined && settledAt - this.#clock.steady() > (maxWrongTokens - 1) * wrongTokenMs;
  }

  /** That peer has sent a wrong one. */
  note(peer: string): void {
    const now = this.#clock.steady();
    const settledAt = Math.max(this.#settledAt.get(peer) ?? now, now) + wrongTokenMs;
    this.#settledAt.delete(peer);
    this.#settledAt.set(peer, settledAt);
    if (this.#settledAt.size > maxWatchedPeers) this.#forgetOldest();
    if (this.#count++ % wrongTokensAWarning === 0) {
      const many = this.#count === 1 ? 'a wrong token' : `${this.#count} wrong tokens so far, the last one`;
      this.#onWarning(`the admin API got ${many} from ${peer}`);
    }
  }

  #forgetOldest(): void {
    for (const peer of this.#settledAt.keys()) {
      this.#settledAt.delete(peer);
      return;
    }
  }
}
