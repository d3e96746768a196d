import type { Fields } from '../http/fields.ts';
import type { EpochMs, RequestHead } from '../http/message.ts';
import { EtagereError } from '../errors.ts';
import type { PolicyConfig } from '../policy/config.ts';
import type { Freshening, Outdated } from '../policy/decision.ts';
import { freshen, freshenIdentified, freshenWithHead, type Update } from '../policy/freshen.ts';
import { eligibleCandidates } from '../policy/reuse.ts';
import { failureCause, mayStandIn } from '../policy/stale.ts';
import type { StoredResponse } from '../policy/stored.ts';
import { settle } from './settle.ts';
import type { Shelved, Store } from '../store/store.ts';

/** What the response to a validation means (RFC 9111 §4.3.3). */
export type Validation =
  /** 304: `stored` answers, as updated; the client that asked gets `leaderFields`, with what was meant for it alone. */
  | {
      readonly kind: 'not-modified';
      readonly stored: StoredResponse;
      readonly leaderFields: Fields;
      readonly shelf: 'update' | 'leave' | 'remove';
    }
  /** 304, but about something else: the request must be made anew without preconditions. */
  | { readonly kind: 'mismatch' }
  /** 5xx or 429, and the stored response may stand in. */
  | { readonly kind: 'failed' }
  /** A full response, which replaces the stored one. */
  | { readonly kind: 'replaced' };

export function judgeValidation(stored: StoredResponse, update: Update, config: PolicyConfig): Validation {
  const { response, times } = update;
  if (response.status === 304) {
    const freshening = freshen(stored, update, config);
    if (freshening.kind === 'mismatch') return { kind: 'mismatch' };
    const { stored: updated, fields: leaderFields } = freshening;
    const shelf = freshening.kind === 'freshened' ? 'update' : freshening.leaves ? 'remove' : 'leave';
    return { kind: 'not-modified', stored: updated, leaderFields, shelf };
  }
  const cause = failureCause(response.status);
  const standsIn =
    cause !== undefined && mayStandIn(stored, { request: update.request, now: times.responseTime, config, cause });
  return { kind: standsIn ? 'failed' : 'replaced' };
}

/** What a request whose validation the origin did not answer is told by `error`; undefined where the stored response stands in. */
export function validationFailure(
  stored: StoredResponse,
  error: EtagereError,
  { request, now, config }: { readonly request: RequestHead; readonly now: EpochMs; readonly config: PolicyConfig },
): EtagereError | undefined {
  if (mayStandIn(stored, { request, now, config, cause: 'unreachable' })) return undefined;
  // RFC 9111 §5.2.2.2: a cache that can't validate what it must answers 504, unless another status says more: 503, that it is worth trying again.
  if (stored.staleProhibited && error.row.status !== 503)
    return new EtagereError('VALIDATION_IMPOSSIBLE', error.message, { cause: error });
  return error;
}

/** How news of stored responses is taken. */
export interface Keeping {
  readonly store: Store;
  readonly config: PolicyConfig;
  /** Whether good news counts. */
  readonly mayFreshen: boolean;
}

/** RFC 9111 §4.3.5: a 200 to a HEAD updates or outdates every stored GET response that could have been chosen for it. */
export function updateFromHead(shelf: readonly Shelved[], update: Update, keeping: Keeping): void {
  for (const stored of concerned(shelf, update)) {
    if (stored.status === 200) settleFreshening(keeping, stored, freshenWithHead(stored, update, keeping.config));
  }
}

/** RFC 9111 §4.3.4: a 304 with a strong validator updates every stored response that has it and could have been chosen. */
export function updateFromNotModified(shelf: readonly Shelved[], update: Update, keeping: Keeping): void {
  for (const stored of concerned(shelf, update)) {
    const freshening = freshenIdentified(stored, update, keeping.config);
    if (freshening !== undefined) settleFreshening(keeping, stored, freshening);
  }
}

/** What could have been chosen for the request. What came after that was sent may be newer than its answer, which then says nothing about it. */
function concerned(shelf: readonly Shelved[], { request, times }: Update): readonly StoredResponse[] {
  const older = shelf.map(({ stored }) => stored).filter(({ responseTime }) => responseTime <= times.requestTime);
  return eligibleCandidates(request, older);
}

function settleFreshening(
  { store, mayFreshen }: Keeping,
  stored: StoredResponse,
  freshening: Freshening | Outdated,
): void {
  if (freshening.kind === 'outdated' || (freshening.kind === 'freshened' && mayFreshen))
    settle(store.freshen(stored, freshening.stored));
  else if (freshening.kind === 'unstorable' && freshening.leaves) settle(store.remove(stored));
}
