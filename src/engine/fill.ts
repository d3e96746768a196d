import { EtagereError } from '../errors.ts';
import type { CacheStatus } from '../http/cache-status.ts';
import type { ResponseHead } from '../http/message.ts';
import type { CacheKey } from '../key/cache-key.ts';
import { type ForwardingConfig, receivedFields } from '../origin/forwarding.ts';
import type { Origin, OriginCall, OriginHandler } from '../origin/origin.ts';
import { type ExchangeTimes, remainingLifetime } from '../policy/age.ts';
import { completedBy } from '../policy/combine.ts';
import { errorDetail } from '../policy/decision.ts';
import type { Update } from '../policy/freshen.ts';
import { isNotModified } from '../policy/precondition.ts';
import { withDate } from '../policy/received.ts';
import { decideReuse, isSelectedBy } from '../policy/reuse.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Shelved } from '../store/store.ts';
import type { Answer, Feeder } from './answer.ts';
import { Arrival, type ArrivalParts, type Completing } from './arrival.ts';
import type { Clock } from './clock.ts';
import { type ClientRequest, originRequest } from './request.ts';
import { prepare, send } from './respond.ts';
import { judgeValidation, validationFailure } from './validate.ts';
import { forwardedStatus, type StatusDetails, type Waiter, WaitingRoom } from './waiting.ts';

/** What a request to the origin is about, beside its own answer. */
export type Purpose =
  | { readonly kind: 'fetch' }
  /** Whether `shelved` is still good; it stands in where it may if the origin fails. */
  | { readonly kind: 'validate'; readonly shelved: Shelved }
  /** The bytes that a stored part lacks. */
  | ({ readonly kind: 'complete' } & Completing);

export interface FillPlan extends ClientRequest {
  readonly key: CacheKey;
  readonly purpose: Purpose;
  /** Whether others may wait for its head. */
  readonly collapsible: boolean;
  /** Counts requests and fills alike: what has the smaller number came first. */
  readonly sequence: number;
}

export interface FillParts extends ArrivalParts {
  readonly origin: Origin;
  readonly clock: Clock;
  readonly forwarding: ForwardingConfig;
}

/** What a fill can't decide by itself. */
export interface FillOwner {
  /** A full response is here. */
  responded(fill: Fill, update: Update): void;
  /** The response is on its way to the shelf, and may answer others. */
  shared(fill: Fill): void;
  /** A follower that this fill does not answer: `again` if there may be an answer by now, `alone` if it must ask the origin itself. */
  release(waiter: Waiter, how: 'again' | 'alone'): void;
  ended(fill: Fill): void;
}

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
export class Fill implements OriginHandler, Feeder {
  readonly plan: FillPlan;
  readonly generation: number;
  /** Started without a client, to validate while a stale response is served. */
  readonly background: boolean;
  readonly #parts: FillParts;
  readonly #owner: FillOwner;
  readonly #waiting: WaitingRoom;
  #purpose: Purpose;
  #call: OriginCall | undefined;
  #phase: Phase = 'asking';
  #requestTime = 0;
  #arrival: Arrival | undefined;
  #discarded = 0;

  /** Without a leader it is a validation in the background. */
  constructor(plan: FillPlan, leader: Waiter | undefined, parts: FillParts, owner: FillOwner) {
    this.plan = plan;
    this.generation = parts.generations.current;
    this.#waiting = new WaitingRoom(leader);
    this.background = leader === undefined;
    this.#parts = parts;
    this.#owner = owner;
    this.#purpose = plan.purpose;
  }

  start(): void {
    const purpose = this.#purpose;
    this.#waiting.leader?.answer.fedBy(this);
    this.#requestTime = this.#parts.clock.steady();
    const about =
      purpose.kind === 'fetch'
        ? undefined
        : purpose.kind === 'complete'
          ? purpose.completion.fields
          : purpose.shelved.stored.preconditions;
    this.#call = this.#parts.origin.request(originRequest(this.plan, about, this.#parts.forwarding), this);
  }

  get asking(): boolean {
    return this.#phase === 'asking';
  }

  get followers(): number {
    return this.#waiting.followers;
  }

  /** The stored response that is being validated. */
  get validating(): StoredResponse | undefined {
    return this.plan.purpose.kind === 'validate' ? this.plan.purpose.shelved.stored : undefined;
  }

  /** The head that others may be answered with while it arrives. */
  get shared(): StoredResponse | undefined {
    return this.#phase === 'answering' ? this.#arrival?.shared : undefined;
  }

  /**
   * Whether what is arriving may answer a request that comes later: it is the right variant, and it is fresh, or the request came before the
   * origin was asked, so that the answer is as new as one of its own would have been.
   */
  mayAnswer(answer: Answer, stored = this.shared): boolean {
    if (stored === undefined) return false;
    const { request } = answer;
    if (answer.sequence < this.plan.sequence) return isSelectedBy(request, stored);
    const input = { request, hasContent: false, candidates: [stored], now: this.#parts.clock.steady() };
    return decideReuse(input, this.#parts.policy).kind === 'reuse';
  }

  /** Takes a follower: it waits for the head, or is answered at once. */
  join(waiter: Waiter): void {
    if (!this.asking) {
      this.#answerFollower(waiter);
      return;
    }
    this.#waiting.add(waiter);
    waiter.answer.fedBy(this);
  }

  /** Takes back a follower that has waited too long; false where it does not wait any more. */
  unjoin(waiter: Waiter): boolean {
    const waited = this.#waiting.remove(waiter);
    if (waited) this.#endIfUnwanted();
    return waited;
  }

  onInterim(head: ResponseHead): void {
    this.#waiting.leader?.answer.interim({ status: head.status, fields: receivedFields(head.fields) });
  }

  onHead(head: ResponseHead): void {
    const { clock } = this.#parts;
    const times: ExchangeTimes = {
      requestTime: this.#requestTime,
      responseTime: clock.steady(),
      responseWallTime: clock.wall(),
    };
    const response = withDate({ status: head.status, fields: receivedFields(head.fields) }, times.responseWallTime);
    const update = { request: this.plan.request, response, times };
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
      this.#call?.abort();
      this.onError(new EtagereError('ORIGIN_RESPONSE_INVALID', 'more content than its Content-Length says'));
    }
  }

  onEnd(): void {
    const missing = this.#phase === 'answering' ? this.#arrival?.complete(this.generation) : undefined;
    if (missing === undefined) this.#over();
    else this.onError(new EtagereError('ORIGIN_RESPONSE_INCOMPLETE', missing));
  }

  onError(error: EtagereError): void {
    if (this.#phase === 'asking') this.#fail(error);
    this.#over();
    this.#arrival?.abort(error);
  }

  onDrain(): void {
    // Nothing was written to anybody who still waits for a head.
  }

  onLeave(answer: Answer): void {
    this.#waiting.leave(answer);
    this.#endIfUnwanted();
  }

  /** The answer to a validation (RFC 9111 §4.3.3). */
  #validated(shelved: Shelved, update: Update): void {
    const verdict = judgeValidation(shelved.stored, update, this.#parts.policy);
    if (verdict.kind === 'replaced') this.#begin(update);
    else if (verdict.kind === 'failed') this.#settleStale(shelved, update.response.status);
    else if (verdict.kind === 'mismatch') this.#askPlainly();
    else this.#settleValidated({ stored: verdict.stored, content: shelved.content }, shelved.stored, verdict.shelf);
  }

  /** The answer to a request for what a stored part lacks (RFC 9111 §3.4). */
  #completed(completing: Completing, update: Update): void {
    const { response } = update;
    const whole = completedBy(completing.shelved.stored, completing.completion.missing, response);
    if (whole !== undefined) this.#begin({ ...update, response: whole }, completing);
    else if (response.status === 206 || response.status === 416) this.#askPlainly();
    else this.#begin(update);
  }

  /** A full response: judge it, then answer whoever it may answer. */
  #begin(update: Update, completing?: Completing): void {
    this.#owner.responded(this, update);
    this.#phase = 'answering';
    const { request, response, times } = update;
    const storing = {
      request,
      requestHasContent: this.plan.content !== null,
      response,
      times,
      generation: this.generation,
    };
    const arrival = new Arrival(storing, this.plan.key, completing, { ...this.#parts, controls: this.#controls() });
    this.#arrival = arrival;
    if (arrival.shared !== undefined) this.#owner.shared(this);
    const leader = this.#waiting.takeLeader();
    if (leader !== undefined) this.#answerLeader(leader, response, arrival);
    arrival.begin();
    for (const follower of this.#waiting.takeFollowers()) this.#answerFollower(follower);
    this.#endIfUnwanted();
  }

  #answerLeader(leader: Waiter, response: ResponseHead, arrival: Arrival): void {
    const { answer, fwd } = leader;
    const { reason } = arrival;
    const detail = leader.detail ?? (reason === fwd ? undefined : reason);
    const status = forwardedStatus(leader, { stored: reason === undefined, detail });
    if (this.#notModifiedFor(answer, status)) return;
    answer.head(response, status);
    arrival.add(answer);
  }

  /** A validation took the place of the client's own preconditions: they are answered from what it brought (RFC 9111 §4.3.2). */
  #notModifiedFor(answer: Answer, status: CacheStatus): boolean {
    const { clock } = this.#parts;
    const shelved = this.#purpose.kind === 'validate' ? this.#arrival?.shelved : undefined;
    if (shelved === undefined || !isNotModified(answer.request, shelved.stored, clock.wall())) return false;
    answer.head(prepare(answer.request, shelved, clock).head, { ...status, fwdStatus: shelved.stored.status });
    answer.end();
    return true;
  }

  #controls(): { pause(): void; resume(): void; unwanted(): void } {
    return {
      pause: () => this.#call?.pause(),
      resume: () => this.#call?.resume(),
      unwanted: () => this.#endIfUnwanted(),
    };
  }

  /** A follower gets the response as it will lie on the shelf: without what is the leader's own. */
  #answerFollower(waiter: Waiter): void {
    const shelved = this.#phase === 'answering' ? this.#arrival?.shelved : undefined;
    if (shelved === undefined) {
      this.#owner.release(waiter, 'alone');
    } else if (!this.mayAnswer(waiter.answer)) {
      this.#owner.release(waiter, 'again');
    } else {
      const prepared = prepare(waiter.answer.request, shelved, this.#parts.clock);
      this.#arrival?.addPrepared(
        waiter.answer,
        prepared,
        forwardedStatus(waiter, { collapsed: true, detail: waiter.detail }),
      );
    }
  }

  /** The origin has confirmed the stored response, now `shelved`; `previous` is what lies on the shelf. */
  #settleValidated(shelved: Shelved, previous: StoredResponse, shelf: 'update' | 'leave' | 'remove'): void {
    const { store, generations } = this.#parts;
    const current = generations.isCurrent(this.plan.key, this.generation);
    if (shelf === 'update' && current) void store.freshen(previous, shelved.stored);
    else if (shelf !== 'leave') void store.remove(previous);
    this.#phase = 'discarding';
    const leader = this.#waiting.takeLeader();
    if (leader !== undefined) this.#sendShelved(leader, shelved, { fwdStatus: 304, detail: leader.detail });
    for (const follower of this.#waiting.takeFollowers()) {
      if (shelf !== 'update') this.#owner.release(follower, 'alone');
      else if (!this.mayAnswer(follower.answer, shelved.stored)) this.#owner.release(follower, 'again');
      else this.#sendShelved(follower, shelved, { fwdStatus: 304, collapsed: true, detail: follower.detail });
    }
  }

  /** The origin has failed, and the stored response stands in (RFC 5861 §4). */
  #settleStale(shelved: Shelved, status: number | undefined): void {
    this.#phase = 'discarding';
    const ttl = Math.floor(remainingLifetime(shelved.stored, this.#parts.clock.steady()));
    for (const [waiter, collapsed] of this.#waiting.takeAll()) {
      this.#sendShelved(waiter, shelved, { fwdStatus: status, ttl, collapsed, detail: 'stale-if-error' });
    }
  }

  #sendShelved(waiter: Waiter, shelved: Shelved, more: StatusDetails): void {
    send(waiter.answer, prepare(waiter.answer.request, shelved, this.#parts.clock), forwardedStatus(waiter, more));
  }

  /** No head came: everyone who waits for one hears why at once. */
  #fail(error: EtagereError): void {
    const shelved = this.plan.purpose.kind === 'validate' ? this.plan.purpose.shelved : undefined;
    const told = shelved === undefined ? error : validationFailure(shelved.stored, error, this.#parts.clock.steady());
    if (shelved !== undefined && told === undefined) {
      this.#settleStale(shelved, undefined);
      return;
    }
    const reason = told ?? error;
    for (const [waiter, collapsed] of this.#waiting.takeAll()) {
      waiter.answer.fail(reason, forwardedStatus(waiter, { collapsed, detail: errorDetail(reason.code) }));
    }
  }

  /** The answer was about something else than what is stored (RFC 9111 §4.3.4): the same request, as the client made it. */
  #askPlainly(): void {
    this.#call?.abort();
    this.#purpose = { kind: 'fetch' };
    this.start();
  }

  /** Ends the request to the origin when neither a client nor the shelf wants what it brings. */
  #endIfUnwanted(): void {
    const waitedFor = !this.#waiting.empty || this.background;
    const wanted = this.#phase === 'asking' ? waitedFor : this.#phase !== 'answering' || this.#arrival?.wanted === true;
    if (!wanted) this.#abortCall();
  }

  #abortCall(): void {
    if (this.#phase === 'over') return;
    this.#call?.abort();
    this.#over();
    this.#arrival?.abort(undefined);
  }

  #over(): void {
    if (this.#phase === 'over') return;
    this.#phase = 'over';
    this.#owner.ended(this);
  }
}
