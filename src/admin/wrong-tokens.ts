import type { Clock } from '../engine/clock.ts';
import { networkOf } from '../http/peer-address.ts';
import { maxWatchedPeers, maxWrongTokens, wrongTokenMs, wrongTokensAWarning } from './limits.ts';

/**
 * Who sends wrong tokens: one after the other it may, many at once not. All addresses of an IPv6 network are one peer, or each would have tries of its own. It holds no
 * token, and forgets whoever has not tried for long.
 */
export class WrongTokens {
  readonly #clock: Pick<Clock, 'steady'>;
  readonly #onWarning: (text: string) => void;
  /** By network: when all tries are there again, in milliseconds of steady time. Who tried last is last. */
  readonly #settledAt = new Map<string, number>();
  #count = 0;

  /** @param onWarning Is told of the first wrong token, and of some that follow: one line. */
  constructor(clock: Pick<Clock, 'steady'>, onWarning: (text: string) => void) {
    this.#clock = clock;
    this.#onWarning = onWarning;
  }

  /** Whether that peer has sent too many for now. */
  isHeld(peer: string): boolean {
    const settledAt = this.#settledAt.get(networkOf(peer));
    return settledAt !== undefined && settledAt - this.#clock.steady() > (maxWrongTokens - 1) * wrongTokenMs;
  }

  /** That peer has sent a wrong one. */
  note(peer: string): void {
    const now = this.#clock.steady();
    const network = networkOf(peer);
    const settledAt = Math.max(this.#settledAt.get(network) ?? now, now) + wrongTokenMs;
    this.#settledAt.delete(network);
    this.#settledAt.set(network, settledAt);
    if (this.#settledAt.size > maxWatchedPeers) this.#forgetOldest();
    if (this.#count++ % wrongTokensAWarning === 0) {
      const many = this.#count === 1 ? 'a wrong token' : `${this.#count} wrong tokens so far, the last one`;
      this.#onWarning(`the admin API got ${many} from ${peer}`);
    }
  }

  #forgetOldest(): void {
    for (const network of this.#settledAt.keys()) {
      this.#settledAt.delete(network);
      return;
    }
  }
}
