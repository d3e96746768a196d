import type { EpochMs } from '../http/message.ts';
import type { StoredResponse } from '../policy/stored.ts';

const leastMs = 1_000;
const dayMs = 24 * 60 * 60 * 1_000;
const mostMs = 30 * dayMs;

/** What tells for how long a response may be of use. */
export type Keeping = Pick<
  StoredResponse,
  | 'freshness'
  | 'responseTime'
  | 'correctedInitialAge'
  | 'staleWhileRevalidate'
  | 'staleIfError'
  | 'entityTag'
  | 'lastModified'
>;

/**
 * For how long a response may be of use, in milliseconds: the rest of its lifetime, a window after that in which it may be stale, and a day more where it can be validated. At least a
 * second, and at most thirty days.
 *
 * @param now Steady time.
 */
export function keepMs(stored: Keeping, now: EpochMs): number {
  const { freshness, responseTime, correctedInitialAge, staleWhileRevalidate, staleIfError } = stored;
  const windowed = freshness.lifetime - correctedInitialAge + Math.max(staleWhileRevalidate, staleIfError);
  const hasValidator = stored.entityTag !== undefined || stored.lastModified !== undefined;
  const ms = windowed * 1_000 - (now - responseTime) + (hasValidator ? dayMs : 0);
  return ms > leastMs ? Math.min(Math.ceil(ms), mostMs) : leastMs;
}
