/** Passive health: a server with `failures` failures within `withinMs`, however many requests went well between them, gets no requests for `forMs`. */
export interface Ejection {
  readonly failures: number;
  readonly withinMs: number;
  readonly forMs: number;
}

/** How often in a row the answer to a check has to differ to change what is thought of a server. */
export interface CheckThresholds {
  /** Good answers until a server that was ill gets requests again. */
  readonly healthyAfter: number;
  /** Bad or missing answers until a server that was well gets none. */
  readonly unhealthyAfter: number;
}

/** Why it may be thought otherwise of a server than before. */
export type HealthCause =
  /** So many checks in a row, to a server that was well. */
  | { readonly kind: 'bad-checks'; readonly inARow: number }
  /** So many checks in a row, to a server that was ill. */
  | { readonly kind: 'good-checks'; readonly inARow: number }
  /** More failures than it may have. */
  | ({ readonly kind: 'failures' } & Ejection)
  /** It has got no requests for as long as that was to be. */
  | { readonly kind: 'time-over' };

/** What is thought of one server: by the requests that are sent anyway, and by those that are sent to find out. Times are steady, in milliseconds. */
export class ServerHealth {
  readonly #ejection: Ejection | undefined;
  readonly #thresholds: CheckThresholds | undefined;
  #failedAt: number[] = [];
  #ejectedUntil = Number.NEGATIVE_INFINITY;
  /** Checks in a row that say otherwise than what is thought. */
  #otherwise = 0;
  #isHealthy = true;

  constructor(ejection: Ejection | undefined, thresholds: CheckThresholds | undefined) {
    this.#ejection = ejection;
    this.#thresholds = thresholds;
  }

  /** Whether it gets requests. */
  isUp(now: number): boolean {
    return this.#isHealthy && now >= this.#ejectedUntil;
  }

  /** Until then it gets no requests for what it failed at. */
  get ejectedUntil(): number {
    return this.#ejectedUntil;
  }

  /** A request has failed by its doing. The cause, where it gets none from now on. */
  failed(now: number): HealthCause | undefined {
    if (this.#ejection === undefined) return undefined;
    const { failures, withinMs, forMs } = this.#ejection;
    this.#failedAt = [...this.#failedAt.filter((at) => now - at < withinMs), now].slice(-failures);
    if (this.#failedAt.length < failures) return undefined;
    this.#failedAt = [];
    this.#ejectedUntil = now + forMs;
    return { kind: 'failures', ...this.#ejection };
  }

  /** A check has been answered well, or not. The cause, where what the checks say of it is another thing from now on. */
  checked(isGood: boolean): HealthCause | undefined {
    if (this.#thresholds === undefined) return undefined;
    this.#otherwise = isGood === this.#isHealthy ? 0 : this.#otherwise + 1;
    const needed = this.#isHealthy ? this.#thresholds.unhealthyAfter : this.#thresholds.healthyAfter;
    if (this.#otherwise < needed) return undefined;
    this.#otherwise = 0;
    this.#isHealthy = isGood;
    // What it failed at before it was ill says nothing of it any more.
    if (isGood) this.#ejectedUntil = Number.NEGATIVE_INFINITY;
    return { kind: isGood ? 'good-checks' : 'bad-checks', inARow: needed };
  }
}
