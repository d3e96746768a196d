import type { EtagereError } from '../errors.ts';
import { completedBy, isOfSame } from '../policy/combine.ts';
import { liesInRequest, type NotStoredReason } from '../policy/decision.ts';
import type { Update } from '../policy/freshen.ts';
import { isAboutTarget } from '../policy/status.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { MaybePromise } from '../store/maybe-promise.ts';
import type { Shelved } from '../store/store.ts';
import type { Completing } from './arrival.ts';
import type { Audience, FillFailure } from './audience.ts';
import type { FillParts, FillPlan } from './plan.ts';
import { settle } from './settle.ts';
import type { Standing } from './standing.ts';
import { judgeValidation, type Validation, validationFailure } from './validate.ts';

/** The fill whose question it was. */
export interface Inquirer {
  readonly standing: Standing;
  readonly audience: Pick<Audience, 'sendValidated' | 'sendError'>;
  /** Takes a full response on its way; tells why it is not stored, if so. */
  begin(update: Update, completing?: Completing): NotStoredReason | undefined;
  /** The answer was about something else: asks the same as the client made it. */
  askPlainly(): void;
  /** Everybody is to have an answer without what still comes. */
  discard(): void;
  /** The stored response answers all, as the origin has failed. */
  standIn(shelved: Shelved, failure: FillFailure): void;
  /** A 304 has confirmed what is stored. */
  confirmed(update: Update): void;
  /** The shelf is being changed by what came. */
  storing(operation: MaybePromise<unknown>): void;
}

/** What the answer to a question about a stored response means: whether it is still good, or for the part that it lacks. */
export class AboutStored {
  readonly #fill: Inquirer;
  readonly #parts: FillParts;

  constructor(fill: Inquirer, parts: FillParts) {
    this.#fill = fill;
    this.#parts = parts;
  }

  /** The answer to a validation (RFC 9111 §4.3.3). */
  validated(shelved: Shelved, update: Update): void {
    const verdict = judgeValidation(shelved.stored, update, this.#parts.policy);
    if (verdict.kind === 'replaced') this.#replace(shelved.stored, update);
    else if (verdict.kind === 'failed') this.#failed(shelved, update);
    else if (verdict.kind === 'mismatch') this.#fill.askPlainly();
    else this.#settle(shelved, verdict, update);
  }

  /** The answer to a request for what a stored part lacks (RFC 9111 §3.4). */
  completed(completing: Completing, update: Update): void {
    const { response } = update;
    const { stored } = completing.shelved;
    const whole = completedBy(stored, completing.completion.missing, response);
    if (whole !== undefined) this.#fill.begin({ ...update, response: whole }, completing);
    else if (response.status === 206 || response.status === 416) this.#fill.askPlainly();
    else if (isOfSame(stored, response.fields)) this.#fill.begin(update);
    else this.#replace(stored, update);
  }

  /** No answer came, or nobody was asked. What the fill was to validate stands in if it may, and if it was not invalidated meanwhile; otherwise all who wait hear why. */
  unanswered({ purpose, request }: FillPlan, error: EtagereError): void {
    const { clock, policy: config } = this.#parts;
    const { standing, audience } = this.#fill;
    const now = clock.steady();
    const shelved =
      purpose.kind === 'validate' && standing.isCurrent(purpose.shelved.stored) ? purpose.shelved : undefined;
    const told = shelved === undefined ? error : validationFailure(shelved.stored, error, { request, now, config });
    if (shelved !== undefined && told === undefined) this.#fill.standIn(shelved, { error });
    else audience.sendError(told ?? error);
  }

  /** The origin has answered a validation with an error, for which what is stored stands in if it was not invalidated meanwhile. */
  #failed(shelved: Shelved, update: Update): void {
    if (this.#fill.standing.isCurrent(shelved.stored)) this.#fill.standIn(shelved, { status: update.response.status });
    else this.#fill.begin(update);
  }

  /** None of what is stored under this validator is right any more (RFC 9111 §4.3.3; §3.4 for a part), whether or not the new response may take its place. */
  #replace(previous: StoredResponse, update: Update): void {
    const reason = this.#fill.begin(update);
    const isOfAll = reason === undefined || !liesInRequest(reason);
    if (isOfAll && isAboutTarget(update.response.status)) settle(this.#parts.store.remove(previous));
  }

  /** The origin has confirmed the stored response (RFC 9111 §4.3.4). */
  #settle(shelved: Shelved, verdict: Extract<Validation, { kind: 'not-modified' }>, update: Update): void {
    const { store } = this.#parts;
    const { standing, audience } = this.#fill;
    const isPurged = verdict.shelf === 'update' && !standing.mayPublish(verdict.stored);
    if (verdict.shelf === 'update' && !isPurged) {
      // What was purged before this was asked is good again.
      const freshened = store.freshen(shelved.stored, { ...verdict.stored, generation: standing.generation });
      settle(freshened);
      this.#fill.storing(freshened);
      this.#fill.confirmed(update);
    } else if (verdict.shelf === 'remove' || (isPurged && !standing.isCurrent(verdict.stored))) {
      settle(store.remove(shelved.stored));
    }
    this.#fill.discard();
    const { content, tier } = shelved;
    const updated = { stored: verdict.stored, content, ...(tier === undefined ? {} : { tier }) };
    // They may have asked after a purge that this answer came too early for.
    const release = isPurged ? 'anew' : verdict.shelf === 'update' ? undefined : 'alone';
    audience.sendValidated(updated, verdict.leaderFields, release);
  }
}
