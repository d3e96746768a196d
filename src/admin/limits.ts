import type { Limits } from '../engine/limits.ts';

/** Most requests that may be listening to the tail at once. */
export const maxTails = 16;

/** Most lists of entries that may be made at once: one that is narrowed to few has to go over the whole shelf. */
export const maxListings = 8;

/** Most entries of one page; each has all fields of its response. */
export const maxPageEntries = 200;

/** How many where nobody says. */
export const defaultPageEntries = 50;

/** Most rows of the top. */
export const maxTopRows = 200;

/** Wrong tokens that one peer may send at once; more are answered ADMIN_TOKEN_TRIES for a while. */
export const maxWrongTokens = 10;

/** After how long a peer may send one more, in milliseconds. What Retry-After says of ADMIN_TOKEN_TRIES is no less. */
export const wrongTokenMs = 1_000;

/** Most peers whose wrong tokens are remembered. */
export const maxWatchedPeers = 1_000;

/** How many wrong tokens, of all peers, one warning is about. */
export const wrongTokensAWarning = 100;

/** Most bytes of an answer that are handed over before the client has taken the ones before. */
export const sliceBytes = 64 * 2 ** 10;

/** After how long a silence the system asks whether a client is still there, in milliseconds: one that vanished without a word would hold its place for ever. */
export const aliveProbeMs = 30_000;

/** The limits of a listener for operators: few connections, small requests, not much patience. What is not here is the same as for clients. */
const adminLimits = {
  clientConnections: 64,
  clientHeadBytes: 16 * 2 ** 10,
  clientFieldLines: 100,
  clientFieldValueBytes: 8 * 2 ** 10,
  clientTargetBytes: 16 * 2 ** 10,
  clientContentBytes: 64 * 2 ** 10,
  clientDrainBytes: 64 * 2 ** 10,
  clientHeadTimeoutMs: 10_000,
  clientRequestTimeoutMs: 20_000,
  clientContentIdleMs: 10_000,
  clientKeepAliveMs: 65_000,
  /** For a client to take what waits for it, and for what is under way when all ends. */
  clientStallMs: 30_000,
  drainTimeoutMs: 2_000,
} as const satisfies Partial<Limits>;

/** The limits of the admin listener, beside those of the clients'. */
export function limitsOfAdmin(limits: Limits): Limits {
  return { ...limits, ...adminLimits };
}
