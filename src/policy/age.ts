import type { EpochMs, Seconds } from '../http/message.ts';
import type { StoredResponse } from './stored.ts';

/** When a response was asked for and came, on both clocks. */
export interface ExchangeTimes {
  /** Steady: when the request was sent. */
  readonly requestTime: EpochMs;
  /** Steady: when the head arrived. */
  readonly responseTime: EpochMs;
  /** Wall: when the head arrived; the only one that may be compared with Date. */
  readonly responseWallTime: EpochMs;
}

/**
 * corrected_initial_age (RFC 9111 §4.2.3), the conservative one: an old cache on the way may not have written Age, so the Date counts as well.
 * The apparent age is in whole seconds, as Date is: a response made this very second has none.
 */
export function correctedInitialAge(ageValue: Seconds, dateValue: EpochMs, times: ExchangeTimes): Seconds {
  const apparentAge = Math.max(0, Math.floor((times.responseWallTime - dateValue) / 1000));
  const responseDelay = Math.max(0, (times.responseTime - times.requestTime) / 1000);
  const correctedAgeValue = Math.max(0, ageValue) + responseDelay;
  return Math.max(apparentAge, correctedAgeValue);
}

/** current_age (RFC 9111 §4.2.3). Never negative, and never smaller at a later `now`. */
export function currentAge(
  stored: Pick<StoredResponse, 'responseTime' | 'correctedInitialAge'>,
  now: EpochMs,
): Seconds {
  const residentTime = Math.max(0, (now - stored.responseTime) / 1000);
  return stored.correctedInitialAge + residentTime;
}

/** Whether it may answer without validation whoever asks: fresh, and no directive against it (RFC 9111 §4). */
export function isReusable(stored: StoredResponse, now: EpochMs): boolean {
  return !stored.alwaysValidate && remainingLifetime(stored, now) > 0;
}

/** What its age is counted from. */
export type Aging = Pick<StoredResponse, 'responseTime' | 'correctedInitialAge' | 'freshness'>;

/**
 * The lifetime of a response that is to be stale from `now` on, if it is not already: every window after the lifetime (RFC 5861) begins then.
 */
export function lifetimeEnding(now: EpochMs, aging: Aging): Seconds {
  return Math.min(aging.freshness.lifetime, currentAge(aging, now));
}

/** Fresh exactly while this is above 0 (RFC 9111 §4.2); the `ttl` of RFC 9211 §2.4 once rounded down. */
export function remainingLifetime(stored: StoredResponse, now: EpochMs): Seconds {
  return stored.freshness.lifetime - currentAge(stored, now);
}
