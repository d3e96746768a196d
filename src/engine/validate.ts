import type { EpochMs, RequestHead, ResponseHead } from '../http/message.ts';
import { EtagereError } from '../errors.ts';
import type { ExchangeTimes } from '../policy/age.ts';
import type { PolicyConfig } from '../policy/config.ts';
import { freshen } from '../policy/freshen.ts';
import { mayServeOnError } from '../policy/stale.ts';
import { isOriginError } from '../policy/status.ts';
import type { StoredResponse } from '../policy/stored.ts';

/** What the response to a validation means (RFC 9111 §4.3.3). */
export type Validation =
  /** 304: `stored` answers, as updated; `keep`: it stays on the shelf. */
  | { readonly kind: 'not-modified'; readonly stored: StoredResponse; readonly keep: boolean }
  /** 304, but about something else: the request must be made anew without preconditions. */
  | { readonly kind: 'mismatch' }
  /** 5xx, and the stored response may stand in. */
  | { readonly kind: 'failed' }
  /** A full response, which replaces the stored one. */
  | { readonly kind: 'replaced' };

export function judgeValidation(
  stored: StoredResponse,
  request: RequestHead,
  response: ResponseHead,
  times: ExchangeTimes,
  config: PolicyConfig,
): Validation {
  if (response.status === 304) {
    const freshening = freshen(stored, request, response, times, config);
    if (freshening.kind === 'mismatch') return { kind: 'mismatch' };
    if (freshening.kind === 'unstorable') return { kind: 'not-modified', stored: freshening.updated, keep: false };
    return { kind: 'not-modified', stored: freshening.stored, keep: true };
  }
  const standsIn = isOriginError(response.status) && mayServeOnError(stored, times.responseTime);
  return { kind: standsIn ? 'failed' : 'replaced' };
}

/** What a client is told when the origin gave no answer to a validation; undefined where the stored response stands in. */
export function validationFailure(stored: StoredResponse, error: EtagereError, now: EpochMs): EtagereError | undefined {
  if (mayServeOnError(stored, now)) return undefined;
  // RFC 9111 §5.2.2.2: a cache that can't validate what it must answers 504, whatever kept it from validating.
  if (stored.staleProhibited) return new EtagereError('VALIDATION_IMPOSSIBLE', error.message, { cause: error });
  return error;
}
