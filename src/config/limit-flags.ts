import type { Limits } from '../engine/limits.ts';
import { formatQuantity, longestMs, type QuantityKind } from './quantities.ts';
import { UsageError } from './usage-error.ts';

/** The limits that have a name among the others: `memoryBytes` is the option `memory`, and `diskBytes` the option `disk`. */
export type LimitName = Exclude<keyof Limits, 'memoryBytes' | 'diskBytes'>;

/** How an operator says a limit. */
export interface LimitFlag {
  /** Of the flag, without dashes. */
  readonly name: string;
  readonly group: 'Shelf' | 'Waiting' | 'Origin' | 'Clients';
  readonly kind: QuantityKind;
  /** Smallest value that makes sense; a share is checked by its parser. */
  readonly least: number;
  readonly summary: string;
}

/** Every limit has a flag: a new one without a row here is a type error. */
export const limitFlags: Readonly<Record<LimitName, LimitFlag>> = {
  maxObjectShare: {
    name: 'max-object-share',
    group: 'Shelf',
    kind: 'share',
    least: 0,
    summary: 'largest stored response, as a share of --memory, and on a disk of --disk',
  },
  maxVariants: {
    name: 'max-variants',
    group: 'Shelf',
    kind: 'count',
    least: 1,
    summary: 'stored responses for one URI (its Vary variants)',
  },
  warmMs: {
    name: 'warm-time',
    group: 'Shelf',
    kind: 'ms',
    least: 0,
    summary: 'how long after a start memory is filled again with what was used most, from a disk; 0s: not at all',
  },
  shelfLookupMs: {
    name: 'shelf-lookup-timeout',
    group: 'Shelf',
    kind: 'ms',
    least: 1,
    summary: 'how long a look-up waits for each answer of a Redis; then the request goes on without it',
  },
  shelfStallMs: {
    name: 'shelf-stall-timeout',
    group: 'Shelf',
    kind: 'ms',
    least: 0,
    summary:
      'how long a response waits for a disk that is slower than the origin and writes nothing of it (then it is not stored there), the answer to an unsafe request until others who share the shelf know what it has invalidated, and others for what they are to find there',
  },
  maxFollowers: {
    name: 'max-followers',
    group: 'Waiting',
    kind: 'count',
    least: 0,
    summary: 'requests that may wait for one and the same response',
  },
  followerTimeoutMs: {
    name: 'follower-timeout',
    group: 'Waiting',
    kind: 'ms',
    least: 0,
    summary: 'how long a request waits for the head of a response that another one asked for',
  },
  maxFanOut: {
    name: 'max-fan-out',
    group: 'Waiting',
    kind: 'count',
    least: 0,
    summary:
      'of the requests that waited so long for one response, how many ask the origin themselves; the others get 503',
  },
  requestedValidations: {
    name: 'requested-validations',
    group: 'Waiting',
    kind: 'count',
    least: 0,
    summary: 'how often in a second requests may have validated what is fresh for one URL; 0: however often',
  },
  echoSearchBytes: {
    name: 'echo-search-size',
    group: 'Waiting',
    kind: 'bytes',
    least: 0,
    summary: 'content that is looked through for what its client alone has sent, before others may have it; 0: none',
  },
  unattendedFillMs: {
    name: 'unattended-fill-timeout',
    group: 'Waiting',
    kind: 'ms',
    least: 0,
    summary: 'how long a response that no client reads any more may take to arrive, to be stored',
  },
  readerWindowBytes: {
    name: 'reader-window',
    group: 'Waiting',
    kind: 'bytes',
    least: 1,
    summary: 'content held between the origin and the slowest reader of a response that is not stored',
  },
  maxUnshareableKeys: {
    name: 'max-unshareable-keys',
    group: 'Waiting',
    kind: 'count',
    least: 0,
    summary: 'URIs remembered as not shareable, whose requests do not wait for one another',
  },
  maxInvalidatedKeys: {
    name: 'max-invalidated-keys',
    group: 'Waiting',
    kind: 'count',
    least: 1,
    summary: 'URIs whose last invalidation is remembered by name',
  },
  maxQueryBytes: {
    name: 'max-query-size',
    group: 'Waiting',
    kind: 'bytes',
    least: 0,
    summary: 'content of a QUERY that is read into its key; a longer one is forwarded, and its answer not stored',
  },
  maxSearchKeys: {
    name: 'max-search-keys',
    group: 'Waiting',
    kind: 'count',
    least: 0,
    summary: 'targets whose equivalents by No-Vary-Search are remembered',
  },
  maxBackgroundFills: {
    name: 'max-background-fills',
    group: 'Waiting',
    kind: 'count',
    least: 0,
    summary: 'background validations at once',
  },
  maxNotStoredHeads: {
    name: 'max-not-stored-heads',
    group: 'Waiting',
    kind: 'count',
    least: 0,
    summary: 'responses that were not stored, remembered to explain them (with --admin)',
  },
  maxPurges: {
    name: 'max-purges',
    group: 'Waiting',
    kind: 'count',
    least: 1,
    summary: 'purges by prefix, host, tag or of everything at once, and previews of such; one more gets a 503',
  },
  originConnections: {
    name: 'origin-connections',
    group: 'Origin',
    kind: 'count',
    least: 1,
    summary: 'connections to the origin',
  },
  originQueue: {
    name: 'origin-queue',
    group: 'Origin',
    kind: 'count',
    least: 0,
    summary: 'requests that may wait for one of them; one more gets a 503',
  },
  originQueueTimeoutMs: {
    name: 'origin-queue-timeout',
    group: 'Origin',
    kind: 'ms',
    least: 1,
    summary: 'how long a request waits for one of them; then it gets a 503',
  },
  originConnectTimeoutMs: {
    name: 'connect-timeout',
    group: 'Origin',
    kind: 'ms',
    least: 1,
    summary: 'for the origin to accept a connection',
  },
  originHeadTimeoutMs: {
    name: 'head-timeout',
    group: 'Origin',
    kind: 'ms',
    least: 1,
    summary: 'for the origin to begin its response',
  },
  originBodyIdleTimeoutMs: {
    name: 'body-timeout',
    group: 'Origin',
    kind: 'ms',
    least: 1,
    summary: 'silence of the origin inside a response',
  },
  originHeadBytes: {
    name: 'origin-head-size',
    group: 'Origin',
    kind: 'bytes',
    least: 1_024,
    summary: "size of a response's header section",
  },
  originInterimResponses: {
    name: 'origin-interim-responses',
    group: 'Origin',
    kind: 'count',
    least: 0,
    summary: 'interim responses (102, 103) before a response; one more ends it with a 502',
  },
  clientConnections: {
    name: 'client-connections',
    group: 'Clients',
    kind: 'count',
    least: 1,
    summary: 'connections of clients',
  },
  clientHeadBytes: {
    name: 'client-head-size',
    group: 'Clients',
    kind: 'bytes',
    least: 1_024,
    summary: "size of a request's header section",
  },
  clientFieldLines: {
    name: 'client-field-lines',
    group: 'Clients',
    kind: 'count',
    least: 1,
    summary: 'header lines of a request',
  },
  clientFieldValueBytes: {
    name: 'client-field-size',
    group: 'Clients',
    kind: 'bytes',
    least: 64,
    summary: 'size of one header value of a request',
  },
  clientTargetBytes: {
    name: 'client-target-size',
    group: 'Clients',
    kind: 'bytes',
    least: 64,
    summary: 'length of a path with its query',
  },
  knownHeadBytes: {
    name: 'known-head-memory',
    group: 'Clients',
    kind: 'bytes',
    least: 0,
    summary: 'header sections remembered as valid',
  },
  clientHeadTimeoutMs: {
    name: 'client-head-timeout',
    group: 'Clients',
    kind: 'ms',
    least: 1,
    summary: "for a request's header section to arrive",
  },
  clientRequestTimeoutMs: {
    name: 'client-request-timeout',
    group: 'Clients',
    kind: 'ms',
    least: 1,
    summary: 'for a whole request to arrive',
  },
  clientContentIdleMs: {
    name: 'client-content-timeout',
    group: 'Clients',
    kind: 'ms',
    least: 1,
    summary: 'silence of a client inside the content of its request',
  },
  clientContentBytes: {
    name: 'client-content-size',
    group: 'Clients',
    kind: 'bytes',
    least: 0,
    summary: 'content of one request; more gets a 413',
  },
  clientKeepAliveMs: {
    name: 'client-keep-alive',
    group: 'Clients',
    kind: 'ms',
    least: 1,
    summary: 'idle time of a connection before it is closed',
  },
  clientStallMs: {
    name: 'client-stall-timeout',
    group: 'Clients',
    kind: 'ms',
    least: 1,
    summary: 'how long a client may take nothing of a response that waits for it; then its connection ends',
  },
  clientStreams: {
    name: 'client-streams',
    group: 'Clients',
    kind: 'count',
    least: 1,
    summary: 'requests that may be under way at once on one connection over HTTP/2',
  },
  clientStreamResets: {
    name: 'client-stream-resets',
    group: 'Clients',
    kind: 'count',
    least: 0,
    summary:
      'requests on a connection over HTTP/2 that a client may take back, beyond those that it lets be answered; one more ends the connection',
  },
  clientControlBytes: {
    name: 'client-control-size',
    group: 'Clients',
    kind: 'bytes',
    least: 1_024,
    summary:
      'what may come over a connection of HTTP/2 that is part of no request, beyond eight times what is; more ends the connection',
  },
  clientDrainBytes: {
    name: 'client-drain-size',
    group: 'Clients',
    kind: 'bytes',
    least: 0,
    summary: 'unread request content that is read away',
  },
  overloadDelayMs: {
    name: 'overload-delay',
    group: 'Clients',
    kind: 'ms',
    least: 0,
    summary:
      'how late the event loop may be; beyond it requests that need the origin get a 503, and then new connections wait; 0s: however late',
  },
  drainTimeoutMs: {
    name: 'drain-timeout',
    group: 'Clients',
    kind: 'ms',
    least: 0,
    summary: 'after SIGTERM, for responses that are under way',
  },
};

/**
 * The value itself, if that limit may have it.
 * @throws UsageError
 */
export function checkedLimit(limit: LimitName, value: number): number {
  const { kind, least } = limitFlags[limit];
  // A program without types may give anything.
  if (typeof value !== 'number') {
    throw new UsageError(
      `"${String(value)}" is not a number`,
      'write a plain one, in the unit that the name ends with',
    );
  }
  if (kind === 'share') {
    if (value > 0 && value <= 1) return value;
    throw new UsageError(`${value} is not a share`, 'take a number above 0, at most 1');
  }
  const most = kind === 'ms' ? longestMs : Number.MAX_SAFE_INTEGER;
  if (!Number.isInteger(value)) throw new UsageError(`${value} is not a whole number`, 'take one without a fraction');
  if (value < least) {
    throw new UsageError(`${formatQuantity(kind, value)} is too small`, `the least is ${formatQuantity(kind, least)}`);
  }
  if (value > most)
    throw new UsageError(`${formatQuantity(kind, value)} is too large`, `the most is ${formatQuantity(kind, most)}`);
  return value;
}
