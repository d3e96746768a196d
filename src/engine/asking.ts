import { EtagereError } from '../errors.ts';
import { assertNever, type EpochMs } from '../http/message.ts';
import type { CacheKey } from '../key/cache-key.ts';
import type { PolicyConfig } from '../policy/config.ts';
import { errorDetail } from '../policy/decision.ts';
import type { Update } from '../policy/freshen.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Shelved, Store } from '../store/store.ts';
import type { Answer } from './answer.ts';
import { Background } from './background.ts';
import { Claiming } from './claiming.ts';
import type { Clock } from './clock.ts';
import type { Fills, OriginDecision, Seeker, Sought } from './collapse.ts';
import type { EngineEvents } from './events.ts';
import { Fill } from './fill.ts';
import type { FillOwner } from './fill-owner.ts';
import type { Limits } from './limits.ts';
import type { Load } from './load-watch.ts';
import type { Lookup } from './lookup.ts';
import type { FillParts, FillPlan, Purpose } from './plan.ts';
import type { Route } from './route.ts';
import type { Upkeep } from './upkeep.ts';
import type { Release, Waiter } from './waiting.ts';

export interface AskingParts {
  readonly store: Pick<Store, 'claims'>;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly events: EngineEvents;
  readonly load?: Load;
  readonly fills: Fills;
  readonly lookup: Lookup;
  readonly upkeep: Upkeep;
  /** What the fills of a route are made with. */
  readonly fillParts: (route: Route) => FillParts;
  /** The number of a request or a fill: what has the smaller one came first. */
  readonly nextInSequence: () => number;
  /** Has a request that waited in vain decided anew. */
  readonly lookupAgain: (answer: Answer, tries: number) => void;
}

/** A request with what is on the shelf for its key. */
export interface Presented extends Seeker {
  readonly answer: Answer;
  /** How often it was decided before. */
  readonly tries: number;
}

/** How often a request is decided anew because the fill it waited for could not answer it; after that it asks the origin itself. */
const maxTries = 3;

/** How long a request waits, over all the fills that it joins. */
interface Wait {
  readonly until: EpochMs;
  /** Takes back the alarm that ends it. */
  readonly cancel: () => void;
}

/** Requests that the origin must be asked for: which fill they join, or that they begin one; and what a fill has to tell. */
export class Asking implements FillOwner<Fill> {
  readonly #parts: AskingParts;
  readonly #waits = new Map<Answer, Wait>();
  readonly #background: Background;
  readonly #claiming: Claiming;

  constructor(parts: AskingParts) {
    this.#parts = parts;
    this.#background = new Background({ ...parts, begin: (plan, route) => this.#start(plan, undefined, route) });
    this.#claiming = new Claiming({ ...parts, decideAnew: (waiter) => this.release(waiter, 'anew') });
  }

  /** The origin must be asked: join a fill that asks the same, or begin one. */
  ask(presented: Presented, decision: OriginDecision): void {
    const { answer, key, shelf, tries } = presented;
    const { fills } = this.#parts;
    const detail = decision.kind === 'complete' ? undefined : decision.detail;
    const waiter: Waiter = { answer, fwd: decision.fwd, detail, tries };
    const sought = tries < maxTries ? fills.soughtBy(presented, decision) : undefined;
    if (sought !== undefined && this.#join(waiter, sought)) return;
    const purpose: Purpose = fills.mayFetchWhole(key, decision) ? { kind: 'fetch-whole' } : purposeOf(decision, shelf);
    this.#begin(waiter, key, purpose, sought);
  }

  #join(waiter: Waiter, sought: Sought): boolean {
    const { answer } = waiter;
    const found = this.#parts.fills.find(sought);
    if (found === undefined) return false;
    if (found instanceof EtagereError) {
      answer.fail(found, { hit: false, fwd: waiter.fwd, detail: errorDetail(found.code) });
      return true;
    }
    if (found.isUndecided) this.#limitWait(waiter, found);
    found.join(waiter);
    return true;
  }

  /** A follower does not wait for ever, however many fills it waits for one after the other. */
  #limitWait(waiter: Waiter, fill: Fill): void {
    const { clock, limits } = this.#parts;
    const now = clock.steady();
    const known = this.#waits.get(waiter.answer);
    known?.cancel();
    const until = known?.until ?? now + limits.followerTimeoutMs;
    const cancel = clock.schedule(Math.max(0, until - now), () => this.#waitedLongEnough(waiter, fill));
    this.#waits.set(waiter.answer, { until, cancel });
  }

  /** A few ask the origin themselves: if it hangs, more would only make it worse. */
  #waitedLongEnough(waiter: Waiter, fill: Fill): void {
    const { limits, lookupAgain } = this.#parts;
    if (!fill.unjoin(waiter)) return;
    if (!fill.asking) {
      this.#decideAgain([waiter, ...fill.dismissFollowers()]);
      return;
    }
    if (fill.fanOut++ < limits.maxFanOut) {
      lookupAgain(waiter.answer, maxTries);
      return;
    }
    const detail = `no response after ${limits.followerTimeoutMs} ms, and others ask already`;
    failFollower(waiter, new EtagereError('WAITERS_FULL', detail));
  }

  /** They have waited for content that may be one client's own; of what they begin now, the others hear in time. */
  #decideAgain(waiters: readonly Waiter[]): void {
    for (const { answer } of waiters) {
      this.#waits.get(answer)?.cancel();
      this.#waits.delete(answer);
    }
    for (const waiter of waiters) this.release(waiter, 'again');
  }

  /** `sought`: what others who ask the same would look for. */
  #begin(leader: Waiter, key: CacheKey, purpose: Purpose, sought: Sought | undefined): void {
    const { request, client } = leader.answer.exchange;
    const plan = {
      key,
      commonKey: commonKeyOf(key, purpose),
      request,
      content: leader.answer.content,
      peer: client.address,
      purpose,
      nominatedFields: sought?.nominatedFields ?? [],
      // What HEAD brings has no content for others.
      collapsible: sought !== undefined && request.method !== 'HEAD',
      isBypassed: leader.answer.route.bypasses?.(request) === true,
      route: leader.answer.route.name,
      sequence: this.#parts.nextInSequence(),
    };
    this.#start(plan, leader, leader.answer.route);
  }

  #start(plan: FillPlan, leader: Waiter | undefined, route: Route): void {
    const fill = new Fill(plan, leader, this.#parts.fillParts(route), this);
    this.#parts.fills.begin(fill);
    if (this.#parts.load?.shedsMisses === true) fill.refuse(new EtagereError('OVERLOADED', 'the event loop is late'));
    else this.#claiming.start(fill);
  }

  /** Not while there is too much to do: who comes later is answered stale as well. */
  validateInBackground(answer: Answer, shelved: Shelved): void {
    if (this.#parts.load?.shedsMisses !== true) this.#background.validate(answer, shelved);
  }

  responded({ plan, standing }: Fill, update: Update, policy: PolicyConfig): Promise<unknown> | undefined {
    return this.#parts.upkeep.responded({ plan, generation: standing.generation }, update, policy);
  }

  confirmed({ plan, standing }: Fill, update: Update, policy: PolicyConfig): void {
    this.#parts.upkeep.confirmed({ plan, generation: standing.generation }, update, policy);
  }

  shared(fill: Fill): void {
    if (fill.shared !== undefined) this.#parts.lookup.remember(fill.shared, fill.validating);
    this.#parts.fills.add(fill);
    this.#parts.fills.markShareable(fill.plan.key);
  }

  isOnItsWay(stored: StoredResponse): boolean {
    return this.#parts.fills.isOnItsWay(stored);
  }

  unshareable(fill: Fill): void {
    this.#parts.fills.markUnshareable(fill.plan.key);
  }

  release(waiter: Waiter, how: Release): void {
    const { answer, tries } = waiter;
    const { lookupAgain } = this.#parts;
    this.#waits.get(answer)?.cancel();
    switch (how) {
      case 'anew':
        lookupAgain(answer, tries);
        break;
      case 'again':
        lookupAgain(answer, tries + 1);
        break;
      case 'failed':
        if (tries + 1 < maxTries) lookupAgain(answer, tries + 1);
        else failFollower(waiter, new EtagereError('ORIGIN_FAILING', 'it answered those before with 429 or an error'));
        break;
      case 'alone':
        lookupAgain(answer, maxTries);
        break;
      default:
        assertNever(how);
    }
  }

  ended(fill: Fill): void {
    this.#parts.fills.remove(fill);
    if (!fill.background) return;
    this.#background.ended();
    const { request, route } = fill.plan;
    if (fill.failure === undefined) return;
    const failure = 'error' in fill.failure ? { status: 0, error: fill.failure.error.code } : fill.failure;
    this.#parts.events.validationFailed({ request, route, ...failure });
  }

  /** An answer that waits for nothing any more. */
  answered(answer: Answer): void {
    if (this.#waits.size === 0) return;
    this.#waits.get(answer)?.cancel();
    this.#waits.delete(answer);
  }
}

function failFollower({ answer, fwd }: Waiter, error: EtagereError): void {
  answer.fail(error, { hit: false, fwd, collapsed: true, detail: errorDetail(error.code) });
}

function commonKeyOf(key: CacheKey, purpose: Purpose): CacheKey {
  return purpose.kind === 'validate' ? purpose.shelved.stored.key : key;
}

function purposeOf(decision: OriginDecision, shelf: readonly Shelved[]): Purpose {
  if (decision.kind === 'forward') return { kind: 'fetch' };
  const shelved = shelf.find(({ stored }) => stored === decision.selected) as Shelved;
  // The bytes of a part that has to be brought first could not be put before those that arrive.
  if (decision.kind === 'complete' && shelved.content.load !== undefined) return { kind: 'fetch' };
  return decision.kind === 'validate'
    ? { kind: 'validate', shelved }
    : { kind: 'complete', shelved, completion: decision.completion };
}
