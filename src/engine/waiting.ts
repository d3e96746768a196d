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

/** Those who wait for the head of one response: the leader, whose request it answers, and followers. */
export class WaitingRoom {
  readonly #followers = new Map<Answer, Waiter>();
  #leader: Waiter | undefined;

  constructor(leader: Waiter | undefined) {
    this.#leader = leader;
  }

  get leader(): Waiter | undefined {
    return this.#leader;
  }

  get followers(): number {
    return this.#followers.size;
  }

  get empty(): boolean {
    return this.#leader === undefined && this.#followers.size === 0;
  }

  add(follower: Waiter): void {
    this.#followers.set(follower.answer, follower);
  }

  remove(follower: Waiter): boolean {
    return this.#followers.delete(follower.answer);
  }

  /** Forgets a client that has gone. */
  leave(answer: Answer): void {
    if (this.#leader?.answer === answer) this.#leader = undefined;
    this.#followers.delete(answer);
  }

  takeLeader(): Waiter | undefined {
    const leader = this.#leader;
    this.#leader = undefined;
    return leader;
  }

  takeFollowers(): Waiter[] {
    const followers = [...this.#followers.values()];
    this.#followers.clear();
    return followers;
  }

  /** Everyone, with whether they were collapsed into the leader's request. */
  takeAll(): [waiter: Waiter, collapsed: boolean][] {
    const leader = this.takeLeader();
    const followers = this.takeFollowers().map((follower): [Waiter, boolean] => [follower, true]);
    return leader === undefined ? followers : [[leader, false], ...followers];
  }
}

export type StatusDetails = { readonly [Name in keyof CacheStatus]?: CacheStatus[Name] | undefined };

/** The Cache-Status of a forwarded request: why it was, and what became of it. */
export function forwardedStatus(waiter: Waiter, details: StatusDetails): CacheStatus {
  const status: Record<string, unknown> = { hit: false, fwd: waiter.fwd };
  for (const [name, value] of Object.entries(details)) if (value !== undefined && value !== false) status[name] = value;
  return status as unknown as CacheStatus;
}
