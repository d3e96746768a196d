import type { EtagereError } from '../errors.ts';
import type { CacheStatus } from '../http/cache-status.ts';
import { fieldLines } from '../http/fields.ts';
import { hasContent, type ResponseHead } from '../http/message.ts';
import type { CacheKey } from '../key/cache-key.ts';
import { type Completion, withLength } from '../policy/combine.ts';
import type { PolicyConfig } from '../policy/config.ts';
import type { NotStoredReason } from '../policy/decision.ts';
import { type Storing, storability } from '../policy/storable.ts';
import type { StoredResponse } from '../policy/stored.ts';
import { settle } from './settle.ts';
import type { Shelved, Store } from '../store/store.ts';
import type { Answer } from './answer.ts';
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
  readonly generations: Generations;
}

/** A stored part with what it lacks. */
export interface Completing {
  readonly shelved: Shelved;
  readonly completion: Completion;
}

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
  #received = 0;

  /** With `completing` the response stands for the whole, of which only the missing bytes come. */
  constructor(
    storing: Storing,
    key: CacheKey,
    completing: Completing | undefined,
    parts: ArrivalParts & { controls: BodyControls },
  ) {
    const { store, policy, limits, generations, controls } = parts;
    this.#key = key;
    this.#parts = parts;
    this.#completing = completing;
    this.#expected = expectedLength(storing.request.method, storing.response);
    const judged = storability(storing, policy);
    const current = generations.mayPublish(key, storing.generation);
    const writer = !judged.storable
      ? judged.reason
      : current
        ? store.begin(judged.stored, this.#expected)
        : 'invalidated';
    if (judged.storable && typeof writer !== 'string') {
      this.#stored = judged.stored;
      this.#body = new Retained(writer, controls, store, limits.readerWindowBytes);
    } else {
      this.reason = typeof writer === 'string' ? writer : undefined;
      this.#body = new Passage(controls);
    }
  }

  /** The head that others may be answered with while it arrives; undefined where there is none, or not from byte 0 of the whole. */
  get shared(): StoredResponse | undefined {
    return this.#body instanceof Retained && this.#body.whole && this.#stored?.extent === undefined
      ? this.#stored
      : undefined;
  }

  /** The head as it will lie on the shelf, whole or part. */
  get stored(): StoredResponse | undefined {
    return this.#stored;
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

  /** False where there is more than the head announced. */
  write(chunk: Uint8Array): boolean {
    this.#received += chunk.length;
    if (this.#expected !== undefined && this.#received > this.#expected) return false;
    this.#body.write(chunk);
    return true;
  }

  /** The origin has ended cleanly. What is missing nevertheless, in words; undefined where it is complete. */
  complete(generation: number): string | undefined {
    const { shelved, completion } = this.#completing ?? {};
    if (shelved !== undefined && completion?.missing.first === 0) this.#takeHeld(shelved);
    if (this.#expected !== undefined && this.#received < this.#expected) {
      return `${this.#received} of ${this.#expected} bytes arrived`;
    }
    if (this.#body instanceof Retained) this.#publish(this.#body, generation);
    else this.#body.complete();
    return undefined;
  }

  abort(error: EtagereError | undefined): void {
    this.#body.abort(error);
  }

  #takeHeld({ content }: Shelved): void {
    copy(content, { first: 0, end: content.length }, (chunk) => this.write(chunk));
  }

  #publish(body: Retained, generation: number): void {
    const { store, policy, generations } = this.#parts;
    const current = generations.mayPublish(this.#key, generation);
    const stored = current && this.#stored !== undefined ? withLength(this.#stored, this.#received, policy) : undefined;
    if (stored?.extent === undefined) {
      body.complete(stored);
      return;
    }
    const found = store.lookup(this.#key);
    const newer = { stored, content: body.content };
    if (found instanceof Promise) {
      settle(found.then((older) => joinParts(store, older, newer, policy)));
      body.complete(stored);
    } else {
      body.complete(stored);
      joinParts(store, found, newer, policy);
    }
  }
}

/** Bytes of content that the head promises (RFC 9110 §8.6); undefined where the end is told otherwise. */
function expectedLength(method: string, response: ResponseHead): number | undefined {
  if (!hasContent(method, response.status)) return 0;
  const length = fieldLines(response.fields, 'content-length')[0];
  return length === undefined || !/^\d{1,15}$/.test(length) ? undefined : Number(length);
}
