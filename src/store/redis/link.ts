import { type Endpoint, nameOf } from './address.ts';
import { type Connection, connect, within } from './connection.ts';

export interface LinkParts {
  /** Where to connect to, each time. */
  readonly endpoint: () => Endpoint;
  readonly connectMs: number;
  readonly maxRetryMs: number;
  /** What has to be done before it is in use, within `connectMs`. */
  readonly opened?: (connection: Connection) => Promise<void>;
  /** It is in use. */
  readonly up: () => void;
  /** It is lost, or could not be made; it will be tried again. */
  readonly down: (reason: Error) => void;
}

const firstRetryMs = 50;

/** Keeps one connection open: what is lost is made anew, after pauses that grow up to a bound. */
export class Link {
  readonly #parts: LinkParts;
  #connection: Connection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #attempts = 0;
  #closed = false;

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  /** Undefined while there is none. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Resolves when the first attempt is over, however it went. To be called once. */
  async open(): Promise<void> {
    const { endpoint, connectMs, opened, up } = this.#parts;
    let made: Connection | undefined;
    let lostEarly: Error | undefined;
    try {
      const there = endpoint();
      made = await connect(there, connectMs, (reason) => {
        lostEarly = reason;
        this.#lost(made, reason);
      });
      if (opened !== undefined) await within(opened(made), connectMs, `no answer from ${nameOf(there)}`);
      if (lostEarly !== undefined) throw lostEarly;
    } catch (error) {
      made?.close();
      this.#again(error as Error);
      return;
    }
    if (this.#closed) return made.close();
    this.#connection = made;
    this.#attempts = 0;
    up();
  }

  /** Gives this connection up for a new one. */
  drop(reason: Error): void {
    const connection = this.#connection;
    connection?.close();
    this.#lost(connection, reason);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#connection?.close();
    this.#connection = undefined;
  }

  #lost(connection: Connection | undefined, reason: Error): void {
    if (connection === undefined || connection !== this.#connection) return;
    this.#connection = undefined;
    this.#again(reason);
  }

  #again(reason: Error): void {
    if (this.#closed) return;
    this.#parts.down(reason);
    const pause = Math.min(firstRetryMs * 2 ** this.#attempts, this.#parts.maxRetryMs);
    this.#attempts = Math.min(this.#attempts + 1, 16);
    // Instances that were cut off together must not come back all at once.
    this.#timer = setTimeout(() => void this.open(), pause * (0.5 + Math.random() / 2));
    this.#timer.unref();
  }
}
