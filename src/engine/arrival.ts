import type { EtagereError } from '../errors.ts';
import type { CacheStatus } from '../http/cache-status.ts';
import { fieldLines } from '../http/fields.ts';
import { hasContent, type ResponseHead } from '../http/message.ts';
import { bytesOf } from '../http/range.ts';
import type { CacheKey } from '../key/cache-key.ts';
import { type Completion, enclosedRange, isBetter, withLength } from '../policy/combine.ts';
import type { PolicyConfig } from '../policy/config.ts';
import type { NotStoredReason } from '../policy/decision.ts';
import { storability } from '../policy/storable.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { MaybePromise } from '../store/maybe-promise.ts';
import type { Shelved, Store, StoreWriter } from '../store/store.ts';
import type { Answer } from './answer.ts';
import type { Clock } from './clock.ts';
import { type EchoSearch, echoSearch, type EchoVerdict } from './echo-search.ts';
import type { Arriving } from './events.ts';
import type { Generations } from './invalidate.ts';
import type { Limits } from './limits.ts';
import { copy, joinParts } from './parts.ts';
import { type BodyControls, Passage } from './passage.ts';
import type { Prepared } from './respond.ts';
import { Retained } from './retained.ts';

export interface ArrivalParts {
  readonly store: Store;
  readonly policy: PolicyConfig;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly generations: Generations;
}

/** A stored part with what it lacks. */
export interface Completing {
  readonly shelved: Shelved;
  readonly completion: Completion;
}

/** Who knows what was invalidated or purged since the response was asked for. */
export interface Publisher extends Pick<BodyControls, 'storing'> {
  /** Whether it may go onto the shelf still. Asked as late as can be. */
  mayPublish(stored: StoredResponse): boolean;
  /** Whether the same is on its way to the shelf already, and can't be shared any more. */
  isOnItsWay(stored: StoredResponse): boolean;
  /** It was on its way to the shelf, and does not come there. */
  notStored(reason: NotStoredReason): void;
}

export interface ArrivalControls extends BodyControls, Publisher {}

/** A full response whose head is here: its content on the way to the shelf, to clients, or both. */
export class Arrival {
  /** Why it does not go onto the shelf, if so. */
  readonly reason: NotStoredReason | undefined;
  readonly #key: CacheKey;
  readonly #parts: ArrivalParts;
  readonly #stored: StoredResponse | undefined;
  readonly #body: Retained | Passage;
  readonly #expected: number | undefined;
  readonly #completing: Completing | undefined;
  readonly #publisher: Publisher;
  /** Until it is known that the content repeats nothing which its client alone has sent. */
  #search: EchoSearch | undefined;
  #repeats = false;
  #received = 0;
  /** Of them, those that the origin sent. */
  #sent = 0;

  /** With `completing` the response stands for the whole, of which only the missing bytes come. */
  constructor(storing: Arriving, completing: Completing | undefined, parts: ArrivalParts, controls: ArrivalControls) {
    const { store, policy, limits, clock } = parts;
    this.#key = storing.key;
    this.#parts = parts;
    this.#completing = completing;
    this.#publisher = controls;
    this.#expected = expectedLength(storing.request.method, storing.response);
    const judged = storability(storing, policy);
    const isPart = completing !== undefined || (judged.storable && judged.stored.extent !== undefined);
    const search = judged.storable
      ? echoSearch(storing, { ...judged.stored, isPart }, policy, limits.echoSearchBytes)
      : undefined;
    const unread = search === 'unreadable' ? 'unkeyed-echo' : undefined;
    const writer = judged.storable ? (unread ?? this.#begin(judged.stored, storing.generation)) : judged.reason;
    if (judged.storable && typeof writer !== 'string') {
      this.#stored = judged.stored;
      this.#search = search === 'unreadable' ? undefined : search;
      const { readerWindowBytes: windowBytes, shelfStallMs } = limits;
      this.#body = new Retained(writer, controls, store, { windowBytes, shelfStallMs, clock });
    } else {
      this.reason = typeof writer === 'string' ? writer : undefined;
      this.#body = new Passage(controls, store);
    }
  }

  #begin(stored: StoredResponse, generation: number): StoreWriter | NotStoredReason {
    const { store, generations } = this.#parts;
    if (!generations.mayPublishStored(stored, generation)) return 'invalidated';
    return this.#publisher.isOnItsWay(stored) ? 'superseded' : store.begin(stored, this.#expected);
  }

  /** The head that others may be answered with while it arrives; undefined where there is none, or not from byte 0 of the whole. */
  get shared(): StoredResponse | undefined {
    return this.#search === undefined && this.#isWhole ? this.stored : undefined;
  }

  /** Whether it may be shared once its content was looked through: those who wait for it wait on. */
  get isUndecided(): boolean {
    return this.#search !== undefined && this.#isWhole && this.stored !== undefined;
  }

  get #isWhole(): boolean {
    return this.#stored?.extent === undefined && this.#body instanceof Retained && this.#body.whole;
  }

  /** Whether it repeats what its client alone has sent, or might. */
  get repeats(): boolean {
    return this.#repeats || this.reason === 'unkeyed-echo';
  }

  /** The head as it will lie on the shelf, whole or part; undefined where it will not. */
  get stored(): StoredResponse | undefined {
    return this.#body instanceof Retained && this.#body.stores ? this.#stored : undefined;
  }

  /** Whether a client or the shelf still wants it. */
  get wanted(): boolean {
    return this.#body.wanted;
  }

  /** Whether a client reads it. */
  get read(): boolean {
    return this.#body.read;
  }

  /** What of the content is here, for those whom `shared` may answer. */
  get shelved(): Shelved | undefined {
    const { shared } = this;
    return shared === undefined || !(this.#body instanceof Retained)
      ? undefined
      : { stored: shared, content: this.#body.content };
  }

  /** Sends everything to a client whose head is out. */
  add(answer: Answer): void {
    this.#body.add(answer);
  }

  addPrepared(answer: Answer, prepared: Prepared, status: CacheStatus): void {
    if (this.#body instanceof Retained) this.#body.addPrepared(answer, prepared, status);
  }

  /** The bytes that are on the shelf already and come before the missing ones. */
  begin(): void {
    const { shelved, completion } = this.#completing ?? {};
    if (shelved !== undefined && completion !== undefined && completion.missing.first > 0) this.#takeHeld(shelved);
  }

  /** Content from the origin; false where there is more than the head announced. */
  write(chunk: Uint8Array): boolean {
    const most = this.#asked ?? this.#expected;
    if (most !== undefined && this.#sent + chunk.length > most) return false;
    this.#sent += chunk.length;
    // Before anybody else can have it.
    if (this.#search !== undefined) this.#conclude(this.#search.look(chunk));
    this.#append(chunk);
    return true;
  }

  /** No more content comes from the origin: it was looked through as far as it will be. */
  lookedThrough(): void {
    if (this.#search !== undefined) this.#conclude(this.#search.end());
  }

  #conclude(verdict: EchoVerdict): void {
    if (verdict === 'open') return;
    this.#search = undefined;
    if (verdict === 'clear' || this.stored === undefined) return;
    this.#repeats = true;
    this.#publisher.notStored('unkeyed-echo');
    if (this.#body instanceof Retained) this.#body.withhold();
  }

  /** How many bytes are to come from the origin, where the others are here already. */
  get #asked(): number | undefined {
    const missing = this.#completing?.completion.missing;
    return missing && bytesOf(missing);
  }

  #append(chunk: Uint8Array): boolean {
    this.#received += chunk.length;
    this.#body.write(chunk);
    return true;
  }

  /** What is missing of the content if the origin ends here, in words; undefined where it is complete. */
  get missing(): string | undefined {
    if (this.#asked !== undefined && this.#sent < this.#asked) return `${this.#sent} of ${this.#asked} bytes arrived`;
    const received = this.#received + (this.#heldAfter?.content.length ?? 0);
    if (this.#expected === undefined || received >= this.#expected) return undefined;
    return `${received} of ${this.#expected} bytes arrived`;
  }

  /** The origin has ended cleanly, and nothing is missing. */
  complete(): void {
    const held = this.#heldAfter;
    if (held !== undefined) this.#takeHeld(held);
    if (this.#body instanceof Retained) this.#publish(this.#body);
    else this.#body.complete();
  }

  /** The bytes that are on the shelf already and come after the missing ones. */
  get #heldAfter(): Shelved | undefined {
    const { shelved, completion } = this.#completing ?? {};
    return completion?.missing.first === 0 ? shelved : undefined;
  }

  abort(error: EtagereError | undefined): void {
    if (this.stored !== undefined) this.#publisher.notStored('incomplete');
    this.#body.abort(error);
  }

  #takeHeld({ content }: Shelved): void {
    copy(content, { first: 0, end: content.length }, (chunk) => this.#append(chunk));
  }

  #publish(body: Retained): void {
    const stored = this.stored && withLength(this.stored, this.#received);
    if (stored === undefined) body.complete(undefined);
    else if (!this.#publisher.mayPublish(stored)) this.#drop(body, 'invalidated');
    else this.#publishBeside(body, stored, this.#beside(stored));
  }

  /**
   * What lies there by now. With a part it is joined, wherever it lies; of anything else, what came meanwhile came through memory, and what another process has put there is not worth the wait
   * of every client.
   */
  #beside({ extent }: StoredResponse): MaybePromise<readonly Shelved[]> {
    const { store, generations } = this.#parts;
    const atHand = extent === undefined ? store.atHand?.(this.#key) : undefined;
    return atHand ?? store.lookup(this.#key, undefined, generations.current);
  }

  /** Whether it may go onto the shelf still, some time from now: by then no fill is known any more for a purge to doom. */
  #unlessPurged(stored: StoredResponse): () => boolean {
    const { generations } = this.#parts;
    const began = generations.current;
    return () => this.#publisher.mayPublish(stored) && !generations.wasPurgedSince(began);
  }

  #publishBeside(body: Retained, stored: StoredResponse, found: MaybePromise<readonly Shelved[]>): void {
    const isCurrent = this.#unlessPurged(stored);
    const commit = (shelf: readonly Shelved[]): void => {
      if (isCurrent()) this.#commit(body, stored, shelf);
      else this.#drop(body, 'invalidated');
    };
    if (found instanceof Promise) this.#publisher.storing(found.catch(() => []).then(commit));
    else commit(found);
  }

  /** Puts it beside what lies on the shelf by now, unless that is better (RFC 9111 §4: the most recent is used). */
  #commit(body: Retained, stored: StoredResponse, shelf: readonly Shelved[]): void {
    const { store, generations } = this.#parts;
    const current = shelf.filter((each) => generations.mayPublishStored(each.stored, each.stored.generation));
    if (current.some((each) => isBetter(each.stored, stored))) {
      this.#drop(body, 'superseded');
      return;
    }
    body.complete(stored);
    if (stored.extent !== undefined)
      joinParts(store, current, { stored, content: body.content }, this.#unlessPurged(stored));
  }

  /** Complete, and of no use to the shelf. Told before clients hear the end, as their records are written then. */
  #drop(body: Retained, reason: NotStoredReason): void {
    this.#publisher.notStored(reason);
    body.complete(undefined);
  }
}

/** Bytes of content that the head promises (RFC 9110 §8.6, §14.4 for a part of unknown length); undefined where only the framing tells the end. */
function expectedLength(method: string, response: ResponseHead): number | undefined {
  if (!hasContent(method, response.status)) return 0;
  const length = fieldLines(response.fields, 'content-length')[0];
  if (length !== undefined) return /^\d{1,15}$/.test(length) ? Number(length) : undefined;
  const part = enclosedRange(response);
  return part && bytesOf(part);
}
