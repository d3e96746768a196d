import { EtagereError } from '../errors.ts';
import type { CacheStatus } from '../http/cache-status.ts';
import { fieldLines } from '../http/fields.ts';
import { hasContent, type ResponseHead } from '../http/message.ts';
import type { CacheKey } from '../key/cache-key.ts';
import { type ForwardingConfig, receivedFields } from '../origin/forwarding.ts';
import type { Origin, OriginCall, OriginHandler } from '../origin/origin.ts';
import { type ExchangeTimes, remainingLifetime } from '../policy/age.ts';
import type { PolicyConfig } from '../policy/config.ts';
import { errorDetail, type NotStoredReason } from '../policy/decision.ts';
import { isNotModified } from '../policy/precondition.ts';
import type { Update } from '../policy/freshen.ts';
import { withDate } from '../policy/received.ts';
import { decideReuse, isSelectedBy } from '../policy/reuse.ts';
import { storability } from '../policy/storable.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Shelved, Store } from '../store/store.ts';
import type { Answer, Feeder } from './answer.ts';
import type { Clock } from './clock.ts';
import type { Generations } from './invalidate.ts';
import type { Limits } from './limits.ts';
import { type BodyControls, Passage } from './passage.ts';
import { type ClientRequest, originRequest } from './request.ts';
import { prepare, send } from './respond.ts';
import { Retained } from './retained.ts';
import { judgeValidation, validationFailure } from './validate.ts';
import { forwardedStatus, type StatusDetails, type Waiter, WaitingRoom } from './waiting.ts';

export interface FillPlan extends ClientRequest {
  readonly key: CacheKey;
  /** The stored response to validate, which stands in where it may if the origin fails. */
  readonly validating: Shelved | undefined;
  /** Whether others may wait for its head. */
  readonly collapsible: boolean;
  /** Counts requests and fills alike: what has the smaller number came first. */
  readonly sequence: number;
}

export interface FillParts {
  readonly origin: Origin;
  readonly store: Store;
  readonly clock: Clock;
  readonly policy: PolicyConfig;
  readonly limits: Limits;
  readonly forwarding: ForwardingConfig;
  readonly generations: Generations;
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
  readonly #parts: FillParts;
  readonly #owner: FillOwner;
  /** Started without a client, to validate while a stale response is served. */
  readonly background: boolean;
  readonly #waiting: WaitingRoom;
  #call: OriginCall | undefined;
  #phase: Phase = 'asking';
  #requestTime = 0;
  #conditional: boolean;
  #stored: StoredResponse | undefined;
  #body: Retained | Passage | undefined;
  #received = 0;
  #expected: number | undefined;

  /** Without a leader it is a validation in the background. */
  constructor(plan: FillPlan, leader: Waiter | undefined, parts: FillParts, owner: FillOwner) {
    this.plan = plan;
    this.generation = parts.generations.current;
    this.#waiting = new WaitingRoom(leader);
    this.background = leader === undefined;
    this.#parts = parts;
    this.#owner = owner;
    this.#conditional = plan.validating !== undefined;
  }

  start(): void {
    const { validating } = this.plan;
    this.#waiting.leader?.answer.fedBy(this);
    this.#requestTime = this.#parts.clock.steady();
    const asked = this.#conditional ? validating?.stored : undefined;
    this.#call = this.#parts.origin.request(originRequest(this.plan, asked, this.#parts.forwarding), this);
  }

  get asking(): boolean {
    return this.#phase === 'asking';
  }

  get followers(): number {
    return this.#waiting.followers;
  }

  /** The head that others may be answered with while it arrives; undefined where there is none, or not from byte 0. */
  get shared(): StoredResponse | undefined {
    return this.#phase === 'answering' && this.#body instanceof Retained && this.#body.whole ? this.#stored : undefined;
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
    const { clock, policy } = this.#parts;
    const times: ExchangeTimes = {
      requestTime: this.#requestTime,
      responseTime: clock.steady(),
      responseWallTime: clock.wall(),
    };
    const response = withDate({ status: head.status, fields: receivedFields(head.fields) }, times.responseWallTime);
    const { validating } = this.plan;
    if (validating === undefined || !this.#conditional) {
      this.#begin(response, times);
      return;
    }
    const verdict = judgeValidation(validating.stored, { request: this.plan.request, response, times }, policy);
    if (verdict.kind === 'replaced') this.#begin(response, times);
    else if (verdict.kind === 'failed') this.#settleStale(validating, response.status);
    else if (verdict.kind === 'mismatch') this.#askAgain();
    else
      this.#settleValidated({ stored: verdict.stored, content: validating.content }, validating.stored, verdict.shelf);
  }

  onData(chunk: Uint8Array): void {
    this.#received += chunk.length;
    if (this.#phase === 'discarding') {
      if (this.#received > this.#parts.limits.clientDrainBytes) this.#abortCall();
    } else if (this.#expected !== undefined && this.#received > this.#expected) {
      this.#call?.abort();
      this.onError(new EtagereError('ORIGIN_RESPONSE_INVALID', 'more content than its Content-Length says'));
    } else {
      this.#body?.write(chunk);
    }
  }

  onEnd(): void {
    if (this.#phase === 'answering' && this.#expected !== undefined && this.#received < this.#expected) {
      this.onError(
        new EtagereError('ORIGIN_RESPONSE_INCOMPLETE', `${this.#received} of ${this.#expected} bytes arrived`),
      );
      return;
    }
    const publish = this.#parts.generations.isCurrent(this.plan.key, this.generation);
    this.#over();
    if (this.#body instanceof Retained) this.#body.complete(publish ? this.#stored : undefined);
    else this.#body?.complete();
  }

  onError(error: EtagereError): void {
    if (this.#phase === 'asking') this.#fail(error);
    this.#over();
    this.#body?.abort(error);
  }

  onDrain(): void {
    // Nothing was written to anybody who still waits for a head.
  }

  onLeave(answer: Answer): void {
    this.#waiting.leave(answer);
    this.#endIfUnwanted();
  }

  /** A full response: judge it, then answer whoever it may answer. */
  #begin(response: ResponseHead, times: ExchangeTimes): void {
    this.#owner.responded(this, { request: this.plan.request, response, times });
    this.#expected = expectedLength(this.plan.request.method, response);
    this.#phase = 'answering';
    const reason = this.#openBody(response, times);
    const leader = this.#waiting.takeLeader();
    if (leader !== undefined) {
      const status = forwardedStatus(leader, {
        stored: reason === undefined,
        detail: leader.detail ?? (reason === leader.fwd ? undefined : reason),
      });
      if (!this.#notModifiedFor(leader, status)) {
        leader.answer.head(response, status);
        this.#body?.add(leader.answer);
      }
    }
    for (const follower of this.#waiting.takeFollowers()) this.#answerFollower(follower);
    this.#endIfUnwanted();
  }

  /** A validation took the place of the client's own preconditions: they are answered from what it brought (RFC 9111 §4.3.2). */
  #notModifiedFor({ answer }: Waiter, status: CacheStatus): boolean {
    const { clock } = this.#parts;
    if (!this.#conditional || this.#stored === undefined || !isNotModified(answer.request, this.#stored, clock.wall()))
      return false;
    answer.head(prepare(answer.request, this.#stored, undefined, clock).head, {
      ...status,
      fwdStatus: this.#stored.status,
    });
    answer.end();
    return true;
  }

  /** Decides where the content goes; returns why not onto the shelf, if so. */
  #openBody(response: ResponseHead, times: ExchangeTimes): NotStoredReason | undefined {
    const { request, content, key } = this.plan;
    const { store, policy, limits, generations } = this.#parts;
    const judged = storability(
      { request, requestHasContent: content !== null, response, times, generation: this.generation },
      policy,
    );
    const controls = this.#controls();
    const passage = (reason: NotStoredReason): NotStoredReason => {
      this.#body = new Passage(controls);
      return reason;
    };
    if (!judged.storable) return passage(judged.reason);
    if (!generations.isCurrent(key, this.generation)) return passage('invalidated');
    const writer = store.begin(judged.stored, this.#expected);
    if (typeof writer === 'string') return passage(writer);
    this.#stored = judged.stored;
    this.#body = new Retained(writer, controls, store, limits.readerWindowBytes);
    this.#owner.shared(this);
    return undefined;
  }

  #controls(): BodyControls {
    return {
      pause: () => this.#call?.pause(),
      resume: () => this.#call?.resume(),
      unwanted: () => this.#endIfUnwanted(),
    };
  }

  /** A follower gets the response as it will lie on the shelf: without what is the leader's own. */
  #answerFollower(waiter: Waiter): void {
    const { shared } = this;
    if (shared === undefined || !(this.#body instanceof Retained)) {
      this.#owner.release(waiter, 'alone');
    } else if (!this.mayAnswer(waiter.answer)) {
      this.#owner.release(waiter, 'again');
    } else {
      const { content } = this.#body;
      const prepared = prepare(waiter.answer.request, shared, undefined, this.#parts.clock);
      this.#body.addPrepared(
        waiter.answer,
        prepared,
        forwardedStatus(waiter, { collapsed: true, detail: waiter.detail }),
      );
      if (content.complete) this.#endIfUnwanted();
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

  #sendShelved(waiter: Waiter, { stored, content }: Shelved, more: StatusDetails): void {
    const prepared = prepare(waiter.answer.request, stored, content.length, this.#parts.clock);
    send(waiter.answer, prepared, content, forwardedStatus(waiter, more));
  }

  /** No head came: everyone who waits for one hears why at once. */
  #fail(error: EtagereError): void {
    const { validating } = this.plan;
    const told =
      validating === undefined ? error : validationFailure(validating.stored, error, this.#parts.clock.steady());
    if (validating !== undefined && told === undefined) {
      this.#settleStale(validating, undefined);
      return;
    }
    const reason = told ?? error;
    for (const [waiter, collapsed] of this.#waiting.takeAll()) {
      waiter.answer.fail(reason, forwardedStatus(waiter, { collapsed, detail: errorDetail(reason.code) }));
    }
  }

  /** The 304 was about something else (RFC 9111 §4.3.4): the same request without preconditions. */
  #askAgain(): void {
    this.#call?.abort();
    this.#conditional = false;
    this.start();
  }

  /** Ends the request to the origin when neither a client nor the shelf wants what it brings. */
  #endIfUnwanted(): void {
    const waitedFor = !this.#waiting.empty || this.background;
    const wanted = this.#phase === 'asking' ? waitedFor : this.#phase !== 'answering' || this.#body?.wanted === true;
    if (!wanted) this.#abortCall();
  }

  #abortCall(): void {
    if (this.#phase === 'over') return;
    this.#call?.abort();
    this.#over();
    this.#body?.abort(undefined);
  }

  #over(): void {
    if (this.#phase === 'over') return;
    this.#phase = 'over';
    this.#owner.ended(this);
  }
}

/** Bytes of content that the head promises (RFC 9110 §8.6); undefined where the end is told otherwise. */
function expectedLength(method: string, response: ResponseHead): number | undefined {
  if (!hasContent(method, response.status)) return 0;
  const length = fieldLines(response.fields, 'content-length')[0];
  return length === undefined || !/^\d{1,15}$/.test(length) ? undefined : Number(length);
}
