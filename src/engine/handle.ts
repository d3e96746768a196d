import { EtagereError } from '../errors.ts';
import { withoutFields } from '../http/fields.ts';
import { forwardsLeft } from '../http/max-forwards.ts';
import { assertNever, type RequestHead } from '../http/message.ts';
import { type CacheKey, cacheKey } from '../key/cache-key.ts';
import { believedRequest, isLoop } from '../origin/forwarding.ts';
import { InProgress } from '../origin/in-progress.ts';
import type { PolicyConfig } from '../policy/config.ts';
import { errorDetail, type Reuse } from '../policy/decision.ts';
import type { Update } from '../policy/freshen.ts';
import { decideReuse } from '../policy/reuse.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Shelved, Store } from '../store/store.ts';
import { Answer, type AnswerParts } from './answer.ts';
import type { Clock } from './clock.ts';
import { Fills } from './collapse.ts';
import type { EngineEvents } from './events.ts';
import type { Exchange, Hit, Peer, RequestHandler } from './exchange.ts';
import { Fill, type FillOwner } from './fill.ts';
import { Hits } from './hits.ts';
import { Desk, type DeskParts } from './desk.ts';
import { Generations } from './invalidate.ts';
import type { Limits } from './limits.ts';
import { Lookup } from './lookup.ts';
import type { Operations } from './operations.ts';
import type { FillParts, Purpose } from './plan.ts';
import { type MayPurge, PurgeMethod } from './purge-method.ts';
import { readQuery } from './query.ts';
import { prepare, send } from './respond.ts';
import { onRoute, type Route, type Routes } from './route.ts';
import { settle } from './settle.ts';
import { Upkeep } from './upkeep.ts';
import type { Waiter } from './waiting.ts';

export interface EngineParts {
  /** Which route each request takes; `reroute` changes it later. */
  readonly routes: Routes;
  readonly store: Store;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly events: EngineEvents;
  /** Our pseudonym in Via, and by which this instance is known. */
  readonly viaName: string;
  /** Whether the forwarding fields of this peer (an IP address) are believed. */
  readonly trusts: (peer: string) => boolean;
  /** What `events.notStored` was told, for `operations.inspect`. */
  readonly notStored?: NonNullable<DeskParts['notStored']>;
  /** The name of this cache in Cache-Status and Proxy-Status. */
  readonly cacheName: string;
  /** Who may send PURGE; absent: nobody. */
  readonly mayPurge?: MayPurge;
}

/** A request with what is on the shelf for its key. */
interface Presented {
  readonly answer: Answer;
  readonly key: CacheKey;
  readonly shelf: readonly Shelved[];
  /** How often it was decided before. */
  readonly tries: number;
}

interface RouteParts {
  readonly answer: AnswerParts;
  readonly fill: FillParts;
}

const requestDirectives: ReadonlySet<string> = new Set(['cache-control', 'pragma']);

type Asking = Extract<Reuse, { kind: 'validate' | 'complete' | 'forward' }>;

/** How often a request is decided anew because the fill it waited for could not answer it; after that it asks the origin itself. */
const maxTries = 3;

/**
 * The order of things: look up, decide, and then reuse, validate or forward. What the decision is, the policy says; what becomes of a request to the
 * origin, the fill.
 */
export class Engine implements RequestHandler, FillOwner {
  readonly #parts: EngineParts;
  /** What the fills and the answers of a route are made with. */
  readonly #ofRoute = new WeakMap<Route, RouteParts>();
  #routes: Routes;
  readonly #generations: Generations;
  readonly #fills: Fills;
  readonly #shelf: Lookup;
  readonly #upkeep: Upkeep;
  readonly #hits: Hits;
  /** What an operator may do. */
  readonly operations: Operations;
  readonly #purgeMethod: PurgeMethod;
  readonly #answers = new InProgress<Answer>();
  readonly #followerTimers = new Map<Answer, () => void>();
  #background = 0;
  #sequence = 0;
  #drained: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#generations = new Generations(parts.limits.maxInvalidatedKeys);
    this.#fills = new Fills(parts.limits);
    this.#routes = parts.routes;
    const { store } = parts;
    this.#shelf = new Lookup({ store, generations: this.#generations, maxSearchKeys: parts.limits.maxSearchKeys });
    this.#upkeep = new Upkeep({ store, generations: this.#generations, lookup: this.#shelf });
    this.#hits = new Hits({ ...parts, lookup: this.#shelf, routeOf: (request) => this.#routes.of(request) });
    this.operations = new Desk({
      ...parts,
      generations: this.#generations,
      fills: this.#fills,
      lookup: this.#shelf,
      routeOf: (request) => this.#routes.of(request),
    });
    const { clock, mayPurge } = parts;
    this.#purgeMethod = new PurgeMethod({
      operations: this.operations,
      clock,
      mayPurge: mayPurge ?? (() => undefined),
    });
  }

  /** From now on requests take these routes; what is under way goes on as it began. */
  reroute(routes: Routes): void {
    this.#routes = routes;
  }

  handle(presented: Exchange): void {
    const believed = believedRequest(presented.request, presented.client.address, this.#parts);
    const route = this.#routes.of(believed);
    const request = onRoute(believed, route);
    const exchange = request === presented.request ? presented : { ...presented, request };
    const answer = new Answer(exchange, ++this.#sequence, this.#partsOf(route).answer, this.#onAnswered);
    this.#answers.add(answer);
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
    else if (exchange.request.method === 'PURGE') settle(this.#purgeMethod.answer(answer, presented.request));
    else this.#lookup(answer, 0);
  }

  hit(request: RequestHead, client: Peer): Hit | undefined {
    return this.#hits.find(request, client);
  }

  #partsOf(route: Route): RouteParts {
    const known = this.#ofRoute.get(route);
    if (known !== undefined) return known;
    const { store, clock, limits, events, cacheName, viaName } = this.#parts;
    const { origin, policy, forwarding, editRequest } = route;
    const parts: RouteParts = {
      answer: { clock, events, cacheName, viaName, stallMs: limits.clientStallMs, route },
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
      this.#lookup(answer, 0);
    });
    // Content that breaks off takes its client with it.
    settle(read);
  }

  #lookup(answer: Answer, tries: number): void {
    const { key } = answer;
    this.#shelf.ofRequest(answer.request, key, (shelf) => this.#decide({ answer, key, shelf, tries }));
  }

  #decide(presented: Presented): void {
    const { answer, shelf } = presented;
    if (answer.ended) return;
    const { clock } = this.#parts;
    const { policy, bypasses } = answer.route;
    const input = {
      request: answer.request,
      isBypassed: bypasses?.(answer.request) === true,
      hasContent: answer.content !== null && answer.key === cacheKey(answer.request),
      candidates: shelf.map(({ stored }) => stored),
      now: clock.steady(),
    };
    const reuse = decideReuse(input, policy);
    switch (reuse.kind) {
      case 'reuse':
        this.#reuse(answer, shelf, reuse);
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

  #reuse(answer: Answer, shelf: readonly Shelved[], reuse: Extract<Reuse, { kind: 'reuse' }>): void {
    const shelved = shelf.find(({ stored }) => stored === reuse.selected) as Shelved;
    const { detail } = reuse;
    const prepared = prepare(answer.request, shelved, this.#parts.clock);
    const status = { hit: true, ttl: Math.ceil(reuse.ttl), ...(detail === undefined ? {} : { detail }) };
    if (detail === 'stale-while-revalidate') this.#validateInBackground(answer, shelved);
    if (shelf.length > 1) this.#parts.store.used(shelved.stored);
    send(answer, prepared, status)?.holdIn(this.#parts.store, shelved.content);
  }

  /** The origin must be asked: join a fill that asks the same, or begin one. */
  #ask({ answer, key, shelf, tries }: Presented, decision: Asking): void {
    const detail = decision.kind === 'complete' ? undefined : decision.detail;
    const waiter: Waiter = { answer, fwd: decision.fwd, detail, tries };
    const whole = decision.kind === 'forward' && decision.conditional === true && !this.#fills.isUnshareable(key);
    const collapsible = (decision.kind !== 'forward' || decision.collapsible || whole) && tries < maxTries;
    const validating = decision.kind === 'validate' ? decision.selected : undefined;
    if (collapsible && this.#join(waiter, validating?.key ?? key, shelf, validating)) return;
    // What HEAD brings has no content for others.
    this.#begin(
      waiter,
      key,
      whole ? { kind: 'fetch-whole' } : purposeOf(decision, shelf),
      collapsible && answer.request.method !== 'HEAD',
    );
  }

  #join(waiter: Waiter, key: CacheKey, shelf: readonly Shelved[], validating: StoredResponse | undefined): boolean {
    const { answer } = waiter;
    const nominatedFields = shelf.flatMap(({ stored }) => stored.nominatedFields);
    const found = this.#fills.find({ key, answer, validating, nominatedFields });
    if (found === undefined) return false;
    if (found instanceof EtagereError) {
      answer.fail(found, { hit: false, fwd: waiter.fwd, detail: errorDetail(found.code) });
      return true;
    }
    if (found.asking) this.#limitWait(waiter, found);
    found.join(waiter);
    return true;
  }

  /** A follower does not wait for ever. After a while a few ask the origin themselves: if it hangs, more would only make it worse. */
  #limitWait(waiter: Waiter, fill: Fill): void {
    const { clock, limits } = this.#parts;
    const cancel = clock.schedule(limits.followerTimeoutMs, () => {
      this.#followerTimers.delete(waiter.answer);
      if (!fill.unjoin(waiter)) return;
      if (fill.fanOut++ < limits.maxFanOut) {
        this.#lookup(waiter.answer, maxTries);
        return;
      }
      const waited = new EtagereError(
        'WAITERS_FULL',
        `no response after ${limits.followerTimeoutMs} ms, and others ask already`,
      );
      waiter.answer.fail(waited, { hit: false, fwd: waiter.fwd, collapsed: true, detail: errorDetail(waited.code) });
    });
    this.#stopTimer(waiter.answer);
    this.#followerTimers.set(waiter.answer, cancel);
  }

  #begin(leader: Waiter, key: CacheKey, purpose: Purpose, collapsible: boolean): void {
    const { request, client } = leader.answer.exchange;
    const plan = {
      key,
      commonKey: commonKeyOf(key, purpose),
      request,
      content: leader.answer.content,
      peer: client.address,
      purpose,
      collapsible,
      isBypassed: leader.answer.route.bypasses?.(request) === true,
      route: leader.answer.route.name,
      sequence: ++this.#sequence,
    };
    const fill = new Fill(plan, leader, this.#partsOf(leader.answer.route).fill, this);
    this.#fills.begin(fill);
    fill.start();
  }

  #validateInBackground(answer: Answer, shelved: Shelved): void {
    if (this.#background >= this.#parts.limits.maxBackgroundFills || this.#fills.isValidating(shelved.stored)) return;
    const { client } = answer.exchange;
    // What the client demands of its own answer is not what the shelf needs.
    const request = {
      ...answer.request,
      method: 'GET',
      fields: withoutFields(answer.request.fields, requestDirectives),
    };
    const plan = {
      key: answer.key,
      commonKey: shelved.stored.key,
      request,
      content: null,
      peer: client.address,
      purpose: { kind: 'validate' as const, shelved },
      collapsible: true,
      isBypassed: false,
      route: answer.route.name,
      sequence: ++this.#sequence,
    };
    const fill = new Fill(plan, undefined, this.#partsOf(answer.route).fill, this);
    this.#background++;
    this.#fills.begin(fill);
    fill.start();
  }

  responded({ plan, standing }: Fill, update: Update, policy: PolicyConfig): void {
    this.#upkeep.responded({ plan, generation: standing.generation }, update, policy);
  }

  confirmed({ plan }: Fill, update: Update, policy: PolicyConfig): void {
    this.#upkeep.confirmed(plan.key, update, policy);
  }

  shared(fill: Fill): void {
    if (fill.shared !== undefined) this.#shelf.remember(fill.shared);
    this.#fills.add(fill);
    this.#fills.markShareable(fill.plan.key);
  }

  unshareable(fill: Fill): void {
    this.#fills.markUnshareable(fill.plan.key);
  }

  release({ answer, tries }: Waiter, how: 'again' | 'alone'): void {
    this.#stopTimer(answer);
    this.#lookup(answer, how === 'again' ? tries + 1 : maxTries);
  }

  ended(fill: Fill): void {
    this.#fills.remove(fill);
    if (!fill.background) return;
    this.#background--;
    const { request, route } = fill.plan;
    if (fill.failure === undefined) return;
    const failure = 'error' in fill.failure ? { status: 0, error: fill.failure.error.code } : fill.failure;
    this.#parts.events.validationFailed({ request, route, ...failure });
  }

  readonly #onAnswered = (answer: Answer): void => {
    this.#answers.delete(answer);
    this.#stopTimer(answer);
    if (answer.reservedBytes > 0) this.#parts.store.release(answer.reservedBytes);
    if (this.#answers.size === 0) this.#onIdle?.();
  };

  #stopTimer(answer: Answer): void {
    if (this.#followerTimers.size === 0) return;
    this.#followerTimers.get(answer)?.();
    this.#followerTimers.delete(answer);
  }
}

function commonKeyOf(key: CacheKey, purpose: Purpose): CacheKey {
  return purpose.kind === 'validate' ? purpose.shelved.stored.key : key;
}

function purposeOf(decision: Asking, shelf: readonly Shelved[]): Purpose {
  if (decision.kind === 'forward') return { kind: 'fetch' };
  const shelved = shelf.find(({ stored }) => stored === decision.selected) as Shelved;
  return decision.kind === 'validate'
    ? { kind: 'validate', shelved }
    : { kind: 'complete', shelved, completion: decision.completion };
}
