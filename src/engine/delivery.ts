import { isDueToResponse, type NotStoredReason } from '../policy/decision.ts';
import { failureCause } from '../policy/stale.ts';
import { isAboutTarget } from '../policy/status.ts';
import type { StoredResponse } from '../policy/stored.ts';
import { unkeyedValues } from '../policy/unkeyed-values.ts';
import type { StoreRefusal } from '../store/store.ts';
import type { Answer, Asker } from './answer.ts';
import { Arrival, type ArrivalControls, type Completing } from './arrival.ts';
import type { Audience } from './audience.ts';
import type { Arriving } from './events.ts';
import { failWithFault } from './fault.ts';
import type { BodyControls } from './passage.ts';
import type { FillParts, FillPlan } from './plan.ts';
import { prepare, sendOwnNotModified } from './respond.ts';
import type { Standing } from './standing.ts';
import { forwardedStatus, type Release, type Waiter } from './waiting.ts';

/** The fill that a response came to. */
export interface Deliverer extends Omit<BodyControls, 'refused'> {
  readonly plan: FillPlan;
  readonly standing: Standing;
  readonly audience: Pick<Audience, 'mayHave' | 'takeFollowers' | 'turnAway'>;
  /** Whether the response is arriving still. */
  readonly isAnswering: boolean;
  /** Whether another fill has the same on its way to the shelf, and shares it no more. */
  isOnItsWay(stored: StoredResponse): boolean;
  /** Followers have waited for a response that can't be shared. */
  unshareable(): void;
  release(waiter: Waiter, how: Release): void;
}

/** A full response on its way to whom it may answer: the leader, whose own it is, and followers, who get it as it will lie on the shelf. */
export class Delivery implements ArrivalControls {
  readonly arrival: Arrival;
  readonly #storing: Arriving;
  readonly #parts: FillParts;
  readonly #fill: Deliverer;
  /** The client whose request this was, while it is answered. */
  #led: Answer | undefined;
  #isHeldBack: boolean;

  constructor(storing: Arriving, completing: Completing | undefined, parts: FillParts, fill: Deliverer) {
    this.#storing = storing;
    this.#parts = parts;
    this.#fill = fill;
    this.arrival = new Arrival(storing, completing, parts, this);
    const { reason } = this.arrival;
    if (reason !== undefined) parts.events.notStored?.(storing, reason);
    this.#isHeldBack = this.arrival.isUndecided;
  }

  /** Whether followers wait although the head is there, until its content was looked through. */
  get isHeldBack(): boolean {
    return this.#isHeldBack;
  }

  /** Whether they need wait no longer, since now. */
  isDecidedNow(): boolean {
    const isDecided = this.#isHeldBack && !this.arrival.isUndecided;
    if (isDecided) this.#isHeldBack = false;
    return isDecided;
  }

  /** Nobody is to wait any more. */
  shareNoMore(): void {
    this.#isHeldBack = false;
  }

  /** Whether what is arriving may answer a request. */
  mayAnswer(answer: Asker): boolean {
    const { shared } = this.arrival;
    return shared !== undefined && this.mayPublish(shared) && this.#fill.audience.mayHave(answer, shared);
  }

  answerLeader(leader: Waiter): void {
    try {
      this.#answerLeader(leader);
    } catch (cause) {
      failWithFault(leader.answer, cause, this.#parts.events);
    }
  }

  #answerLeader(leader: Waiter): void {
    const { answer, fwd } = leader;
    const { response } = this.#storing;
    const { reason } = this.arrival;
    const detail = leader.detail ?? (reason === fwd ? undefined : reason);
    const status = forwardedStatus(leader, { stored: reason === undefined, detail });
    const { kind } = this.#fill.plan.purpose;
    // The client's own preconditions were left out: they are answered from what came instead.
    const shelved = kind === 'validate' || kind === 'fetch-whole' ? this.arrival.shelved : undefined;
    if (shelved !== undefined && sendOwnNotModified(answer, shelved, { response, status }, this.#parts.clock)) return;
    // The next conditional request goes on as it is: the whole was of no use to anybody else.
    if (kind === 'fetch-whole' && this.#tellsOfNext) this.#fill.unshareable();
    answer.head(response, status);
    this.#led = answer;
    this.arrival.add(answer);
  }

  answerFollowers(): void {
    for (const follower of this.#fill.audience.takeFollowers()) this.answerFollower(follower);
  }

  /** A follower gets the response as it will lie on the shelf: without what is the leader's own. */
  answerFollower(waiter: Waiter): void {
    try {
      this.#answerFollower(waiter);
    } catch (cause) {
      failWithFault(waiter.answer, cause, this.#parts.events);
    }
  }

  #answerFollower(waiter: Waiter): void {
    const shelved = this.#fill.isAnswering ? this.arrival.shelved : undefined;
    if (shelved === undefined) {
      this.#release(waiter);
    } else if (!this.mayAnswer(waiter.answer)) {
      this.#fill.audience.turnAway(waiter, shelved.stored);
    } else {
      const prepared = prepare(waiter.answer.request, shelved, this.#parts.clock);
      const status = forwardedStatus(waiter, { collapsed: true, detail: waiter.detail });
      this.arrival.addPrepared(waiter.answer, prepared, status);
    }
  }

  /** Lets a follower go of a response that is not shared; the next ones need not wait for such a one, unless that was due to the request or its time. */
  #release(waiter: Waiter): void {
    if (this.#tellsOfNext) this.#fill.unshareable();
    this.#fill.release(waiter, this.#howToRelease(waiter));
  }

  /** Whether the next response is not to be shared either. */
  get #tellsOfNext(): boolean {
    return isDueToResponse(this.arrival.reason) && isAboutTarget(this.#storing.response.status);
  }

  #howToRelease({ answer }: Waiter): Release {
    const { status } = this.#storing.response;
    // Who sends nothing that could be repeated can share with others like that; to whoever does, the next such answer is of no use either.
    if (this.arrival.repeats) return unkeyedValues(answer.request, []).length === 0 ? 'again' : 'alone';
    // What was purged or invalidated on its way says nothing of the next response, which they share.
    if (this.arrival.reason === 'invalidated') return 'anew';
    if (failureCause(status) !== undefined) return 'failed';
    return isAboutTarget(status) ? 'alone' : 'again';
  }

  mayPublish(stored: StoredResponse): boolean {
    return this.#fill.standing.mayPublish(stored);
  }

  isOnItsWay(stored: StoredResponse): boolean {
    return this.#fill.isOnItsWay(stored);
  }

  /** Its head said that it is stored: the log and the metrics say what became of it. */
  notStored(reason: NotStoredReason): void {
    this.#led?.amend({ stored: false, detail: reason });
    this.#parts.events.notStored?.(this.#storing, reason);
  }

  /** The shelf has let go of it: nobody need wait for the next one, unless that was due to what came with it. */
  refused(reason: StoreRefusal): void {
    if (isDueToResponse(reason)) this.#fill.unshareable();
    this.notStored(reason);
  }

  storing(operation: Promise<unknown>): void {
    this.#fill.storing(operation);
  }

  pause(): void {
    this.#fill.pause();
  }

  resume(): void {
    this.#fill.resume();
  }

  unread(): void {
    this.#fill.unread();
  }
}
