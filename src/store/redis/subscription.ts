import type { Endpoint } from './address.ts';
import type { RedisLimits } from './limits.ts';
import { Link } from './link.ts';

export interface SubscriptionParts {
  readonly endpoint: () => Endpoint;
  readonly channels: readonly string[];
  readonly limits: RedisLimits;
  readonly heard: (channel: string, message: string) => void;
  /** It hears from now on; what was said before, it may have missed. */
  readonly began: () => void;
  /** It does not hear any more, and will try to. */
  readonly failed: (reason: Error) => void;
}

/** What is published to some channels, on a connection of its own. */
export class Subscription {
  readonly #limits: RedisLimits;
  readonly #link: Link;
  #lastHeard = 0;

  constructor(parts: SubscriptionParts) {
    const { endpoint, channels, limits, heard, began, failed } = parts;
    this.#limits = limits;
    this.#link = new Link({
      endpoint,
      connectMs: limits.connectMs,
      maxRetryMs: limits.maxRetryMs,
      opened: (connection) =>
        connection.subscribe(channels, (message, channel) => {
          this.#lastHeard = performance.now();
          heard(channel, message);
        }),
      up: () => {
        this.#lastHeard = performance.now();
        began();
      },
      down: failed,
    });
  }

  get isOpen(): boolean {
    return this.#link.connection !== undefined;
  }

  open(): Promise<void> {
    return this.#link.open();
  }

  /** To be called while there should be something to hear, more often than each `deafMs`: connects anew where nothing was. */
  check(): void {
    if (!this.isOpen || performance.now() - this.#lastHeard < this.#limits.deafMs) return;
    this.#link.drop(new Error('nothing was heard any more'));
  }

  close(): void {
    this.#link.close();
  }
}
