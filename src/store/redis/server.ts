import { type Endpoint, nameOf } from './address.ts';
import { Breaker } from './breaker.ts';
import { type Argument, type Connection, RedisRefusal, RedisTimeout, within } from './connection.ts';
import type { RedisLimits } from './limits.ts';
import { Link } from './link.ts';
import { isOfCluster, remedyOf } from './remedy.ts';

export interface Within {
  readonly ms: number;
  /** Whether it is worth a try at a server that was too slow just now: where the alternative is an answer that breaks off. */
  readonly evenIfSlow?: boolean;
}

export interface ServerEvents {
  /** It can be used from now on: at first, and after each time that it could not. */
  readonly up: (server: Server) => void;
  readonly down: (server: Server, reason: Error) => void;
}

/** Keys where nothing ever is, by which it can be told what a server takes. */
export interface Witness {
  readonly key: string;
  /** One that a cluster has in another of its parts: absent where it is to be one. */
  readonly elsewhere?: string;
}

/** What a server says that is not, or not yet, what it was when it was connected to. */
const otherCodes = new Set(['READONLY', 'LOADING', 'MASTERDOWN', 'NOAUTH']);

/**
 * One server, with one connection for commands. Each call is over within its time, whatever becomes of the server: slow, frozen, gone, or back.
 */
export class Server {
  readonly endpoint: Endpoint;
  /** Calls that failed, since the start. */
  failures = 0;
  readonly #limits: RedisLimits;
  readonly #events: ServerEvents;
  readonly #link: Link;
  readonly #breaker: Breaker;
  readonly #witness: Witness;
  #isUp = false;
  #wasUp = false;
  #remedy: string | undefined;
  /** Why it is not used, as far as it has said; undefined while it is, or was not tried yet. */
  #down: string | undefined;
  /** It has said that it takes nothing. */
  #isDoubted = false;
  #closed = false;
  #opening: Promise<void> | undefined;
  #commands = 0;
  #bytes = 0;
  #probe: NodeJS.Timeout | undefined;

  constructor(endpoint: Endpoint, limits: RedisLimits, events: ServerEvents, witness: Witness) {
    this.endpoint = endpoint;
    this.#witness = witness;
    this.#limits = limits;
    this.#events = events;
    this.#breaker = new Breaker(limits.maxTimeouts);
    this.#link = new Link({
      endpoint: () => endpoint,
      connectMs: limits.connectMs,
      maxRetryMs: limits.maxRetryMs,
      opened: (connection) => this.#prove(connection),
      up: () => this.#rise(),
      down: (reason) => this.#fall(reason),
    });
  }

  /** Whether it is asked at the moment. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** The same, and it has answered in time what it was asked last. */
  get isPrompt(): boolean {
    return this.#isUp && this.#breaker.isPrompt;
  }

  /** What to write elsewhere, where it is down because of what is written there; undefined where that is not known. */
  get remedy(): string | undefined {
    return this.#remedy;
  }

  /** Connects, if that is not under way yet. Resolves when the first attempt is over. */
  open(): Promise<void> {
    this.#opening ??= this.#link.open();
    return this.#opening;
  }

  /** Resolves with the reply; rejects where there is none in time, or none is to be expected. */
  async call(command: readonly Argument[], time: Within): Promise<unknown> {
    try {
      return await this.#call(command, time);
    } catch (error) {
      if (!(error instanceof RedisRefusal) || !isRedirection(error)) this.failures++;
      throw error;
    }
  }

  async #call(command: readonly Argument[], { ms, evenIfSlow = false }: Within): Promise<unknown> {
    const { connection } = this.#link;
    if (connection === undefined) throw new Error(`not connected to ${nameOf(this.endpoint)}`);
    if (this.#breaker.isOpen && !evenIfSlow) throw new Error(`${nameOf(this.endpoint)} is too slow`);
    const bytes = bytesOf(command);
    const { maxCommands, maxBytesInFlight } = this.#limits;
    if (this.#commands >= maxCommands || this.#bytes + bytes > maxBytesInFlight) {
      throw new Error(`too much is under way to ${nameOf(this.endpoint)}`);
    }
    this.#commands++;
    this.#bytes += bytes;
    const reply = connection.send(command).finally(() => {
      this.#commands--;
      this.#bytes -= bytes;
    });
    try {
      const value = await within(reply, ms, `no answer within ${Math.round(ms)} ms from ${nameOf(this.endpoint)}`);
      this.#breaker.answered();
      return value;
    } catch (error) {
      this.#judge(error, ms);
      throw error;
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#probe);
    this.#link.close();
    this.#isUp = false;
  }

  #judge(error: unknown, ms: number): void {
    if (error instanceof RedisRefusal) {
      this.#breaker.answered();
      // Behind the same name there may be another one by now that is in charge.
      if (!otherCodes.has(error.code)) return;
      this.#isDoubted = true;
      this.#link.drop(error);
    } else if (error instanceof RedisTimeout) {
      const isTooSlow = ms >= this.#limits.silentMs ? this.#breaker.trip() : this.#breaker.timedOut();
      if (!isTooSlow) return;
      this.#fall(error);
      void this.#ping();
    }
  }

  async #prove(connection: Connection): Promise<void> {
    const { key, elsewhere } = this.#witness;
    // A server of a cluster takes every connection, and says no only to what is elsewhere.
    if (elsewhere !== undefined) await connection.send(['EXISTS', key, elsewhere]).catch(throwIf(isOfCluster));
    if (!this.#isDoubted) return;
    // A replica takes every connection, too, and says what it is to the first who writes: so that is done before it is in use again.
    await connection.send(['DEL', key]).catch(throwIf(isOther));
    this.#isDoubted = false;
  }

  #rise(): void {
    clearTimeout(this.#probe);
    this.#breaker.reset();
    this.#isUp = true;
    this.#wasUp = true;
    this.#down = undefined;
    this.#remedy = undefined;
    this.#events.up(this);
  }

  #fall(reason: Error): void {
    this.#isUp = false;
    const remedy = remedyOf(reason, this.endpoint, this.#wasUp);
    // That it says no, and why, is told though it was gone before; nothing else is told twice.
    const why = remedy ?? (reason instanceof RedisRefusal ? reason.code : '');
    if (this.#down === why || (this.#down !== undefined && why === '')) return;
    this.#down = why;
    this.#remedy = remedy;
    this.#events.down(this, reason);
  }

  /** Pings a server that was too slow until it is not, or is given up. */
  async #ping(): Promise<void> {
    const { connection } = this.#link;
    if (connection === undefined || this.#closed) return;
    const { lookupMs, silentMs, probeMs } = this.#limits;
    const since = performance.now();
    try {
      await within(
        connection.send(['PING']),
        silentMs,
        `no answer within ${silentMs} ms from ${nameOf(this.endpoint)}`,
      );
    } catch (error) {
      if (connection === this.#link.connection) this.#link.drop(error as Error);
      return;
    }
    if (connection !== this.#link.connection) return;
    if (performance.now() - since <= lookupMs) return this.#rise();
    this.#probe = setTimeout(() => void this.#ping(), probeMs);
    this.#probe.unref();
  }
}

function isOther(error: unknown): boolean {
  return error instanceof RedisRefusal && otherCodes.has(error.code);
}

/** Passes on what is so, and is silent about all else. */
function throwIf(isSo: (error: unknown) => boolean): (error: unknown) => void {
  return (error) => {
    if (isSo(error)) throw error;
  };
}

/** Whether a refusal only says that something else is to be asked, or in other words. */
function isRedirection({ code }: RedisRefusal): boolean {
  return code === 'MOVED' || code === 'ASK' || code === 'NOSCRIPT';
}

function bytesOf(command: readonly Argument[]): number {
  let bytes = 0;
  for (const argument of command) bytes += argument.length;
  return bytes;
}
