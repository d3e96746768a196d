/** PURE. What may be sent to the origin a second time. */

import type { ErrorCode } from '../errors.ts';
import { isIdempotent } from '../http/message.ts';

/** An attempt that failed. */
export interface FailedAttempt {
  readonly method: string;
  /** Content is read from the client as it is sent: it can't be sent twice. */
  readonly hasContent: boolean;
  /** How often the request has been sent, this attempt included. */
  readonly attempts: number;
  /** Whether any byte of a response arrived. */
  readonly responseStarted: boolean;
  /** Whether the connection had served an earlier request. */
  readonly reusedConnection: boolean;
  readonly cause: ErrorCode;
}

/**
 * RFC 9110 §9.2.2, RFC 9112 §9.3.1: an idempotent request is sent once more when a kept connection turns out to be dead, because
 * an origin may close an idle connection at any time and that is nobody's fault. A fresh connection that dies is the origin's
 * failure: asking again would only double the load of an origin in trouble.
 */
export function mayRetry(attempt: FailedAttempt): boolean {
  return (
    attempt.cause === 'ORIGIN_BROKEN' &&
    attempt.reusedConnection &&
    !attempt.responseStarted &&
    !attempt.hasContent &&
    attempt.attempts === 1 &&
    isIdempotent(attempt.method)
  );
}
