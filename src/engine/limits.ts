/**
 * Every resource has a number, and the number stands here. All of them are configurable; each has a test that reaches it.
 * Units are in the names.
 */
export interface Limits {
  // The shelf.
  /** Everything that the memory shelf and the fills in progress hold: content, heads, keys, variants. */
  readonly memoryBytes: number;
  /** Everything that the shelf on a disk holds, where there is one. */
  readonly diskBytes: number;
  /** Largest stored response, as a share of `memoryBytes`, and on a disk of `diskBytes`. */
  readonly maxObjectShare: number;
  /** Stored responses for one URI; the least recently used goes first. */
  readonly maxVariants: number;
  /** After a start, for filling memory again from a disk, beside the requests. */
  readonly warmMs: number;
  /** How long a look-up in a Redis may take; then nothing was found there. */
  readonly shelfLookupMs: number;
  /** How long a shelf on a disk that does not keep pace with the origin may keep nothing of a response that waits for it, and others who share a shelf may take to hear what an unsafe request has invalidated; then that goes on without them. */
  readonly shelfStallMs: number;

  // Fills and those who wait for them.
  /** Followers of one fill. */
  readonly maxFollowers: number;
  /** How long a follower waits for the leader's response head before it goes its own way. */
  readonly followerTimeoutMs: number;
  /** Of the followers of one fill that waited so long, how many ask the origin themselves; the others are answered 503. */
  readonly maxFanOut: number;
  /** How often in a second requests may have validated what is fresh for one key; 0: however often. */
  readonly requestedValidations: number;
  /** Content of a response, as the origin sends it, that is looked through for what its client alone has sent; 0 for none. */
  readonly echoSearchBytes: number;
  /** How long a response that nobody reads any more may take to arrive, to be stored. */
  readonly unattendedFillMs: number;
  /** Content that may lie between the origin and the slowest reader of a response that is not stored. */
  readonly readerWindowBytes: number;
  /** Keys remembered as not shareable, so that their requests do not wait for one another. */
  readonly maxUnshareableKeys: number;
  /** Keys whose last invalidation is remembered by name; beyond it, fills of the oldest are taken for invalidated too. */
  readonly maxInvalidatedKeys: number;
  /** Content of a QUERY that is read into its key; a longer one is forwarded, and its answer not stored. */
  readonly maxQueryBytes: number;
  /** Targets whose equivalents (No-Vary-Search) are remembered. */
  readonly maxSearchKeys: number;
  /** Background validations at once. */
  readonly maxBackgroundFills: number;
  /** Heads of responses that were not stored, remembered so that their misses can be explained; of up to 4 KiB each, and of a 64th of `memoryBytes` in all. */
  readonly maxNotStoredHeads: number;
  /** Purges by prefix, host, tag or of everything, and previews of such, that are under way at once, as they go over the shelf one after the other; one more is refused. */
  readonly maxPurges: number;

  // The origin.
  readonly originConnections: number;
  /** Requests waiting for one of them; one more is answered 503. */
  readonly originQueue: number;
  /** How long a request waits for one of them; then it is answered 503. */
  readonly originQueueTimeoutMs: number;
  readonly originConnectTimeoutMs: number;
  /** From the request sent to the response head. */
  readonly originHeadTimeoutMs: number;
  /** Between two pieces of content. */
  readonly originBodyIdleTimeoutMs: number;
  readonly originHeadBytes: number;
  /** Interim responses (RFC 9110 §15.2) before a response; one more ends the request. Each gives the origin its time for a head anew. */
  readonly originInterimResponses: number;

  // The clients.
  readonly clientConnections: number;
  readonly clientHeadBytes: number;
  readonly clientFieldLines: number;
  readonly clientFieldValueBytes: number;
  readonly clientTargetBytes: number;
  /** Header sections of requests that are remembered as valid, so that the next like it need not be read again. */
  readonly knownHeadBytes: number;
  /** For the whole head to arrive. */
  readonly clientHeadTimeoutMs: number;
  /** For the whole request to arrive. */
  readonly clientRequestTimeoutMs: number;
  /** How long a client may send nothing of the content that it has announced; then it is answered 408. */
  readonly clientContentIdleMs: number;
  /** Content of one request; more is answered 413. */
  readonly clientContentBytes: number;
  readonly clientKeepAliveMs: number;
  /** How long a client may take nothing of a response that waits for it; then its connection ends. */
  readonly clientStallMs: number;
  /** Requests that may be under way at once on one connection over HTTP/2. */
  readonly clientStreams: number;
  /** Requests on one connection over HTTP/2 that a client may take back before they are answered, beyond those that it lets be answered; one more ends the connection. */
  readonly clientStreamResets: number;
  /** What may come over a connection of HTTP/2 that is part of no request, beyond eight times what is part of requests and their answers; more ends the connection. */
  readonly clientControlBytes: number;
  /** Content of a request that nobody reads: read away up to here, then the connection closes. */
  readonly clientDrainBytes: number;
  /** How late the event loop may be before requests that need the origin are refused, and after that new connections held; 0: however late. */
  readonly overloadDelayMs: number;
  /** After SIGTERM, for what is under way. */
  readonly drainTimeoutMs: number;
}

export const defaultLimits: Limits = {
  memoryBytes: 256 * 2 ** 20,
  diskBytes: 10 * 2 ** 30,
  maxObjectShare: 0.1,
  maxVariants: 32,
  warmMs: 2_000,
  shelfLookupMs: 50,
  shelfStallMs: 1_000,
  maxFollowers: 10_000,
  followerTimeoutMs: 5_000,
  maxFanOut: 16,
  requestedValidations: 10,
  echoSearchBytes: 256 * 2 ** 10,
  unattendedFillMs: 60_000,
  readerWindowBytes: 2 ** 20,
  maxUnshareableKeys: 10_000,
  maxInvalidatedKeys: 10_000,
  maxQueryBytes: 64 * 2 ** 10,
  maxSearchKeys: 10_000,
  maxBackgroundFills: 64,
  maxNotStoredHeads: 1_000,
  maxPurges: 64,
  originConnections: 64,
  originQueue: 1_024,
  originQueueTimeoutMs: 5_000,
  originConnectTimeoutMs: 5_000,
  originHeadTimeoutMs: 30_000,
  originBodyIdleTimeoutMs: 30_000,
  originHeadBytes: 64 * 2 ** 10,
  originInterimResponses: 32,
  clientConnections: 10_000,
  clientHeadBytes: 16 * 2 ** 10,
  clientFieldLines: 100,
  clientFieldValueBytes: 8 * 2 ** 10,
  clientTargetBytes: 8 * 2 ** 10,
  knownHeadBytes: 4 * 2 ** 20,
  clientHeadTimeoutMs: 15_000,
  clientRequestTimeoutMs: 300_000,
  clientContentIdleMs: 15_000,
  clientContentBytes: 2 ** 30,
  clientKeepAliveMs: 65_000,
  clientStallMs: 60_000,
  clientStreams: 100,
  clientStreamResets: 100,
  clientControlBytes: 2 ** 20,
  clientDrainBytes: 64 * 2 ** 10,
  overloadDelayMs: 500,
  drainTimeoutMs: 30_000,
};
