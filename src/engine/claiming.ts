import { createHash } from 'node:crypto';
import { variantKey } from '../key/nominated-fields.ts';
import type { Claim } from '../store/claims.ts';
import type { Store } from '../store/store.ts';
import type { Answer } from './answer.ts';
import type { Clock } from './clock.ts';
import type { Fills } from './collapse.ts';
import type { Fill } from './fill.ts';
import { HeldClaim } from './held-claim.ts';
import type { Limits } from './limits.ts';
import type { Waiter } from './waiting.ts';

export interface ClaimingParts {
  readonly store: Pick<Store, 'claims'>;
  readonly clock: Pick<Clock, 'steady' | 'schedule'>;
  readonly limits: Pick<Limits, 'shelfStallMs'>;
  readonly fills: Pick<Fills, 'isUnshareable'>;
  /** Has a request decided as if it had come only now. */
  readonly decideAnew: (waiter: Waiter) => void;
}

/** So that of all who share a shelf one asks the origin for the same thing at a time: the others wait until that is on the shelf, once and not for long, and then go on as if they had come only now. */
export class Claiming {
  readonly #parts: ClaimingParts;
  /** Those who have waited for the fill of another, and do not once more. */
  readonly #haveWaited = new WeakSet<Answer>();

  constructor(parts: ClaimingParts) {
    this.#parts = parts;
  }

  /** Starts a fill, at once or when it may ask. */
  start(fill: Fill): void {
    const { claims } = this.#parts.store;
    if (claims === undefined || !this.#mayShare(fill)) {
      fill.start();
      return;
    }
    const claim = claims.claim(nameOf(fill));
    if (claim instanceof Promise) void claim.then((told) => this.#claimed(fill, told));
    else this.#claimed(fill, claim);
  }

  /** Whether others elsewhere could be answered by what it brings, as far as can be told before it has come. */
  #mayShare({ plan, validating, audience }: Fill): boolean {
    const inVain = validating === undefined && this.#parts.fills.isUnshareable(plan.commonKey);
    const leader = audience.leader?.answer;
    return plan.collapsible && !inVain && (leader === undefined || !this.#haveWaited.has(leader));
  }

  #claimed(fill: Fill, claim: Claim): void {
    if (claim.kind === 'elsewhere') {
      const began = this.#parts.clock.steady();
      void claim.done.then(() => this.#again(fill, began));
    } else if (fill.isOver) {
      claim.release();
    } else if (fill.standing.mayAnswerKey(fill.plan.commonKey)) {
      const { clock, limits } = this.#parts;
      fill.start(new HeldClaim(claim.release, { clock, shelfStallMs: limits.shelfStallMs }));
    } else {
      // Purged or invalidated before it has asked: what it would bring now could be used.
      claim.release();
      for (const waiter of fill.giveUp()) this.#parts.decideAnew(waiter);
    }
  }

  /** It is over elsewhere: what came is on the shelf by now, or whoever waits here goes on without. */
  #again(fill: Fill, began: number): void {
    if (fill.isOver) return;
    const elsewhereMs = this.#parts.clock.steady() - began;
    for (const waiter of fill.giveUp()) {
      this.#haveWaited.add(waiter.answer);
      waiter.answer.waitedElsewhere(elsewhereMs);
      this.#parts.decideAnew(waiter);
    }
  }
}

/** The same for all who ask the same, as far as can be told, wherever they are. A digest: there may be secrets in a target, or in a field that is nominated. */
function nameOf({ plan, validating }: Fill): string {
  const { commonKey, nominatedFields, request } = plan;
  const purpose = validating === undefined ? 'fetch' : 'validate';
  const variant = validating?.variant ?? variantKey(nominatedFields, request.fields);
  return createHash('sha256').update(`${purpose} ${commonKey} ${variant}`).digest('base64url');
}
