import { fieldsOf } from '../http/fields.ts';
import type { Origin } from './origin.ts';
import type { CheckThresholds } from './server-health.ts';

/** What is asked of each server to find out how it is. */
export interface HealthCheck extends CheckThresholds {
  /** Path and query. */
  readonly path: string;
  readonly intervalMs: number;
  /** For the head, which decides. The rest is read away for no longer than this, from the request on. */
  readonly timeoutMs: number;
  /** Statuses that are good, from and to inclusive. */
  readonly statuses: readonly (readonly [from: number, to: number])[];
}

/** Time, as a group reads it. */
export interface GroupClock {
  steady(): number;
  /** Calls back once, after that many milliseconds; the result takes it back. */
  schedule(delayMs: number, callback: () => void): () => void;
}

/** Who is asked, and who hears how that went. */
export interface CheckedServer {
  /** For checks alone, and closed with them: how busy clients keep a server must not make it look ill. */
  readonly origin: Origin;
  /** Sent as Host. */
  readonly authority: string;
  readonly health: { checked(isGood: boolean): void };
}

/** The checks of one server, one after another, from now until they are closed. */
export class HealthChecks {
  readonly #server: CheckedServer;
  readonly #check: HealthCheck;
  readonly #clock: GroupClock;
  #stopWaiting: () => void = () => undefined;
  #isClosed = false;

  constructor(server: CheckedServer, check: HealthCheck, clock: GroupClock) {
    this.#server = server;
    this.#check = check;
    this.#clock = clock;
    this.#askAfter(0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopWaiting();
    await this.#server.origin.close();
  }

  #askAfter(delayMs: number): void {
    if (!this.#isClosed) this.#stopWaiting = this.#clock.schedule(delayMs, () => this.#ask());
  }

  /** The head decides; the rest is read away, for the connection to be of use again, as long as there is time. */
  #ask(): void {
    const { path, timeoutMs, intervalMs, statuses } = this.#check;
    const { origin, authority, health } = this.#server;
    let hasHead = false;
    const end = (): void => {
      this.#stopWaiting();
      if (this.#isClosed) return;
      if (!hasHead) health.checked(false);
      this.#askAfter(intervalMs);
    };
    this.#stopWaiting = this.#clock.schedule(timeoutMs, () => {
      call.abort();
      end();
    });
    const fields = fieldsOf(['host', authority], ['user-agent', 'etagere-health-check']);
    const call = origin.request(
      { method: 'GET', target: path, fields, content: null },
      {
        onInterim: () => undefined,
        onHead: ({ status }) => {
          hasHead = true;
          health.checked(statuses.some(([from, to]) => status >= from && status <= to));
        },
        onData: () => undefined,
        onEnd: end,
        onError: end,
      },
    );
  }
}
