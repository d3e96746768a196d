import type { GroupClock } from './health-checks.ts';
import type { HealthCause, ServerHealth } from './server-health.ts';

/** The health of one server, and who is told when it changes: also at the end of a time without requests, which nothing else would show. */
export class HealthWatch {
  readonly #health: ServerHealth;
  readonly #clock: GroupClock;
  readonly #onChange: (cause: HealthCause) => void;
  #wasUp = true;
  #downs = 0;
  #stopWaiting: () => void = () => undefined;
  #isClosed = false;

  /** `onChange`: once for each change, why. */
  constructor(health: ServerHealth, clock: GroupClock, onChange: (cause: HealthCause) => void) {
    this.#health = health;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** How often it went down. */
  get downs(): number {
    return this.#downs;
  }

  /** Whether it gets requests, at that steady time. */
  isUp(now: number): boolean {
    return this.#health.isUp(now);
  }

  /** A request to it has failed by its doing. */
  failed(): void {
    this.#notice(timeOver);
    this.#notice(this.#health.failed(this.#clock.steady()));
  }

  /** It has answered a check, well or not. */
  checked(isGood: boolean): void {
    this.#notice(timeOver);
    this.#notice(this.#health.checked(isGood));
  }

  /** Tells nothing any more. */
  close(): void {
    this.#isClosed = true;
    this.#stopWaiting();
  }

  #notice(cause: HealthCause | undefined): void {
    if (cause === undefined || this.#isClosed) return;
    const now = this.#clock.steady();
    const isUp = this.#health.isUp(now);
    this.#waitUntil(this.#health.ejectedUntil, now);
    if (isUp === this.#wasUp) return;
    this.#wasUp = isUp;
    if (!isUp) this.#downs++;
    this.#onChange(cause);
  }

  #waitUntil(end: number, now: number): void {
    this.#stopWaiting();
    if (end > now) this.#stopWaiting = this.#clock.schedule(end - now, () => this.#notice(timeOver));
  }
}

const timeOver: HealthCause = { kind: 'time-over' };
