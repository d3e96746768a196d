import { EtagereError } from '../errors.ts';
import type { ResponseHead } from '../http/message.ts';
import { receivedFields } from '../origin/forwarding.ts';
import type { Neighbour } from '../origin/in-progress.ts';
import type { OriginCall } from '../origin/origin.ts';
import { completedBy, isOfSame } from '../policy/combine.ts';
import { liesInRequest } from '../policy/decision.ts';
import type { Update } from '../policy/freshen.ts';
import { isAboutTarget } from '../policy/status.ts';
import { isStoredMethod } from '../policy/storing-rules.ts';
import type { StoredResponse } from '../policy/stored.ts';
import { settle } from './settle.ts';
import { Standing } from './standing.ts';
import type { Shelved } from '../store/store.ts';
import type { Answer, Asker, Feeder } from './answer.ts';
import { Audience, type FillFailure } from './audience.ts';
import type { Arrival, Completing } from './arrival.ts';
import { Deadline } from './deadline.ts';
import { type Deliverer, Delivery } from './delivery.ts';
import type { FillOwner } from './fill-owner.ts';
import { aboutOf, type FillParts, type FillPlan, type Purpose } from './plan.ts';
import { originRequest } from './request.ts';
import { received } from './received.ts';
import { type AskingHandler, askOrigin } from './tracing.ts';
import { judgeValidation, type Validation, validationFailure } from './validate.ts';
import type { Release, Waiter } from './waiting.ts';

type Phase =
  /** No final head yet. */
  | 'asking'
  /** Content goes to whoever reads it. */
  | 'answering'
  /** All is said; what still comes is read away, so that the connection can be used again. */
  | 'discarding'
  | 'over';

/**
 * One request to the origin and all that becomes of its response. The cache owns it, not its first client: followers read from byte 0 as it
 * arrives, and the leader may leave. Nothing is published before the origin has ended cleanly.
 */
export class Fill implements Neighbour<Fill>, AskingHandler, Feeder, Deliverer {
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
  #purpose: Purpose;
  #call: OriginCall | undefined;
  #phase: Phase = 'asking';
  #requestTime = 0;
  /** For what no client waits for, because it is for the shelf alone or is read away. */
  readonly #unattended: Deadline;
  /** Lets go of the stored content that it is about. */
  #letGo: (() => void) | undefined;
  #delivery: Delivery | undefined;
  /** What went wrong at the origin, if anything did. */
  failure: FillFailure | undefined;
  #discarded = 0;

  /** Without a leader it is a validation in the background. */
  constructor(plan: FillPlan, leader: Waiter | undefined, parts: FillParts, owner: FillOwner<Fill>) {
    this.plan = plan;
    this.standing = new Standing(plan.key, parts.generations);
    this.audience = new Audience(leader, plan.sequence, parts, owner);
    this.background = leader === undefined;
    this.#parts = parts;
    this.#owner = owner;
    this.#purpose = plan.purpose;
    this.#unattended = new Deadline(parts.clock, parts.limits.unattendedFillMs, () => this.#abortCall());
  }

  start(): void {
    const purpose = this.#purpose;
    if ('shelved' in purpose) this.#letGo ??= this.#parts.store.hold(purpose.shelved.content);
    const leader = this.audience.leader?.answer;
    leader?.fedBy(this);
    this.#requestTime = this.#parts.clock.steady();
    const request = originRequest(this.plan, aboutOf(purpose), this.#parts);
    const asked = { request, purpose: purpose.kind, parent: leader?.trace, startedAt: this.#requestTime };
    this.#call = askOrigin(this.#parts.origin, asked, this);
  }

  get asking(): boolean {
    return this.#phase === 'asking';
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
    if (!this.asking) {
      this.#delivery?.answerFollower(waiter);
      this.#watchUnattended();
      return;
    }
    this.audience.add(waiter);
    waiter.answer.fedBy(this);
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
    const update = received(this.plan.request, head, this.#requestTime, this.#parts.clock);
    const headMs = update.times.responseTime - this.#requestTime;
    this.#parts.events.originAnswered({ route: this.plan.route, status: head.status, headMs });
    const purpose = this.#purpose;
    if (purpose.kind === 'validate') this.#validated(purpose.shelved, update);
    else if (purpose.kind === 'complete') this.#completed(purpose, update);
    else this.#begin(update);
  }

  onData(chunk: Uint8Array): void {
    if (this.#phase === 'discarding') {
      this.#discarded += chunk.length;
      if (this.#discarded > this.#parts.limits.clientDrainBytes) this.#abortCall();
    } else if (this.#arrival?.write(chunk) === false) {
      const fault = new EtagereError('ORIGIN_RESPONSE_INVALID', 'more content than its Content-Length says');
      this.#call?.abort(fault);
      this.onError(fault);
    }
  }

  onEnd(): void {
    const fault = this.faultAtEnd();
    if (fault === undefined) {
      if (this.#phase === 'answering') this.#arrival?.complete();
      this.#over();
    } else this.onError(fault);
  }

  faultAtEnd(): EtagereError | undefined {
    const missing = this.#phase === 'answering' ? this.#arrival?.missing : undefined;
    return missing === undefined ? undefined : new EtagereError('ORIGIN_RESPONSE_INCOMPLETE', missing);
  }

  onError(error: EtagereError): void {
    if (this.#phase === 'asking') this.#fail(error);
    this.#over();
    this.#arrival?.abort(error);
  }

  pause(): void {
    this.#call?.pause();
  }

  resume(): void {
    this.#call?.resume();
  }

  unread(): void {
    this.#endIfUnwanted();
  }

  unshareable(): void {
    this.#owner.unshareable(this);
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

  /** The answer to a validation (RFC 9111 §4.3.3). */
  #validated(shelved: Shelved, update: Update): void {
    const verdict = judgeValidation(shelved.stored, update, this.#parts.policy);
    if (verdict.kind === 'replaced') this.#replace(shelved.stored, update);
    else if (verdict.kind === 'failed') this.#failed(shelved, update);
    else if (verdict.kind === 'mismatch') this.#askPlainly();
    else this.#settleValidated(shelved, verdict, update);
  }

  /** The origin has answered a validation with an error, for which what is stored stands in if it was not invalidated meanwhile. */
  #failed(shelved: Shelved, update: Update): void {
    if (this.standing.isCurrent(shelved.stored)) this.#settleStale(shelved, { status: update.response.status });
    else this.#begin(update);
  }

  /** None of what is stored under this validator is right any more (RFC 9111 §4.3.3; §3.4 for a part), whether or not the new response may take its place. */
  #replace(previous: StoredResponse, update: Update): void {
    this.#begin(update);
    const { reason } = this.#arrival ?? {};
    const isOfAll = reason === undefined || !liesInRequest(reason);
    if (isOfAll && isAboutTarget(update.response.status)) settle(this.#parts.store.remove(previous));
  }

  /** The answer to a request for what a stored part lacks (RFC 9111 §3.4). */
  #completed(completing: Completing, update: Update): void {
    const { response } = update;
    const whole = completedBy(completing.shelved.stored, completing.completion.missing, response);
    if (whole !== undefined) this.#begin({ ...update, response: whole }, completing);
    else if (response.status === 206 || response.status === 416) this.#askPlainly();
    else if (isOfSame(completing.shelved.stored, response.fields)) this.#begin(update);
    else this.#replace(completing.shelved.stored, update);
  }

  /** A full response: judge it, then answer whoever it may answer. */
  #begin(update: Update, completing?: Completing): void {
    const { key, content, isBypassed } = this.plan;
    const { request, response, times, closeDelimited = false } = update;
    const wasCurrent = request.method === 'POST' && this.standing.mayPublishFields(response.fields);
    this.#owner.responded(this, update, this.#parts.policy);
    // What an unsafe request has invalidated is older than its own response; what others did meanwhile is not.
    if (wasCurrent) this.standing.renew();
    this.#phase = 'answering';
    const requestHasContent = content !== null;
    const generation = this.standing.published;
    // Written out, as spreads are what a miss spends its time with.
    const storing = { request, requestHasContent, response, times, closeDelimited, generation, key, isBypassed };
    const delivery = new Delivery(storing, completing, this.#parts, this);
    this.#delivery = delivery;
    const { arrival } = delivery;
    if (arrival.shared !== undefined) this.#owner.shared(this);
    const leader = this.audience.takeLeader();
    if (leader !== undefined) delivery.answerLeader(leader);
    arrival.begin();
    for (const follower of this.audience.takeFollowers()) delivery.answerFollower(follower);
    this.#endIfUnwanted();
  }

  /** The origin has confirmed the stored response (RFC 9111 §4.3.4). */
  #settleValidated(shelved: Shelved, verdict: Extract<Validation, { kind: 'not-modified' }>, update: Update): void {
    const { store } = this.#parts;
    const isPurged = verdict.shelf === 'update' && !this.standing.mayPublish(verdict.stored);
    if (verdict.shelf === 'update' && !isPurged) {
      // What was purged before this was asked is good again.
      settle(store.freshen(shelved.stored, { ...verdict.stored, generation: this.standing.generation }));
      this.#owner.confirmed(this, update, this.#parts.policy);
    } else if (verdict.shelf === 'remove' || (isPurged && !this.standing.isCurrent(verdict.stored))) {
      settle(store.remove(shelved.stored));
    }
    this.#discard();
    const updated = { stored: verdict.stored, content: shelved.content };
    // They may have asked after a purge that this answer came too early for.
    const release = isPurged ? 'anew' : verdict.shelf === 'update' ? undefined : 'alone';
    this.audience.sendValidated(updated, verdict.leaderFields, release);
  }

  #settleStale(shelved: Shelved, failure: FillFailure): void {
    this.failure = failure;
    this.#discard();
    this.audience.sendStale(shelved, failure);
  }

  /** No head came. */
  #fail(error: EtagereError): void {
    const { purpose, request, route } = this.plan;
    const { clock, events, policy: config } = this.#parts;
    const now = clock.steady();
    events.originAnswered({ route, status: 0, error: error.code, headMs: now - this.#requestTime });
    const shelved =
      purpose.kind === 'validate' && this.standing.isCurrent(purpose.shelved.stored) ? purpose.shelved : undefined;
    const told = shelved === undefined ? error : validationFailure(shelved.stored, error, { request, now, config });
    this.failure = { error };
    if (shelved !== undefined && told === undefined) this.#settleStale(shelved, { error });
    else this.audience.sendError(told ?? error);
  }

  /** Everybody has an answer: what still comes is read away. */
  #discard(): void {
    this.#phase = 'discarding';
    this.#watchUnattended();
  }

  /** The answer was about something else than what is stored (RFC 9111 §4.3.4): the same request, as the client made it. */
  #askPlainly(): void {
    this.#call?.abort();
    this.#purpose = { kind: 'fetch-whole' };
    this.start();
  }

  /** Ends the request to the origin when neither a client nor the shelf wants what it brings. */
  #endIfUnwanted(): void {
    const waitedFor = !this.audience.empty || this.background;
    const wanted = this.#phase === 'asking' ? waitedFor : this.#phase !== 'answering' || this.#arrival?.wanted === true;
    if (!wanted) this.#abortCall();
    else this.#watchUnattended();
  }

  #watchUnattended(): void {
    this.#unattended.holdWhile(
      this.#phase === 'discarding' || (this.#phase === 'answering' && this.#arrival?.read === false),
    );
  }

  #abortCall(): void {
    if (this.#phase === 'over') return;
    this.#call?.abort();
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
    this.#owner.ended(this);
  }
}
