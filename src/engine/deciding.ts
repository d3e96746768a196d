import { EtagereError } from '../errors.ts';
import { assertNever } from '../http/message.ts';
import { cacheKey } from '../key/cache-key.ts';
import { errorDetail, isAskedByWish, type Reuse } from '../policy/decision.ts';
import { decideReuse } from '../policy/reuse.ts';
import type { Shelved, Store } from '../store/store.ts';
import type { Answer } from './answer.ts';
import type { Asking, Presented } from './asking.ts';
import { brought, patienceWith } from './bringing.ts';
import type { Clock } from './clock.ts';
import type { OriginDecision } from './collapse.ts';
import { readBy } from './continued-content.ts';
import type { EngineEvents } from './events.ts';
import type { Limits } from './limits.ts';
import type { Lookup } from './lookup.ts';
import { RequestedValidations } from './requested-validations.ts';
import { failWithFault } from './fault.ts';
import { type Prepared, prepare, send } from './respond.ts';
import { settle } from './settle.ts';

export interface DecidingParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly events: EngineEvents;
  readonly lookup: Lookup;
  readonly asking: Asking;
}

type ReuseDecision = Extract<Reuse, { kind: 'reuse' }>;

/** What a request is answered with, and why. */
interface Reused {
  readonly shelved: Shelved;
  readonly reuse: ReuseDecision;
}

/**
 * The order of things: look up, decide, and then reuse, validate or forward. What the decision is, the policy says; what becomes of a request to the
 * origin, the fill.
 */
export class Deciding {
  readonly #parts: DecidingParts;
  readonly #validations: RequestedValidations;

  constructor(parts: DecidingParts) {
    this.#parts = parts;
    this.#validations = new RequestedValidations(parts.clock, parts.limits.requestedValidations);
  }

  /** What is at hand answers, if it may; before anybody is asked for that, all of the shelf is looked at. `tries`: how often it was decided before. */
  decide(answer: Answer, tries: number): void {
    const { lookup } = this.#parts;
    const { key, request } = answer;
    const act = this.#guarded(answer, (shelf: readonly Shelved[]): void => {
      if (!answer.ended) this.#act({ answer, key, shelf, tries }, this.#decisionOn(answer, shelf));
    });
    if (!lookup.looksBeyondHand) {
      lookup.ofRequest(request, key, act);
      return;
    }
    const actOrLookFurther = this.#guarded(answer, (shelf: readonly Shelved[]): void => {
      const reuse = this.#decisionOn(answer, shelf);
      if (reuse.kind === 'reuse' || isForOrigin(reuse)) this.#act({ answer, key, shelf, tries }, reuse);
      else lookup.ofRequest(request, key, act);
    });
    lookup.ofRequest(request, key, actOrLookFurther, 'at-hand');
  }

  /** The same, where what it throws ends the answer: who calls it knows of none. */
  #guarded<Told>(answer: Answer, act: (told: Told) => void): (told: Told) => void {
    return (told) => {
      try {
        act(told);
      } catch (cause) {
        failWithFault(answer, cause, this.#parts.events);
      }
    };
  }

  #decisionOn(answer: Answer, shelf: readonly Shelved[], heedsClient = true): Reuse {
    const { policy, bypasses } = answer.route;
    const input = {
      request: answer.request,
      isBypassed: bypasses?.(answer.request) === true,
      hasContent: answer.content !== null && answer.key === cacheKey(answer.request),
      heedsClient,
      candidates: shelf.map(({ stored }) => stored),
      now: this.#parts.clock.steady(),
    };
    return decideReuse(input, policy);
  }

  #act(presented: Presented, reuse: Reuse): void {
    const { answer } = presented;
    switch (reuse.kind) {
      case 'reuse':
        this.#reuse(presented, reuse);
        break;
      case 'refuse':
        answer.fail(new EtagereError(reuse.error, 'the request forbids to ask the origin'), {
          hit: false,
          fwd: reuse.fwd,
          detail: errorDetail(reuse.error),
        });
        break;
      case 'validate':
      case 'complete':
      case 'forward':
        this.#ask(presented, reuse);
        break;
      default:
        assertNever(reuse);
    }
  }

  #reuse(presented: Presented, reuse: ReuseDecision): void {
    const { answer, shelf } = presented;
    const { store, clock } = this.#parts;
    const shelved = shelf.find(({ stored }) => stored === reuse.selected) as Shelved;
    const content = readBy(answer, shelved, this.#parts);
    const prepared = prepare(answer.request, { stored: shelved.stored, content }, clock);
    const first = prepared.content?.firstStored;
    const bringing =
      first === undefined ? undefined : brought(shelved.content, first, patienceWith(shelved, this.#parts));
    if (shelf.length > 1) store.used(shelved.stored);
    if (bringing === undefined) this.#send(answer, prepared, { shelved, reuse });
    else this.#whenBrought(bringing, presented, shelved, () => this.#send(answer, prepared, { shelved, reuse }));
  }

  #send(answer: Answer, prepared: Prepared, { shelved, reuse }: Reused): void {
    const { detail } = reuse;
    answer.tier = shelved.tier;
    const status = { hit: true, ttl: Math.ceil(reuse.ttl), ...(detail === undefined ? {} : { detail }) };
    if (detail === 'stale-while-revalidate') this.#parts.asking.validateInBackground(answer, shelved);
    send(answer, prepared, status)?.holdIn(this.#parts.store, shelved.content);
  }

  /** Nobody is asked whether something is still good that can't be had any more. */
  #ask(presented: Presented, decision: OriginDecision): void {
    const { asking } = this.#parts;
    const { answer, key, shelf, tries } = presented;
    // One that waited in vain has been counted.
    if (tries === 0 && isAskedByWish(decision) && !this.#validations.mayBegin(key)) {
      this.#act(presented, this.#decisionOn(answer, shelf, false));
      return;
    }
    const selected = decision.kind === 'validate' ? decision.selected : undefined;
    const shelved = selected && shelf.find(({ stored }) => stored === selected);
    const bringing = shelved && brought(shelved.content, 0, patienceWith(shelved, this.#parts));
    if (shelved === undefined || bringing === undefined) asking.ask(presented, decision);
    else this.#whenBrought(bringing, presented, shelved, () => asking.ask(presented, decision));
  }

  /** Goes on where the content of a response is there; where it can't be had, it is decided without that response: no head is out yet, and there is another way. */
  #whenBrought(bringing: Promise<boolean>, presented: Presented, of: Shelved, goOn: () => void): void {
    const { answer, shelf } = presented;
    const act = this.#guarded(answer, (isThere: boolean): void => {
      if (answer.ended) return;
      const others = shelf.filter((each) => each !== of);
      if (isThere) goOn();
      else this.#act({ ...presented, shelf: others }, this.#decisionOn(answer, others));
    });
    settle(bringing.then(act));
  }
}

/** Whether nothing that is stored would answer the request, whatever there is. */
function isForOrigin(reuse: Reuse): boolean {
  return reuse.kind === 'forward' && (reuse.fwd === 'method' || reuse.fwd === 'bypass');
}
