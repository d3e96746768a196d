import { isDeepStrictEqual } from 'node:util';
import type { EpochMs, Seconds } from '../http/message.ts';
import type { CacheKey } from '../key/cache-key.ts';
import type { Aging } from '../policy/age.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Backing, Lying, Pieces, Place } from './backing.ts';
import { type Content, WholeContent } from './content.ts';
import { keepMs } from './keep-time.ts';
import type { Subject, Equivalence } from './order-subject.ts';
import type { OrdersInForce } from './orders-in-force.ts';
import { PiecedContent } from './pieced-content.ts';
import { idOfPlace } from './places.ts';
import { type Sealed, seal, sumOf, unseal } from './sealed-record.ts';
import { drawSerial } from './serials.ts';
import { endTimeOf, type ShelfClock, steadyTimeOf, wallTimeOf } from './shelf-clock.ts';
import type { Shelved } from './store.ts';

/** What of the policy a shelf is given, as it judges nothing itself. */
export interface ShelfRules extends Equivalence {
  /** The lifetime of a response that is to end at a steady time (`policy/age.ts`). */
  readonly lifetimeEnding: (now: EpochMs, aging: Aging) => Seconds;
}

/** A record that was found, and is what it says to be. */
export interface Opened extends Subject {
  readonly lying: Lying;
  readonly sealed: Sealed;
  /** With the times of this process; its `generation` is the number of the last order that was known when it was put there. */
  readonly stored: StoredResponse;
}

/** A head, and what is known of the content that it is for. */
export interface Headed extends Pick<Sealed, 'contentLength' | 'sums'> {
  readonly stored: StoredResponse;
  /** The number of the last order that is known. */
  readonly number: number;
  /** When it was put there, if that is not now. */
  readonly putAt?: EpochMs;
}

/** How far in the future something may have been received, as clocks differ. */
const skewMs = 5_000;

/** Least difference of two times at which something was put there, in milliseconds: there is room for it in the numbers of this century. */
const leastStepMs = 1 / 1_024;

const noContent = new WholeContent(new Uint8Array(0));

export interface BackedRecordsParts {
  readonly backing: Backing;
  readonly clock: ShelfClock;
  readonly rules: ShelfRules;
  readonly orders: Pick<OrdersInForce, 'verdict'>;
}

/** Stored responses as the records of a backing: what is damaged, or is not what an order has left of it, is taken away as it is met. */
export class BackedRecords {
  readonly #parts: BackedRecordsParts;
  #damaged = 0;
  #lastPutAt = 0;

  constructor(parts: BackedRecordsParts) {
    this.#parts = parts;
  }

  /** Records that were not what they said to be. */
  get damaged(): number {
    return this.#damaged;
  }

  /** What lies there, whatever has been ordered since; undefined where it is of no use. */
  open(lying: Lying): Opened | undefined {
    const opened = this.read(lying);
    if (opened === undefined || opened === 'unknown') return undefined;
    const { clock } = this.#parts;
    // Somebody's clock was set back: how old it is can't be told.
    return opened.sealed.stored.responseTime <= clock.wall() + skewMs ? opened : undefined;
  }

  /** The same, also where it is of no use only now, as the clock was set back. `unknown`: another version has written it. */
  read(lying: Lying): Opened | 'unknown' | undefined {
    const unsealed = unseal(lying.head);
    if (unsealed.kind !== 'sealed') return unsealed.kind === 'damaged' ? this.#discard(lying) : 'unknown';
    const { sealed } = unsealed;
    if (sealed.contentLength !== lying.pieces.length) return this.#discard(lying);
    const responseTime = steadyTimeOf(sealed.stored.responseTime, this.#parts.clock);
    return { id: idOfPlace(lying.place), lying, sealed, stored: { ...sealed.stored, responseTime } };
  }

  /** What lies in the row of a key: a record of another one is not where it belongs. */
  ofKey(key: CacheKey, lying: Lying): Opened | undefined {
    const opened = this.current(lying);
    return opened === undefined || opened.stored.key === key ? opened : this.#discard(lying);
  }

  /** The same as `open`, as orders have left it; what they have left nothing of is taken away. */
  current(lying: Lying): Opened | undefined {
    const opened = this.open(lying);
    if (opened === undefined) return undefined;
    const { isGone, endedAt } = this.#parts.orders.verdict(opened, opened.stored.generation);
    if (isGone) {
      this.takeAway(lying);
      return undefined;
    }
    return endedAt === undefined ? opened : { ...opened, stored: this.ended(opened.stored, endedAt) };
  }

  /** A response whose lifetime has ended at that wall time, by a purge. */
  ended(stored: StoredResponse, endedAt: EpochMs): StoredResponse {
    const { clock, rules } = this.#parts;
    const lifetime = rules.lifetimeEnding(endTimeOf(endedAt, clock), stored);
    return { ...stored, freshness: { ...stored.freshness, lifetime }, ended: 'purged' };
  }

  /** With its content, of which nothing is read before it is used. `generation`: see `Shelf.lookup`. */
  shelved({ lying, sealed, stored }: Opened, generation: number): Shelved {
    return { stored: { ...stored, generation }, content: this.#loadedLater(lying, sealed) };
  }

  /** The same for who will use it: content that is at hand is read at once, and undefined is returned where it is damaged. */
  shelvedForUse(opened: Opened, generation: number): Shelved | undefined {
    const { lying, sealed, stored } = opened;
    if (!lying.pieces.isAtHand) return this.shelved(opened, generation);
    const content = this.#readAtOnce(lying, sealed);
    return content && { stored: { ...stored, generation }, content };
  }

  /** The head to put there, and for how long; undefined where it can't be written. */
  seal(headed: Headed): { readonly head: Buffer; readonly keepMs: number } | undefined {
    const { stored, number, contentLength, sums } = headed;
    const { clock } = this.#parts;
    const { serial } = stored;
    const own = {
      ...stored,
      responseTime: wallTimeOf(stored.responseTime, clock),
      generation: number,
      serial: serial === 0 ? drawSerial() : serial,
    };
    const head = seal({ stored: own, putAt: headed.putAt ?? this.#putNow(), contentLength, sums });
    return head && { head, keepMs: keepMs(stored, clock.steady()) };
  }

  /** What lies there is of no use to anybody. */
  takeAway({ place, head }: Pick<Lying, 'place' | 'head'>): void {
    void this.#remove(place, head);
  }

  /** Later than all before, so that of several the oldest can be told. */
  #putNow(): EpochMs {
    this.#lastPutAt = Math.max(this.#parts.clock.wall(), this.#lastPutAt + leastStepMs);
    return this.#lastPutAt;
  }

  async #remove(place: Place, head: Buffer): Promise<void> {
    try {
      await this.#parts.backing.remove(place, head);
    } catch {
      // It is met again.
    }
  }

  /** Also where it has got another head meanwhile, as when the origin has confirmed it. */
  async #removeContent({ place, head }: Lying, sums: Sealed['sums']): Promise<void> {
    const { backing } = this.#parts;
    try {
      if (await backing.remove(place, head)) return;
      const now = await backing.at(place);
      const unsealed = now && unseal(now.head);
      if (unsealed?.kind !== 'sealed' || !isDeepStrictEqual(unsealed.sealed.sums, sums)) return;
      await backing.remove(place, now?.head);
    } catch {
      // It is met again.
    }
  }

  #loadedLater(lying: Lying, { sums }: Sealed): Content {
    const { pieces } = lying;
    const onDamage = (): void => {
      this.#damaged++;
      void this.#removeContent(lying, sums);
    };
    return sums.length === 0 ? noContent : new PiecedContent({ pieces, sums, onDamage });
  }

  #readAtOnce(lying: Lying, { contentLength, sums }: Sealed): Content | undefined {
    const piece = readAtOnce(lying.pieces);
    if (piece === undefined) return undefined;
    if (piece.length === contentLength && sumOf(piece) === sums[0]) return new WholeContent(piece);
    return this.#discard(lying);
  }

  #discard(lying: Lying): undefined {
    this.#damaged++;
    this.takeAway(lying);
    return undefined;
  }
}

/** Content that is at hand; undefined where it can't be read. */
function readAtOnce(pieces: Pieces): Uint8Array | undefined {
  try {
    const piece = pieces.read(0);
    if (!(piece instanceof Promise)) return piece;
    piece.catch(() => undefined);
    return undefined;
  } catch {
    return undefined;
  }
}
