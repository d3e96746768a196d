import type { Fields } from '../http/fields.ts';
import type { EpochMs, ResponseHead, Seconds } from '../http/message.ts';
import type { FixtureOptions } from './fixture.ts';

/**
 * The ground on which a fixture is played: a cache between a client and an origin that both do as they are told. The
 * interpreter knows nothing else, so the same fixture runs in process, over sockets and against a cache of somebody else.
 */
export interface Transport {
  /** What the world calls now; dates in a fixture are counted from it. */
  now(): EpochMs;
  /** Lets that much time pass. */
  advance(ms: number): Promise<void>;
  /** The wall clock is set to another time while steady time goes on. Absent where nobody can do that. */
  jump?(ms: number): void;
  send(request: ClientRequest): ClientExchange;
  /** Every request that reached the origin, in the order of arrival. */
  readonly arrivals: readonly OriginExchange[];
  /** Whether connections to the origin are accepted; they are at first. */
  acceptConnections(accept: boolean): Promise<void>;
  /** Returns when nothing moves any more, as far as the transport can tell. */
  settle(): Promise<void>;
  /** Returns true as soon as the condition holds, false when it does not come to hold. */
  until(condition: () => boolean): Promise<boolean>;
  /** Ends whatever is still open. */
  close(): Promise<void>;
}

/** Makes the ground for one fixture, with a cache that has nothing stored. */
export interface TransportSource {
  /** Whether Cache-Status and Proxy-Status are in Etagere's words; if not, what a fixture expects of those fields is not compared. */
  readonly speaksAsEtagere: boolean;
  /**
   * Whether the origin has a clock, and so says Date by itself (RFC 9110 §6.6.1) in a fixture that is not about that: caches elsewhere
   * trust an origin without one less.
   */
  readonly originHasClock: boolean;
  /** How far an Age may be off: a second where time passes by itself, 0 where the fixture moves it. */
  readonly ageSlack: Seconds;
  open(options: FixtureOptions): Promise<Transport>;
}

export interface ClientRequest {
  readonly method: string;
  readonly target: string;
  readonly fields: Fields;
  /** null when the request has no content. */
  readonly content: Uint8Array | null;
}

/** A request of a client, as far as it was answered. */
export interface ClientExchange {
  readonly interims: readonly ResponseHead[];
  readonly head: ResponseHead | undefined;
  /** What has arrived so far. */
  readonly content: Uint8Array;
  readonly end: 'open' | 'complete' | 'aborted';
  /** Where the connection had trouble: the system's code for it, like `ECONNREFUSED`. */
  readonly error: string | undefined;
  /** The client closes its connection. */
  leave(): void;
}

/** A request that reached the origin, and the origin's hand on the answer. */
export interface OriginExchange {
  readonly method: string;
  readonly target: string;
  readonly fields: Fields;
  /** The request's content so far. */
  readonly content: Uint8Array;
  /** Whether the request has arrived as a whole. */
  readonly received: boolean;
  /** The cache has given the request up. */
  readonly withdrawn: boolean;
  interim(head: ResponseHead): void;
  head(head: ResponseHead): void;
  write(content: Uint8Array): void;
  end(): void;
  /** The connection is cut before the answer is complete. */
  breakOff(): void;
  /** Nothing more comes until the cache's patience is over. Absent where that can't be had without waiting. */
  timeOut?(): void;
}
