import type { CacheStatus, ForwardReason } from '../http/cache-status.ts';
import type { Detail } from '../policy/decision.ts';
import type { Answer } from './answer.ts';

/** A client's request that a fill is to answer. */
export interface Waiter {
  readonly answer: Answer;
  readonly fwd: ForwardReason;
  readonly detail: Detail | undefined;
  /** How often it has been decided anew because a fill could not answer it. */
  readonly tries: number;
}

/** Why a follower is not answered by what it has waited for, and so what becomes of it. */
export type Release =
  /** What came was purged or invalidated on its way: it is decided as if it had come only now. */
  | 'anew'
  /** What came is not for it: there may be an answer by now, or one of the others brings it. Tried a few times. */
  | 'again'
  /** The origin has failed: one of the others asks, and once that was tried a few times, the rest is told. */
  | 'failed'
  /** Nothing that others bring will answer it: it asks the origin itself. */
  | 'alone';

/** Those who wait for the head of one response: the leader, whose request it answers, and followers. */
export class WaitingRoom {
  /** Made for the first: most requests have none. */
  #followers: Map<Answer, Waiter> | undefined;
  #leader: Waiter | undefined;

  constructor(leader: Waiter | undefined) {
    this.#leader = leader;
  }

  get leader(): Waiter | undefined {
    return this.#leader;
  }

  get followers(): number {
    return this.#followers?.size ?? 0;
  }

  get empty(): boolean {
    return this.#leader === undefined && this.followers === 0;
  }

  add(follower: Waiter): void {
    (this.#followers ??= new Map()).set(follower.answer, follower);
  }

  remove(follower: Waiter): boolean {
    return this.#followers?.delete(follower.answer) === true;
  }

  /** Forgets a client that has gone. */
  leave(answer: Answer): void {
    if (this.#leader?.answer === answer) this.#leader = undefined;
    this.#followers?.delete(answer);
  }

  takeLeader(): Waiter | undefined {
    const leader = this.#leader;
    this.#leader = undefined;
    return leader;
  }

  takeFollowers(): Waiter[] {
    if (this.#followers === undefined) return [];
    const followers = [...this.#followers.values()];
    this.#followers = undefined;
    return followers;
  }

  /** Everyone, with whether they were collapsed into the leader's request. */
  takeAll(): [waiter: Waiter, collapsed: boolean][] {
    const leader = this.takeLeader();
    const followers = this.takeFollowers().map((follower): [Waiter, boolean] => [follower, true]);
    return leader === undefined ? followers : [[leader, false], ...followers];
  }
}

type Details = Omit<CacheStatus, 'hit' | 'fwd'>;

export type StatusDetails = { readonly [Name in keyof Details]?: Details[Name] | undefined };

/** The Cache-Status of a forwarded request: why it was, and what became of it. */
export function forwardedStatus({ fwd }: Waiter, details: StatusDetails): CacheStatus {
  const { fwdStatus, stored, collapsed, ttl, detail } = details;
  const status: Writable<CacheStatus> = { hit: false, fwd };
  if (fwdStatus !== undefined) status.fwdStatus = fwdStatus;
  if (stored === true) status.stored = true;
  if (collapsed === true) status.collapsed = true;
  if (ttl !== undefined) status.ttl = ttl;
  if (detail !== undefined) status.detail = detail;
  return status;
}

type Writable<Type> = { -readonly [Name in keyof Type]: Type[Name] };
