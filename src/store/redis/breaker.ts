/**
 * PURE: whether a server is asked at all. After some calls in a row that took too long it is not, so that no client waits for what will not come; until it has answered a ping in time.
 */
export class Breaker {
  readonly #maxTimeouts: number;
  #timeouts = 0;

  constructor(maxTimeouts: number) {
    this.#maxTimeouts = maxTimeouts;
  }

  get isOpen(): boolean {
    return this.#timeouts >= this.#maxTimeouts;
  }

  /** Whether the last that was asked was answered in time. */
  get isPrompt(): boolean {
    return this.#timeouts === 0;
  }

  /** Something was answered in time. Nothing that was asked before it opened closes it again: only `reset` does. */
  answered(): void {
    if (!this.isOpen) this.#timeouts = 0;
  }

  /** Something took too long; true where this has opened it. */
  timedOut(): boolean {
    this.#timeouts++;
    return this.#timeouts === this.#maxTimeouts;
  }

  /** Opens it; true where it was closed. */
  trip(): boolean {
    const wasOpen = this.isOpen;
    this.#timeouts = this.#maxTimeouts;
    return !wasOpen;
  }

  reset(): void {
    this.#timeouts = 0;
  }
}
