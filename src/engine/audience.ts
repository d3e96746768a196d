import type { EtagereError } from '../errors.ts';
import type { Fields } from '../http/fields.ts';
import { isReusable, remainingLifetime } from '../policy/age.ts';
import type { PolicyConfig } from '../policy/config.ts';
import { errorDetail } from '../policy/decision.ts';
import { withoutDemands } from '../policy/presented.ts';
import { decideReuse, isSelectedBy } from '../policy/reuse.ts';
import { isEquivalent } from '../policy/search-variation.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Shelved, Store } from '../store/store.ts';
import type { Asker } from './answer.ts';
import { readBy, type ReadingParts } from './continued-content.ts';
import { prepare, send } from './respond.ts';
import { forwardedStatus, type Release, type StatusDetails, type Waiter, WaitingRoom } from './waiting.ts';

export interface AudienceParts extends ReadingParts {
  readonly policy: PolicyConfig;
  readonly store: Store;
}

/** How the origin failed: by its own word, or without one. */
export type FillFailure = { readonly status: number } | { readonly error: EtagereError };

/** Takes a follower that is not answered. */
export interface Releaser {
  release(waiter: Waiter, how: Release): void;
}

/** Those who wait for one request to the origin, and how they are answered when it is settled without content of its own. */
export class Audience extends WaitingRoom {
  readonly #sequence: number;
  readonly #parts: AudienceParts;
  readonly #owner: Releaser;

  /** `sequence`: of the request to the origin. */
  constructor(leader: Waiter | undefined, sequence: number, parts: AudienceParts, owner: Releaser) {
    super(leader);
    this.#sequence = sequence;
    this.#parts = parts;
    this.#owner = owner;
  }

  /**
   * Whether a response that has just come may answer this request: it is that of its target or of an equivalent one, the right variant, and may be reused without validation. What the
   * request itself demands (`no-cache`, `max-age`) counts for nothing if it came before the origin was asked: its own answer would be no newer.
   */
  mayHave(answer: Asker, stored: StoredResponse): boolean {
    if (answer.key !== stored.key && !isEquivalent(answer.request.target, stored.search)) return false;
    const now = this.#parts.clock.steady();
    const { fields: presented } = answer.request;
    const fields = answer.sequence < this.#sequence ? withoutDemands(presented) : presented;
    const input = { request: { ...answer.request, fields }, hasContent: false, candidates: [stored], now };
    return decideReuse(input, this.#parts.policy).kind === 'reuse' && isReusable(stored, now);
  }

  /** Lets a follower go that may not have `stored`: to wait again, unless that would bring it nothing but the same. */
  turnAway(waiter: Waiter, stored: StoredResponse): void {
    const same = isSelectedBy(waiter.answer.request, stored) && !isReusable(stored, this.#parts.clock.steady());
    this.#owner.release(waiter, same ? 'alone' : 'again');
  }

  /** The origin has confirmed the stored response. The leader gets every field that came with that, `leaderFields`; others what lies on the shelf, unless they are to be released. */
  sendValidated(shelved: Shelved, leaderFields: Fields, release: Release | undefined): void {
    const leader = this.takeLeader();
    if (leader !== undefined) {
      const own = { ...shelved, stored: { ...shelved.stored, fields: leaderFields } };
      this.#send(leader, own, { fwdStatus: 304, detail: leader.detail });
    }
    for (const follower of this.takeFollowers()) {
      if (release !== undefined) this.#owner.release(follower, release);
      else if (!this.mayHave(follower.answer, shelved.stored)) this.turnAway(follower, shelved.stored);
      else this.#send(follower, shelved, { fwdStatus: 304, collapsed: true, detail: follower.detail });
    }
  }

  /** The origin has failed, by its own word or by `error`, and the stored response stands in (RFC 5861 §4). */
  sendStale(shelved: Shelved, failure: FillFailure): void {
    const ttl = Math.ceil(remainingLifetime(shelved.stored, this.#parts.clock.steady()));
    const fwdStatus = 'status' in failure ? failure.status : undefined;
    for (const [waiter, collapsed] of this.takeAll()) {
      if ('error' in failure) waiter.answer.excuse(failure.error);
      this.#send(waiter, shelved, { fwdStatus, ttl, collapsed, detail: 'stale-if-error' });
    }
  }

  /** No head came: everyone who waits for one hears why at once. */
  sendError(error: EtagereError): void {
    for (const [waiter, collapsed] of this.takeAll()) {
      waiter.answer.fail(error, forwardedStatus(waiter, { collapsed, detail: errorDetail(error.code) }));
    }
  }

  #send(waiter: Waiter, shelved: Shelved, details: StatusDetails): void {
    const { clock, store } = this.#parts;
    const content = readBy(waiter.answer, shelved, this.#parts);
    const prepared = prepare(waiter.answer.request, { stored: shelved.stored, content }, clock);
    send(waiter.answer, prepared, forwardedStatus(waiter, details))?.holdIn(store, shelved.content);
  }
}
