import type { CacheStatus } from '../http/cache-status.ts';
import { hasField } from '../http/fields.ts';
import type { EpochMs, RequestHead } from '../http/message.ts';
import { cacheKey } from '../key/cache-key.ts';
import { believedRequest, type ForwardingConfig, isLoop } from '../origin/forwarding.ts';
import { currentAge } from '../policy/age.ts';
import type { PolicyConfig } from '../policy/config.ts';
import { presentedFields } from '../policy/presented.ts';
import { decideReuse, isSelectedBy, selectCandidate } from '../policy/reuse.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Content } from '../store/content.ts';
import type { Shelved, Store } from '../store/store.ts';
import { sentFields } from './answer.ts';
import type { Clock } from './clock.ts';
import type { EngineEvents } from './events.ts';
import type { Hit, Peer } from './exchange.ts';
import type { ContentRun } from './feed.ts';
import type { Lookup } from './lookup.ts';
import { prepare } from './respond.ts';

export interface HitParts {
  readonly lookup: Lookup;
  readonly store: Store;
  readonly clock: Clock;
  readonly policy: PolicyConfig;
  readonly events: EngineEvents;
  readonly forwarding: ForwardingConfig;
  readonly cacheName: string;
}

/** Content up to here is copied behind its head, and needs nobody's memory after that. */
const maxCopiedBytes = 16 * 1024;

/** Content beyond this is sent piece by piece, at the pace of its client. */
const maxContentBytes = 2 ** 20;

/** A hit with what it depends on beside the stored response: the request, and the time. */
class ReadyHit implements Hit {
  readonly request: RequestHead;
  readonly head: Hit['head'];
  readonly content: Hit['content'];
  readonly contentBytes: number;
  readonly hold: Hit['hold'];
  readonly status: CacheStatus;
  /** Steady time from which Age or the remaining lifetime is another. */
  readonly until: EpochMs;
  isRepeated = false;
  serialized: Buffer | undefined;

  constructor(
    request: RequestHead,
    answer: Omit<Hit, 'isRepeated' | 'serialized'> & Pick<ReadyHit, 'status' | 'until'>,
  ) {
    this.request = request;
    this.head = answer.head;
    this.content = answer.content;
    this.contentBytes = answer.contentBytes;
    this.hold = answer.hold;
    this.status = answer.status;
    this.until = answer.until;
  }

  /** Whether it answers that request as well; the stored response was selected for it before. */
  answers({ fields, method }: RequestHead, now: EpochMs): boolean {
    return fields === this.request.fields && method === this.request.method && now < this.until;
  }
}

/**
 * The short way of a hit: nobody is asked, nothing is waited for, and the answer to a request that comes again within the second is there already.
 * It decides nothing by itself: what is reused, and what is sent, is told by the same functions as on the long way.
 */
export class Hits {
  readonly #parts: HitParts;
  readonly #names: { readonly cacheName: string; readonly viaName: string };

  constructor(parts: HitParts) {
    this.#parts = parts;
    this.#names = { cacheName: parts.cacheName, viaName: parts.forwarding.viaName };
  }

  /** The answer to a GET or HEAD without content; undefined where there is more to do than to send it. */
  find(presented: RequestHead, client: Peer): Hit | undefined {
    const { lookup, clock, store, forwarding } = this.#parts;
    const request = believedRequest(presented, client.address, forwarding);
    const shelf = lookup.atOnce(cacheKey(request));
    if (shelf === undefined || shelf.length === 0) return undefined;
    const selected = select(request, shelf);
    if (selected === undefined) return undefined;
    const now = clock.steady();
    const before = selected.ready;
    const isThere = before instanceof ReadyHit && before.answers(request, now);
    if (isThere) before.isRepeated = true;
    const hit = isThere ? before : this.#make(request, selected, now);
    if (hit === undefined) return undefined;
    if (shelf.length > 1) store.used(selected.stored);
    this.#tell(request, client, hit);
    return hit;
  }

  #make(request: RequestHead, selected: Shelved, now: EpochMs): ReadyHit | undefined {
    const { policy, clock, forwarding } = this.#parts;
    const { stored } = selected;
    const reuse = decideReuse({ request, hasContent: false, candidates: [stored], now }, policy);
    if (reuse.kind !== 'reuse' || reuse.detail !== undefined || isLoop(request, forwarding)) return undefined;
    const { head, content } = prepare(request, selected, { steady: () => now, wall: () => clock.wall() });
    const pieces = content === undefined ? [] : piecesOf(content.source, content.run);
    if (pieces === undefined) return undefined;
    const contentBytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const isCopied = contentBytes <= maxCopiedBytes;
    // In chunks only what is sent in one: the length of a larger one is known, if nothing has gone wrong.
    if (!isCopied && !hasField(head.fields, 'content-length')) return undefined;
    const status = { hit: true, ttl: Math.ceil(reuse.ttl) };
    const hit = new ReadyHit(request, {
      head: { status: head.status, fields: sentFields(head.fields, status, this.#names) },
      content: pieces,
      contentBytes,
      hold: isCopied ? undefined : () => this.#parts.store.hold(selected.content),
      status,
      until: nextChange(stored, now),
    });
    // A limit of the request's own may end before the second does.
    if (presentedFields(request.fields).isTimeless) selected.ready = hit;
    return hit;
  }

  #tell(request: RequestHead, client: Peer, { head, status, contentBytes }: ReadyHit): void {
    const { events } = this.#parts;
    const { status: code } = head;
    events.exchangeEnded({
      request,
      client,
      status: code,
      cacheStatus: status,
      contentBytes,
      durationMs: 0,
      end: 'complete',
    });
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

/** When the age in whole seconds changes next, or the remaining lifetime does: at the latest when it is over. */
function nextChange(stored: StoredResponse, now: EpochMs): EpochMs {
  const { responseTime, correctedInitialAge, freshness } = stored;
  const age = currentAge(stored, now);
  const nextAge = Math.floor(age) + 1;
  const nextTtl = freshness.lifetime - Math.ceil(freshness.lifetime - age) + 1;
  return responseTime + (Math.min(nextAge, nextTtl) - correctedInitialAge) * 1000;
}

/** A run of content in the pieces in which it lies in memory; undefined where it is too long, or still arriving. */
function piecesOf(source: Content, run: ContentRun): readonly Uint8Array[] | undefined {
  const end = run.end ?? source.length;
  if (!source.complete || end - run.first > maxContentBytes) return undefined;
  const pieces: Uint8Array[] = [];
  for (let offset = run.first; offset < end; ) {
    const piece = source.at(offset)?.subarray(0, end - offset);
    if (piece === undefined) return undefined;
    pieces.push(piece);
    offset += piece.length;
  }
  return pieces;
}
