import type { CacheStatus, CacheStatusMode } from '../http/cache-status.ts';
import { type Fields, hasField } from '../http/fields.ts';
import type { EpochMs, RequestHead } from '../http/message.ts';
import { cacheKey } from '../key/cache-key.ts';
import { believedRequest, isLoop } from '../origin/forwarding.ts';
import { currentAge } from '../policy/age.ts';
import { type PresentedFields, presentedFields } from '../policy/presented.ts';
import { decideReuse, isSelectedBy, selectCandidate } from '../policy/reuse.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Content } from '../store/content.ts';
import type { Shelved, Store } from '../store/store.ts';
import { sentFields } from './answer.ts';
import type { Clock } from './clock.ts';
import type { EngineEvents, ExchangeRecord } from './events.ts';
import type { Hit, HitEnd, Peer } from './exchange.ts';
import type { ContentRun } from './feed.ts';
import { HeldHit } from './held-hit.ts';
import type { Lookup } from './lookup.ts';
import { copy } from './parts.ts';
import { prepare } from './respond.ts';
import { onRoute, type Route } from './route.ts';
import { traceEnd, traceStart } from './tracing.ts';

export interface HitParts {
  readonly lookup: Lookup;
  readonly store: Store;
  readonly clock: Clock;
  readonly events: EngineEvents;
  readonly routeOf: (request: RequestHead) => Route;
  readonly viaName: string;
  /** Whether the forwarding fields of this peer are believed. */
  readonly trusts: (peer: string) => boolean;
  readonly cacheName: string;
  readonly cacheStatusMode: CacheStatusMode;
}

/** Content up to here is copied behind its head, and needs nobody's memory after that. */
const maxCopiedBytes = 16 * 1024;

/** Content beyond this is sent piece by piece, at the pace of its client. */
const maxContentBytes = 2 ** 20;

/** Of what may be kept beside a response (`Shelved.ready`), so much is for texts; the rest of the 2 KiB is for the objects. */
const maxKeptCharacters = 1_536;

/** What a hit depends on beside the stored response: what the request asks for, and the time. */
interface Reach {
  readonly method: string;
  readonly route: Route;
  readonly likeness: PresentedFields['likeness'];
  /** Steady time from which Age or the remaining lifetime is another. */
  readonly until: EpochMs;
}

class ReadyHit implements Hit {
  readonly #reach: Reach;
  readonly head: Hit['head'];
  readonly content: Hit['content'];
  readonly contentBytes: number;
  /** Only a hit of one client is. */
  readonly hold = undefined;
  /** Whether its content is sent from where it lies. */
  readonly isHeld: boolean;
  readonly status: CacheStatus;
  isRepeated = false;
  serialized: Buffer | undefined;

  constructor(reach: Reach, answer: Pick<ReadyHit, 'head' | 'content' | 'contentBytes' | 'isHeld' | 'status'>) {
    this.#reach = reach;
    this.head = answer.head;
    this.content = answer.content;
    this.contentBytes = answer.contentBytes;
    this.isHeld = answer.isHeld;
    this.status = answer.status;
  }

  /** Whether it answers that request as well; the stored response was selected for it before. */
  answers({ fields, method }: RequestHead, route: Route, now: EpochMs): boolean {
    const reach = this.#reach;
    if (method !== reach.method || route !== reach.route || now >= reach.until) return false;
    return presentedFields(fields).likeness === reach.likeness;
  }

  get until(): EpochMs {
    return this.#reach.until;
  }

  get route(): Route {
    return this.#reach.route;
  }
}

interface Arrived {
  readonly request: RequestHead;
  readonly client: Peer;
  readonly arrivedAt: EpochMs;
}

/**
 * The short way of a hit: nobody is asked, nothing is waited for, and the answer to a request that comes again and again within the second is there already.
 * It decides nothing by itself: what is reused, and what is sent, is told by the same functions as on the long way.
 */
export class Hits {
  readonly #parts: HitParts;

  constructor(parts: HitParts) {
    this.#parts = parts;
  }

  /** The answer to a GET or HEAD without content; undefined where there is more to do than to send it. */
  find(presented: RequestHead, client: Peer): Hit | undefined {
    const { lookup, clock, store } = this.#parts;
    const now = clock.steady();
    const believed = believedRequest(presented, client.address, this.#parts);
    const route = this.#parts.routeOf(believed);
    const request = onRoute(believed, route);
    if (route.bypasses?.(request) === true) return undefined;
    const shelf = lookup.atOnce(cacheKey(request), presentedFields(request.fields));
    if (shelf === undefined || shelf.length === 0) return undefined;
    const selected = select(request, shelf);
    if (selected === undefined) return undefined;
    const before = selected.ready;
    const isThere = before instanceof ReadyHit && before.answers(request, route, now);
    if (isThere) before.isRepeated = true;
    const hit = isThere ? before : this.#make(request, route, selected, now);
    if (hit === undefined) return undefined;
    store.used(selected.stored);
    const arrived = { request, client, arrivedAt: now };
    if (!hit.isHeld) {
      this.#tell(arrived, hit);
      return hit;
    }
    return new HeldHit(hit, () => this.#hold(arrived, hit, selected.content));
  }

  #hold(arrived: Arrived, hit: ReadyHit, content: Content): HitEnd {
    const release = this.#parts.store.hold(content);
    const tell = this.#begin(arrived, hit);
    return (end, untakenBytes) => {
      release();
      tell(end, untakenBytes);
    };
  }

  #make(request: RequestHead, route: Route, selected: Shelved, now: EpochMs): ReadyHit | undefined {
    const { clock, cacheName, cacheStatusMode, viaName } = this.#parts;
    const { stored } = selected;
    const reuse = decideReuse({ request, hasContent: false, candidates: [stored], now }, route.policy);
    const presented = presentedFields(request.fields);
    if (reuse.kind !== 'reuse' || reuse.detail !== undefined) return undefined;
    // What is plain has no Via.
    if (!presented.isPlain && isLoop(request, this.#parts)) return undefined;
    const { head, content } = prepare(request, selected, { steady: () => now, wall: () => clock.wall() });
    const pieces = content === undefined ? [] : piecesOf(content.source, content.run);
    if (pieces === undefined) return undefined;
    const contentBytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const isCopied = contentBytes <= maxCopiedBytes;
    // In chunks only what is sent in one: the length of a larger one is known, if nothing has gone wrong.
    if (!isCopied && !hasField(head.fields, 'content-length')) return undefined;
    const status = { hit: true, ttl: Math.ceil(reuse.ttl) };
    const reach = { method: request.method, route, likeness: presented.likeness, until: nextChange(stored, now) };
    const hit = new ReadyHit(reach, {
      head: {
        status: head.status,
        fields: sentFields(head.fields, status, { cacheName, cacheStatusMode, viaName, route }),
      },
      content: pieces,
      contentBytes,
      isHeld: !isCopied,
      status,
    });
    // A limit of the request's own may end before the second does.
    if (presented.isTimeless) keepIfRepeated(selected, hit, presented);
    return hit;
  }

  #tell(arrived: Arrived, hit: ReadyHit): void {
    const record = this.#recordOf(arrived, hit, 'complete', 0);
    const trace = traceStart(arrived.request, arrived.client, arrived.arrivedAt);
    this.#parts.events.exchangeEnded(record);
    if (trace !== undefined) traceEnd(trace, record);
  }

  /** What tells the record of an answer that is being sent. */
  #begin(arrived: Arrived, hit: ReadyHit): HitEnd {
    const trace = traceStart(arrived.request, arrived.client, arrived.arrivedAt);
    return (end, untakenBytes) => {
      const record: ExchangeRecord =
        end === 'stalled'
          ? { ...this.#recordOf(arrived, hit, 'broken', untakenBytes), error: 'READER_TOO_SLOW' }
          : this.#recordOf(arrived, hit, end, untakenBytes);
      this.#parts.events.exchangeEnded(record);
      if (trace !== undefined) traceEnd(trace, record);
    };
  }

  /** One object, written out: a copy of one with more in it would grow old. */
  #recordOf(
    { request, client, arrivedAt }: Arrived,
    { head, status, route, contentBytes }: ReadyHit,
    end: ExchangeRecord['end'],
    untakenBytes: number,
  ): ExchangeRecord {
    return {
      request,
      client,
      status: head.status,
      cacheStatus: status,
      route: route.name,
      contentBytes: Math.max(0, contentBytes - untakenBytes),
      durationMs: this.#parts.clock.steady() - arrivedAt,
      end,
    };
  }
}

function select(request: RequestHead, shelf: readonly Shelved[]): Shelved | undefined {
  const [only] = shelf;
  if (shelf.length === 1 && only !== undefined && isSelectedBy(request, only.stored)) return only;
  const stored = selectCandidate(
    request,
    shelf.map((shelved) => shelved.stored),
  );
  return stored && shelf.find((shelved) => shelved.stored === stored);
}

/**
 * Keeps an answer from the second one within the second on: before that only its end. Most of what is asked for is not asked for again so soon, and whatever is kept a while
 * costs the collector more than it took to make.
 */
function keepIfRepeated(selected: Shelved, hit: ReadyHit, presented: PresentedFields): void {
  const { until } = hit;
  const isKept = selected.ready === until && mayBeKept(hit, presented, selected.content.length);
  selected.ready = isKept ? hit : until;
}

/** What is kept: the fields of the request where only the same list is answered with it, and the head, written out with small content behind. More is not counted. */
function mayBeKept({ head, isHeld, contentBytes }: ReadyHit, presented: PresentedFields, length: number): boolean {
  const asked = presented.isPlain ? 0 : characters(presented.fields);
  const copied = isHeld ? 0 : contentBytes;
  const counted = length <= maxCopiedBytes ? length : 0;
  return asked + characters(head.fields) + copied <= maxKeptCharacters + counted;
}

function characters(fields: Fields): number {
  return fields.reduce((sum, text) => sum + text.length, 0);
}

/** When the age in whole seconds changes next, or the remaining lifetime does: at the latest when it is over. */
function nextChange(stored: StoredResponse, now: EpochMs): EpochMs {
  const { responseTime, correctedInitialAge, freshness } = stored;
  const age = currentAge(stored, now);
  const nextAge = Math.floor(age) + 1;
  const nextTtl = freshness.lifetime - Math.ceil(freshness.lifetime - age) + 1;
  return responseTime + (Math.min(nextAge, nextTtl) - correctedInitialAge) * 1000;
}

/** A run of content in the pieces in which it lies in memory; undefined where it is too long, or still arriving. */
function piecesOf(source: Content, { first, end = source.length }: ContentRun): readonly Uint8Array[] | undefined {
  if (!source.complete || end - first > maxContentBytes) return undefined;
  const pieces: Uint8Array[] = [];
  return copy(source, { first, end }, (piece) => pieces.push(piece) > 0) ? pieces : undefined;
}
