import { type CacheControl, deltaSeconds, hasDirective } from '../http/cache-control.ts';
import type { EpochMs, RequestHead, Seconds } from '../http/message.ts';
import { remainingLifetime } from './age.ts';
import type { PolicyConfig } from './config.ts';
import { isWithheld } from './freshness.ts';
import { isOriginError } from './status.ts';
import type { StoredResponse } from './stored.ts';
import { responseControl } from './targeted.ts';

/** How a response may be used once it is stale. */
export type StaleRules = Pick<StoredResponse, 'staleProhibited' | 'staleWhileRevalidate' | 'staleIfError'>;

const prohibiting = ['must-revalidate', 'proxy-revalidate', 'no-cache'];

/**
 * RFC 9111 §4.2.4: a directive that forbids to serve stale wins over every permission, RFC 5861's included; `s-maxage` is one of them in a shared
 * cache (RFC 9111 §5.2.2.10), unless the operator has it mean only a lifetime beside an explicit window, as those who send that pair intend.
 * Without `stale-if-error` in the response the operator's configured window counts.
 */
export function staleRules(control: CacheControl, config: PolicyConfig): StaleRules {
  const explicit = hasDirective(control, 'stale-while-revalidate') || hasDirective(control, 'stale-if-error');
  const bySMaxage = hasDirective(control, 's-maxage') && !(config.staleBesideSMaxage && explicit);
  const prohibited = bySMaxage || prohibiting.some((name) => hasDirective(control, name)) || control.malformed;
  if (prohibited) return { staleProhibited: true, staleWhileRevalidate: 0, staleIfError: 0 };
  return {
    staleProhibited: false,
    staleWhileRevalidate: deltaSeconds(control, 'stale-while-revalidate') ?? config.staleWhileRevalidate,
    staleIfError: deltaSeconds(control, 'stale-if-error') ?? config.staleIfError,
  };
}

/** RFC 5861 §3. */
export function mayServeWhileRevalidating(stored: StoredResponse, now: EpochMs): boolean {
  return mayServeThoughStale(stored, stored.staleWhileRevalidate, now);
}

/**
 * Whether it is stale by less than `window`, and may be served so while the origin is well (RFC 9111 §4.2.4). Of what is known to be out of date that is not so: its
 * lifetime has not run out, it was ended.
 */
export function mayServeThoughStale(stored: StoredResponse, window: Seconds, now: EpochMs): boolean {
  return stored.ended === undefined && withinWindow(stored, window, now);
}

/** RFC 5861 §4, and RFC 9111 §4.2.4 for an origin that can't be reached. A response that is still fresh may be served in any case. */
export function mayServeOnError(stored: StoredResponse, now: EpochMs, window = stored.staleIfError): boolean {
  if (stored.alwaysValidate) return false;
  return remainingLifetime(stored, now) > 0 || withinWindow(stored, window, now);
}

/**
 * `mayServeOnError` for this very request: what has only a guessed lifetime, and is not reused for credentials while the origin is well, does not stand in
 * for them when it fails, fresh or stale, unless the origin said so itself (RFC 9111 §7.3, RFC 5861 §4).
 */
export function mayStandIn(stored: StoredResponse, { request, now, config, cause }: StandIn): boolean {
  const isOwn = hasOwnWindow(stored, cause);
  const window = windowFor(stored, config, cause);
  if (cause === 'too-many-requests' && window === 0) return false;
  if (!mayServeOnError(stored, now, window)) return false;
  return !isWithheld(stored.freshness, request, config) || (isOwn && withinWindow(stored, window, now));
}

/** For which request something stored would stand in, and why. */
export interface StandIn {
  readonly request: RequestHead;
  /** Steady time. */
  readonly now: EpochMs;
  readonly config: PolicyConfig;
  readonly cause: FailureCause;
}

/** The origin has said that it fails, or nothing at all; or that it was asked too often (RFC 6585 §4). */
export type FailureCause = 'server-error' | 'unreachable' | 'too-many-requests';

/** What a status says of the origin, if it says that it fails. */
export function failureCause(status: number): FailureCause | undefined {
  if (status === 429) return 'too-many-requests';
  return isOriginError(status) ? 'server-error' : undefined;
}

/** How long past its lifetime it may stand in where the origin fails like that (RFC 5861 §4, RFC 9111 §4.2.4); 0 where it never may. */
export function standInWindow(stored: StoredResponse, config: PolicyConfig, cause: FailureCause): Seconds {
  return stored.staleProhibited || stored.alwaysValidate ? 0 : windowFor(stored, config, cause);
}

/** Whether the origin said itself how long. That this cache has asked too often is no error of the origin (RFC 5861 §4): nobody but the operator says what then. */
function hasOwnWindow({ fields }: StoredResponse, cause: FailureCause): boolean {
  return cause !== 'too-many-requests' && hasDirective(responseControl(fields).control, 'stale-if-error');
}

function windowFor(stored: StoredResponse, config: PolicyConfig, cause: FailureCause): Seconds {
  if (hasOwnWindow(stored, cause)) return stored.staleIfError;
  if (cause === 'too-many-requests') return config.staleIfTooMany;
  return cause === 'server-error' ? stored.staleIfError : (config.staleIfUnreachable ?? stored.staleIfError);
}

/** Whether it is stale by less than `window`, and nothing forbids to serve it so (RFC 9111 §4.2.4). */
function withinWindow(stored: StoredResponse, window: Seconds, now: EpochMs): boolean {
  if (stored.staleProhibited || stored.alwaysValidate || window === 0) return false;
  return remainingLifetime(stored, now) + window > 0;
}
