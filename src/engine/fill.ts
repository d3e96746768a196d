import { EtagereError } from '../errors.ts';
import type { ResponseHead } from '../http/message.ts';
import { receivedFields } from '../origin/forwarding.ts';
import type { Neighbour } from '../origin/in-progress.ts';
import type { NotStoredReason } from '../policy/decision.ts';
import type { Update } from '../policy/freshen.ts';
import { isStoredMethod } from '../policy/storing-rules.ts';
import type { StoredResponse } from '../policy/stored.ts';
import { Standing } from './standing.ts';
import type { MaybePromise } from '../store/maybe-promise.ts';
import type { Shelved } from '../store/store.ts';
import { AboutStored, type Inquirer } from './about-stored.ts';
import type { Answer, Asker, Feeder } from './answer.ts';
import { Audience, type FillFailure } from './audience.ts';
import type { Arrival, Completing } from './arrival.ts';
import { Deadline } from './deadline.ts';
import { type Deliverer, Delivery } from './delivery.ts';
import { faultOf } from './fault.ts';
import type { FillOwner } from './fill-owner.ts';
import { HeldBack } from './held-back.ts';
import type { HeldClaim } from './held-claim.ts';
import type { FillParts, FillPlan } from './plan.ts';
import type { Phase } from './phase.ts';
import { Question } from './question.ts';
import type { AskingHandler } from './tracing.ts';
import type { Release, Waiter } from './waiting.ts';

/**
 * One request to the origin and all that becomes of its response. The cache owns it, not its first client: followers read from byte 0 as it
 * arrives, and the leader may leave. Nothing is published before the origin has ended cleanly.
 */
export class Fill implements Neighbour<Fill>, AskingHandler, Feeder, Deliverer, Inquirer {
  readonly plan: FillPlan;
  previous: Fill | undefined;
  next: Fill | undefined;
  /** What is left of its right to be shared and stored. */
  readonly standing: Standing;
  /** Those who wait for its head. */
  readonly audience: Audience;
  /** Started without a client, to validate while a stale response is served. */
  readonly background: boolean;
  /** How many of its followers have waited too long and asked the origin themselves. */
  fanOut = 0;
  readonly #parts: FillParts;
  readonly #owner: FillOwner<Fill>;
  readonly #question: Question;
  #phase: Phase = 'asking';
  /** For what no client waits for, because it is for the shelf alone or is read away. */
  readonly #unattended: Deadline;
  /** Lets go of the stored content that it is about. */
  #letGo: (() => void) | undefined;
  #delivery: Delivery | undefined;
  #heldBack: HeldBack | undefined;
  /** What went wrong at the origin, if anything did. */
  failure: FillFailure | undefined;
  #discarded = 0;
  /** That nobody else who shares the shelf asks for the same. */
  #claim: HeldClaim | undefined;

  /** Without a leader it is a validation in the background. */
  constructor(plan: FillPlan, leader: Waiter | undefined, parts: FillParts, owner: FillOwner<Fill>) {
    this.plan = plan;
    this.standing = new Standing(plan.key, parts.generations);
    this.audience = new Audience(leader, plan.sequence, parts, owner);
    this.background = leader === undefined;
    this.#parts = parts;
    this.#owner = owner;
    this.#question = new Question(plan, parts, this);
    this.#unattended = new Deadline(parts.clock, parts.limits.unattendedFillMs, () => this.#abortCall());
    leader?.answer.fedBy(this);
    const { purpose } = plan;
    if ('shelved' in purpose) this.#letGo = parts.store.hold(purpose.shelved.content);
  }

  /** Asks the origin; `claim` is held until what comes is on the shelf, or will not be. */
  start(claim?: HeldClaim): void {
    this.#claim = claim;
    this.#question.ask(this.audience.leader?.answer);
  }

  /** Gives up before the origin was asked. Tells those who wait. */
  giveUp(): readonly Waiter[] {
    const waiters = this.audience.takeAll().map(([waiter]) => waiter);
    this.#over();
    return waiters;
  }

  get asking(): boolean {
    return this.#phase === 'asking';
  }

  /** Whether those who ask for the same wait for it: no head is there, or its content may repeat what its own client has sent. */
  get isUndecided(): boolean {
    return this.asking || (this.isAnswering && this.#delivery?.isHeldBack === true);
  }

  /** Whether what arrives may repeat what its own client has sent, as far as is known. */
  get mayRepeat(): boolean {
    return this.isAnswering && this.#arrival?.isUndecided === true;
  }

  get isOver(): boolean {
    return this.#phase === 'over';
  }

  get isAnswering(): boolean {
    return this.#phase === 'answering';
  }

  get followers(): number {
    return this.audience.followers;
  }

  /** The stored response that it was begun for, to validate or to complete it. */
  get about(): StoredResponse | undefined {
    const { purpose } = this.plan;
    return 'shelved' in purpose ? purpose.shelved.stored : undefined;
  }

  /** Whether what it brings goes onto the shelf, as far as that can be told. */
  get isForShelf(): boolean {
    if (!this.asking) return this.arriving !== undefined;
    return !this.plan.isBypassed && isStoredMethod(this.plan, this.#parts.policy);
  }

  /** The stored response that is being validated. */
  get validating(): StoredResponse | undefined {
    return this.plan.purpose.kind === 'validate' ? this.plan.purpose.shelved.stored : undefined;
  }

  /** The head that others may be answered with while it arrives. */
  get shared(): StoredResponse | undefined {
    return this.isAnswering ? this.#arrival?.shared : undefined;
  }

  /** The head that is arriving, if it is to be stored. */
  get arriving(): StoredResponse | undefined {
    return this.isAnswering ? this.#arrival?.stored : undefined;
  }

  /** Whether what is arriving may answer a request. */
  mayAnswer(answer: Asker): boolean {
    return this.isAnswering && this.#delivery?.mayAnswer(answer) === true;
  }

  /** Takes a follower: it waits for the head, or is answered at once. */
  join(waiter: Waiter): void {
    if (this.isUndecided) {
      this.audience.add(waiter);
      waiter.answer.fedBy(this);
    } else {
      this.#delivery?.answerFollower(waiter);
    }
    this.#watchUnattended();
  }

  /** Takes back a follower that has waited too long; false where it does not wait any more. */
  unjoin(waiter: Waiter): boolean {
    const waited = this.audience.remove(waiter);
    if (waited) this.#endIfUnwanted();
    return waited;
  }

  onInterim(head: ResponseHead): void {
    this.audience.leader?.answer.interim({ status: head.status, fields: receivedFields(head) });
  }

  onHead(head: ResponseHead): void {
    const update = this.#question.answered(head);
    const { purpose } = this.#question;
    if (purpose.kind === 'validate') this.#aboutStored.validated(purpose.shelved, update);
    else if (purpose.kind === 'complete') this.#aboutStored.completed(purpose, update);
    else this.begin(update);
  }

  onData(chunk: Uint8Array): void {
    if (this.#heldBack?.isHolding === true) this.#heldBack.add(() => this.#receive(chunk));
    else this.#receive(chunk);
  }

  #receive(chunk: Uint8Array): void {
    if (this.#phase === 'discarding') {
      this.#discarded += chunk.length;
      if (this.#discarded > this.#parts.limits.clientDrainBytes) this.#abortCall();
    } else if (this.#arrival?.write(chunk) === false) {
      this.broke(new EtagereError('ORIGIN_RESPONSE_INVALID', 'more content than its Content-Length says'));
    } else if (this.#delivery?.isHeldBack === true) {
      this.#decide();
    } else if (this.#claim !== undefined && this.#arrival?.shared === undefined) {
      // Too large to be shared as it comes, and long in coming: nobody elsewhere need wait for it.
      this.#claim.release();
    }
  }

  onEnd(): void {
    if (this.#heldBack?.isHolding === true) this.#heldBack.add(() => this.#ended());
    else this.#ended();
  }

  #ended(): void {
    const fault = this.faultAtEnd();
    if (fault === undefined) {
      if (this.#phase === 'answering') {
        this.#arrival?.lookedThrough();
        this.#decide();
        this.#arrival?.complete();
      }
      this.#over();
    } else this.#failed(fault);
  }

  faultAtEnd(): EtagereError | undefined {
    const missing = this.#phase === 'answering' ? this.#arrival?.missing : undefined;
    return missing === undefined ? undefined : new EtagereError('ORIGIN_RESPONSE_INCOMPLETE', missing);
  }

  onError(error: EtagereError): void {
    if (this.#heldBack?.isHolding === true) this.#heldBack.add(() => this.#failed(error));
    else this.#failed(error);
  }

  #failed(error: EtagereError): void {
    if (error.code === 'INTERNAL') this.#parts.events.faulted?.(error.cause);
    if (this.#phase === 'asking') {
      this.#question.unanswered(error);
      this.#fail(error);
    }
    this.#over();
    this.#arrival?.abort(error);
  }

  /** Ends although the origin goes on. */
  broke(cause: unknown): void {
    const error = faultOf(cause);
    this.#question.abort(error);
    this.#failed(error);
  }

  /** Fails before the origin was asked. */
  refuse(error: EtagereError): void {
    this.#fail(error);
    this.#over();
  }

  pause(): void {
    this.#question.pause();
  }

  resume(): void {
    this.#question.resume();
  }

  unread(): void {
    this.#endIfUnwanted();
  }

  isOnItsWay(stored: StoredResponse): boolean {
    return this.#owner.isOnItsWay(stored);
  }

  unshareable(): void {
    this.#claim?.release();
    this.#owner.unshareable(this);
  }

  storing(operation: MaybePromise<unknown>): void {
    this.#claim?.storing(operation);
  }

  release(waiter: Waiter, how: Release): void {
    this.#owner.release(waiter, how);
  }

  onDrain(): void {
    // Nothing was written to anybody who still waits for a head.
  }

  onLeave(answer: Answer): void {
    this.audience.leave(answer);
    this.#endIfUnwanted();
  }

  /** A full response: judge it, then answer whoever it may answer. */
  begin(update: Update, completing?: Completing): NotStoredReason | undefined {
    const { request, response } = update;
    const wasCurrent = request.method === 'POST' && this.standing.mayPublishFields(response.fields);
    const told = this.#owner.responded(this, update, this.#parts.policy);
    // What an unsafe request has invalidated is older than its own response; what others did meanwhile is not.
    if (wasCurrent) this.standing.renew();
    if (told === undefined) return this.#deliver(update, completing);
    this.#question.pause();
    this.#heldBack = new HeldBack(this.#parts, this);
    this.#heldBack.hold(told, () => void this.#deliver(update, completing));
    return undefined;
  }

  #deliver(update: Update, completing: Completing | undefined): NotStoredReason | undefined {
    const { key, content, isBypassed } = this.plan;
    const { request, response, times, closeDelimited = false } = update;
    const requestHasContent = content !== null;
    const generation = this.standing.published;
    // Written out, as spreads are what a miss spends its time with.
    const storing = { request, requestHasContent, response, times, closeDelimited, generation, key, isBypassed };
    const delivery = new Delivery(storing, completing, this.#parts, this);
    this.#phase = 'answering';
    this.#delivery = delivery;
    const { arrival } = delivery;
    if (arrival.shared !== undefined) this.#owner.shared(this);
    if (arrival.stored === undefined) this.#claim?.release();
    const leader = this.audience.takeLeader();
    if (leader !== undefined) delivery.answerLeader(leader);
    arrival.begin();
    if (!delivery.isHeldBack) delivery.answerFollowers();
    this.#endIfUnwanted();
    return arrival.reason;
  }

  /** Its content is long in coming: who waits to hear whether that may be shared is let go of, and nobody waits any more. */
  dismissFollowers(): readonly Waiter[] {
    this.#delivery?.shareNoMore();
    this.#claim?.release();
    return this.audience.takeFollowers();
  }

  /** Once the content was looked through, or can't be shared any more: those who have waited for that are answered, or let go. */
  #decide(): void {
    const delivery = this.#delivery;
    if (delivery?.isDecidedNow() !== true) return;
    if (delivery.arrival.shared === undefined) this.#claim?.release();
    else this.#owner.shared(this);
    delivery.answerFollowers();
    this.#watchUnattended();
  }

  confirmed(update: Update): void {
    this.#owner.confirmed(this, update, this.#parts.policy);
  }

  standIn(shelved: Shelved, failure: FillFailure): void {
    this.failure = failure;
    this.discard();
    this.audience.sendStale(shelved, failure);
  }

  #fail(error: EtagereError): void {
    this.failure = { error };
    this.#aboutStored.unanswered(this.plan, error);
  }

  get #aboutStored(): AboutStored {
    return new AboutStored(this, this.#parts);
  }

  /** Everybody has an answer: what still comes is read away. */
  discard(): void {
    this.#phase = 'discarding';
    this.#claim?.end();
    this.#watchUnattended();
  }

  /** The answer was about something else than what is stored (RFC 9111 §4.3.4): the same request, as the client made it. */
  askPlainly(): void {
    this.#question.askPlainly(this.audience.leader?.answer);
  }

  /** Ends the request to the origin when neither a client nor the shelf wants what it brings. */
  #endIfUnwanted(): void {
    const waitedFor = !this.audience.empty || this.background;
    const wanted = this.#phase === 'asking' ? waitedFor : this.#phase !== 'answering' || this.#arrival?.wanted === true;
    if (!wanted) this.#abortCall();
    else this.#watchUnattended();
  }

  #watchUnattended(): void {
    const isUnread = this.#phase === 'answering' && this.#arrival?.read === false && this.audience.empty;
    this.#unattended.holdWhile(this.#phase === 'discarding' || isUnread);
  }

  #abortCall(): void {
    if (this.#phase === 'over') return;
    this.#question.abort();
    this.#over();
    this.#arrival?.abort(undefined);
  }

  get #arrival(): Arrival | undefined {
    return this.#delivery?.arrival;
  }

  #over(): void {
    if (this.#phase === 'over') return;
    this.#phase = 'over';
    this.#unattended.holdWhile(false);
    this.#letGo?.();
    this.#claim?.end();
    this.#owner.ended(this);
    // It ended before it was known whether they may have it.
    for (const follower of this.audience.takeFollowers()) this.#owner.release(follower, 'again');
  }
}
