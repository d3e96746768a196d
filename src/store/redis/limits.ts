/** What a shelf in Redis may take of time, memory and room there. */
export interface RedisLimits {
  /** How long a look-up, a claim or the taking away of a record may take: then it is over as a miss. */
  readonly lookupMs: number;
  /** The same for what no client waits for, and for a piece in the middle of an answer: the writing of a record, an order, a page of a listing. */
  readonly workMs: number;
  /** How long a connection may take until the first answer on it. */
  readonly connectMs: number;
  /** The longest pause between two attempts to connect. */
  readonly maxRetryMs: number;
  /** After so many calls in a row that took too long, nothing is asked of a server until it answers a ping in time. */
  readonly maxTimeouts: number;
  /** Between two pings of a server that was too slow. */
  readonly probeMs: number;
  /** A connection on which nothing was answered for so long is closed. */
  readonly silentMs: number;
  /** Commands at one server that are not answered yet; one more fails at once. */
  readonly maxCommands: number;
  /** Bytes in them. */
  readonly maxBytesInFlight: number;
  /** Content on its way there that may wait for an answer: less than the bytes in flight, as look-ups must get through beside it. */
  readonly maxWaitingBytes: number;
  /** Servers of a cluster. */
  readonly maxServers: number;

  /** Head of a record: a larger one is not fetched. */
  readonly maxHeadBytes: number;
  /** Records of a row: of more, it is taken for damaged. */
  readonly maxRecords: number;
  /** Heads of all records of a row: what is beyond it is not found. */
  readonly maxRowBytes: number;
  /** Content of a record. */
  readonly maxContentBytes: number;
  /** How long a record is kept at most, whatever use it may be of. */
  readonly maxKeepMs: number;
  /** How long the content of a record may take to arrive, to be kept; and how long pieces of one that was replaced or taken away are there still, for who reads them. */
  readonly draftMs: number;

  /** Orders that the log has; older ones are forgotten. */
  readonly maxOrders: number;
  /** Between two signs of life of an instance, which it also sends to itself, to see that it hears. */
  readonly beatMs: number;
  /** After so long without one it is not expected to hear of an order: until then it is named in receipts, where it does not. */
  readonly aliveMs: number;
  /** An instance that has not heard itself for so long connects anew to where it hears. */
  readonly deafMs: number;
  /** How long the others are waited for after an order. */
  readonly heardMs: number;

  /** How long a claim lasts, of an instance that dies. */
  readonly claimMs: number;
  /** How long others wait for what was claimed. */
  readonly claimWaitMs: number;
  /** Claims of others that are waited for at once. */
  readonly maxClaimWaits: number;
  /** Claims that could not be let go of, and are as soon as that is possible; of more, the oldest end by themselves. */
  readonly maxOwedClaims: number;
}

export const defaultRedisLimits: RedisLimits = {
  lookupMs: 50,
  workMs: 2000,
  connectMs: 1000,
  maxRetryMs: 2000,
  maxTimeouts: 3,
  probeMs: 100,
  silentMs: 1000,
  maxCommands: 1024,
  maxBytesInFlight: 16 * 2 ** 20,
  maxWaitingBytes: 8 * 2 ** 20,
  maxServers: 256,
  maxHeadBytes: 2 ** 20,
  maxRecords: 1024,
  maxRowBytes: 2 * 2 ** 20,
  maxContentBytes: 64 * 2 ** 20,
  maxKeepMs: 30 * 24 * 3_600_000,
  draftMs: 15 * 60_000,
  maxOrders: 32_768,
  beatMs: 500,
  aliveMs: 10_000,
  deafMs: 1500,
  heardMs: 1000,
  claimMs: 5000,
  claimWaitMs: 2000,
  maxClaimWaits: 4096,
  maxOwedClaims: 1024,
};
