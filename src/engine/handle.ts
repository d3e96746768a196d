import { EtagereError } from '../errors.ts';
import type { CacheStatusMode } from '../http/cache-status.ts';
import { forwardsLeft } from '../http/max-forwards.ts';
import type { RequestHead } from '../http/message.ts';
import { believedRequest, isLoop } from '../origin/forwarding.ts';
import type { Origin } from '../origin/origin.ts';
import { InProgress } from '../origin/in-progress.ts';
import { errorDetail } from '../policy/decision.ts';
import type { Store } from '../store/store.ts';
import { Answer, type AnswerParts } from './answer.ts';
import { Asking } from './asking.ts';
import type { Clock } from './clock.ts';
import { Fills } from './collapse.ts';
import type { EngineEvents } from './events.ts';
import type { Exchange, Hit, Peer, RequestHandler } from './exchange.ts';
import { failWithFault } from './fault.ts';
import { Hits } from './hits.ts';
import { Deciding } from './deciding.ts';
import { Desk, type DeskParts } from './desk.ts';
import { Generations } from './invalidate.ts';
import type { Limits } from './limits.ts';
import type { Load } from './load-watch.ts';
import { Lookup } from './lookup.ts';
import type { Operations } from './operations.ts';
import type { OrderEvents } from './orders.ts';
import type { FillParts } from './plan.ts';
import { type MayPurge, PurgeMethod } from './purge-method.ts';
import { readQuery } from './query.ts';
import { onRoute, type Route, type Routes } from './route.ts';
import { settle } from './settle.ts';
import { Upkeep } from './upkeep.ts';

export interface EngineParts {
  /** Which route each request takes; `reroute` changes it later. */
  readonly routes: Routes;
  readonly store: Store;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly events: EngineEvents;
  /** Absent: however much there is to do, nothing is refused for it. */
  readonly load?: Load;
  /** Our pseudonym in Via. */
  readonly viaName: string;
  /** By which this instance is known in receipts; the pseudonym, unless several have the same. */
  readonly instance?: string;
  /** Whether the forwarding fields of this peer (an IP address) are believed. */
  readonly trusts: (peer: string) => boolean;
  /** What `events.notStored` was told, for `operations.inspect`. */
  readonly notStored?: NonNullable<DeskParts['notStored']>;
  /** The name of this cache in Cache-Status and Proxy-Status. */
  readonly cacheName: string;
  /** How much clients are told of what became of their requests; all unless said. */
  readonly cacheStatusMode?: CacheStatusMode;
  /** Who may send PURGE; absent: nobody. */
  readonly mayPurge?: MayPurge;
  /** Is told of what they had purged; absent: nobody. */
  readonly orders?: OrderEvents;
}

/** The parts, with what stands in for what is not said. */
interface WholeParts extends EngineParts {
  readonly cacheStatusMode: CacheStatusMode;
}

interface RouteParts {
  readonly answer: AnswerParts;
  readonly fill: FillParts;
}

/**
 * What answers requests: each on its route, by what is decided for it (`Deciding`); and what an operator may do with it all.
 */
export class Engine implements RequestHandler {
  readonly #parts: WholeParts;
  /** What the fills and the answers of a route are made with. */
  readonly #ofRoute = new WeakMap<Route, RouteParts>();
  #routes: Routes;
  readonly #generations: Generations;
  readonly #asking: Asking;
  readonly #deciding: Deciding;
  readonly #hits: Hits;
  /** What an operator may do. */
  readonly operations: Operations;
  readonly #purgeMethod: PurgeMethod;
  readonly #answers = new InProgress<Answer>();
  #sequence = 0;
  #drained: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  constructor(parts: EngineParts) {
    this.#parts = { ...parts, cacheStatusMode: parts.cacheStatusMode ?? 'full' };
    this.#generations = new Generations(parts.limits.maxInvalidatedKeys);
    this.#routes = parts.routes;
    const { store } = parts;
    const fills = new Fills(parts.limits);
    const lookup = new Lookup({ store, generations: this.#generations, maxSearchKeys: parts.limits.maxSearchKeys });
    this.#asking = new Asking({
      ...parts,
      fills,
      lookup,
      upkeep: new Upkeep({
        store,
        generations: this.#generations,
        lookup,
        asKeyed: (request) => onRoute(request, this.#routes.of(request)),
      }),
      fillParts: (route) => this.#partsOf(route).fill,
      nextInSequence: () => ++this.#sequence,
      lookupAgain: (answer, tries) => this.#deciding.decide(answer, tries),
    });
    this.#deciding = new Deciding({ ...parts, lookup, asking: this.#asking });
    this.#hits = new Hits({ ...this.#parts, lookup, routeOf: (request) => this.#routes.of(request) });
    this.operations = new Desk({
      ...parts,
      instance: parts.instance ?? parts.viaName,
      generations: this.#generations,
      fills,
      lookup,
      routeOf: (request) => this.#routes.of(request),
    });
    const { clock, mayPurge, orders } = parts;
    this.#purgeMethod = new PurgeMethod({
      operations: this.operations,
      clock,
      mayPurge: mayPurge ?? (() => undefined),
      ...(orders === undefined ? {} : { orders }),
    });
  }

  /** From now on requests take these routes; what is under way goes on as it began. */
  reroute(routes: Routes): void {
    this.#routes = routes;
  }

  /** Whether a request that is under way may still ask that origin: one that waits for its own content, or for the store, is known to no origin yet; one that reads from there may need it for the rest. */
  mayAsk(origin: Origin): boolean {
    return this.#answers
      .all()
      .some(({ route, hasHead, reading }) => route.origin === origin && (!hasHead || reading?.mayAskOrigin === true));
  }

  /** Never throws: what nobody foresaw costs one request alone, and not all that are under way. */
  handle(presented: Exchange): void {
    let answer: Answer | undefined;
    try {
      answer = this.#begin(presented);
      this.#answer(answer, presented.request);
    } catch (cause) {
      if (answer !== undefined) {
        failWithFault(answer, cause, this.#parts.events);
        return;
      }
      this.#parts.events.faulted?.(cause);
      presented.sink.abort();
    }
  }

  #begin(presented: Exchange): Answer {
    const believed = believedRequest(presented.request, presented.client.address, this.#parts);
    const route = this.#routes.of(believed);
    const request = onRoute(believed, route);
    const exchange = request === presented.request ? presented : { ...presented, request };
    const answer = new Answer(exchange, ++this.#sequence, this.#partsOf(route).answer, this.#onAnswered);
    this.#answers.add(answer);
    return answer;
  }

  #answer(answer: Answer, asPresented: RequestHead): void {
    const { exchange } = answer;
    // Before the loop: whoever looks for one asks with few forwardings left.
    if (forwardsLeft(exchange.request) === 0) {
      answer.ownOptions();
      return;
    }
    if (isLoop(exchange.request, this.#parts)) {
      const error = new EtagereError(
        'REQUEST_LOOP',
        'this proxy is in its Via already: is the origin this proxy itself?',
      );
      answer.fail(error, { hit: false, detail: errorDetail(error.code) });
      return;
    }
    if (exchange.request.method === 'QUERY') this.#lookupQuery(answer);
    else if (exchange.request.method === 'PURGE') settle(this.#purgeMethod.answer(answer, asPresented));
    else this.#deciding.decide(answer, 0);
  }

  hit(request: RequestHead, client: Peer): Hit | undefined {
    try {
      return this.#hits.find(request, client);
    } catch {
      // The long way meets the same, and tells it.
      return undefined;
    }
  }

  #partsOf(route: Route): RouteParts {
    const known = this.#ofRoute.get(route);
    if (known !== undefined) return known;
    const { store, clock, limits, events, cacheName, cacheStatusMode, viaName } = this.#parts;
    const { origin, policy, forwarding, editRequest } = route;
    const parts: RouteParts = {
      answer: { clock, events, cacheName, cacheStatusMode, viaName, stallMs: limits.clientStallMs, route },
      fill: { store, clock, limits, events, generations: this.#generations, origin, policy, forwarding, editRequest },
    };
    this.#ofRoute.set(route, parts);
    return parts;
  }

  /** Resolves when every exchange in progress is answered. */
  drain(): Promise<void> {
    if (this.#answers.size === 0) return Promise.resolve();
    this.#drained ??= new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    return this.#drained;
  }

  /** A QUERY is asked for by its content, which has to be here first. */
  #lookupQuery(answer: Answer): void {
    const { request, content } = answer.exchange;
    const { store, limits } = this.#parts;
    const reserve = (bytes: number): boolean => {
      const reserved = !answer.ended && store.reserve(bytes);
      if (reserved) answer.reservedBytes += bytes;
      return reserved;
    };
    const read = readQuery(request, content, limits.maxQueryBytes, reserve).then((query) => {
      answer.content = query.kind === 'keyed' && query.content.length === 0 ? null : query.content;
      if (query.kind === 'keyed') answer.key = query.key;
      this.#deciding.decide(answer, 0);
    });
    // Content that breaks off takes its client with it.
    settle(read);
  }

  readonly #onAnswered = (answer: Answer): void => {
    this.#answers.delete(answer);
    this.#asking.answered(answer);
    if (answer.reservedBytes > 0) this.#parts.store.release(answer.reservedBytes);
    if (this.#answers.size === 0) this.#onIdle?.();
  };
}
