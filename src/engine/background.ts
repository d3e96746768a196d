import type { RequestHead } from '../http/message.ts';
import { withoutDemands } from '../policy/presented.ts';
import { decideReuse } from '../policy/reuse.ts';
import type { Shelved } from '../store/store.ts';
import type { Answer } from './answer.ts';
import type { Clock } from './clock.ts';
import type { Fills } from './collapse.ts';
import type { Limits } from './limits.ts';
import type { Lookup } from './lookup.ts';
import type { FillPlan } from './plan.ts';
import type { Route } from './route.ts';

export interface BackgroundParts {
  readonly clock: Pick<Clock, 'steady'>;
  readonly limits: Pick<Limits, 'maxBackgroundFills'>;
  readonly fills: Pick<Fills, 'isValidating'>;
  readonly lookup: Pick<Lookup, 'ofKey' | 'looksBeyondHand'>;
  /** The number of a request or a fill: what has the smaller one came first. */
  readonly nextInSequence: () => number;
  /** Begins a fill that no client waits for. */
  readonly begin: (plan: FillPlan, route: Route) => void;
}

/** What one of them is about. */
interface Cause {
  readonly answer: Answer;
  /** What the client asks for, without what it demands of its own answer: the shelf does not need that. */
  readonly request: RequestHead;
}

/** Validations while a stale response is served (RFC 5861 §3): a bounded number at once, and one of a response. */
export class Background {
  readonly #parts: BackgroundParts;
  #fills = 0;
  /** The serials of those that somebody else who shares the shelf may have freshened: it is being asked. */
  readonly #looking = new Set<number>();

  constructor(parts: BackgroundParts) {
    this.#parts = parts;
  }

  /** The answer to a client has been made of `shelved`, which is stale. */
  validate(answer: Answer, shelved: Shelved): void {
    const { limits, lookup } = this.#parts;
    const { serial, key } = shelved.stored;
    if (this.#fills + this.#looking.size >= limits.maxBackgroundFills || this.#looking.has(serial)) return;
    const request = { ...answer.request, method: 'GET', fields: withoutDemands(answer.request.fields) };
    const cause: Cause = { answer, request };
    if (!lookup.looksBeyondHand) {
      this.#begin(cause, shelved);
      return;
    }
    this.#looking.add(serial);
    lookup.ofKey(key, (shelf) => {
      this.#looking.delete(serial);
      const stale = this.#staleOf(cause, shelf);
      if (stale !== undefined) this.#begin(cause, stale);
    });
  }

  /** One of them has ended. */
  ended(): void {
    this.#fills--;
  }

  #begin({ answer, request }: Cause, shelved: Shelved): void {
    const { fills, begin, nextInSequence } = this.#parts;
    if (fills.isValidating(shelved.stored)) return;
    this.#fills++;
    const plan = {
      key: answer.key,
      commonKey: shelved.stored.key,
      request,
      content: null,
      peer: answer.exchange.client.address,
      purpose: { kind: 'validate' as const, shelved },
      nominatedFields: shelved.stored.nominatedFields,
      collapsible: true,
      isBypassed: false,
      route: answer.route.name,
      sequence: nextInSequence(),
    };
    begin(plan, answer.route);
  }

  /** What the request would be answered with by now, if that is stale still. */
  #staleOf({ answer, request }: Cause, shelf: readonly Shelved[]): Shelved | undefined {
    const candidates = shelf.map(({ stored }) => stored);
    const input = { request, hasContent: false, candidates, now: this.#parts.clock.steady() };
    const reuse = decideReuse(input, answer.route.policy);
    const isStale = reuse.kind === 'validate' || (reuse.kind === 'reuse' && reuse.detail !== undefined);
    return isStale ? shelf.find(({ stored }) => stored === reuse.selected) : undefined;
  }
}
