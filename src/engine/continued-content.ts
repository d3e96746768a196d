import { EtagereError } from '../errors.ts';
import { continuationOf, whyNotContinued } from '../policy/continuation.ts';
import type { Content } from '../store/content.ts';
import type { Shelved, Store } from '../store/store.ts';
import type { Answer, ContentReading } from './answer.ts';
import { inTime, patienceWith } from './bringing.ts';
import { ContinuedCall, type ContinuingParts } from './continued-call.ts';
import type { Rest } from './events.ts';
import type { Limits } from './limits.ts';
import { settle } from './settle.ts';

export interface ReadingParts extends ContinuingParts {
  readonly store: Pick<Store, 'remove'>;
  readonly limits: Pick<Limits, 'shelfLookupMs' | 'shelfStallMs'>;
}

/** The content of a stored response as one client reads it, once the head is out: what lies elsewhere may go on from the origin. */
export function readBy(answer: Answer, shelved: Shelved, parts: ReadingParts): Content {
  if (shelved.content.load === undefined) return shelved.content;
  const content = new ContinuedContent(answer, shelved, parts);
  answer.reading = content;
  return content;
}

/**
 * Content that lies elsewhere, for one reader, to whom the head has promised all of it: where a piece of it can't be had in time, it comes from the origin from there on, if that has the same representation still. None of that is kept here beyond
 * what the reader is about to take: it counts as the piece that it would have had in its place.
 */
class ContinuedContent implements Content, ContentReading {
  readonly complete = true;
  readonly mayAskOrigin: boolean;
  rest: Rest | undefined;
  readonly #answer: Answer;
  readonly #shelved: Shelved;
  readonly #parts: ReadingParts;
  #call: ContinuedCall | undefined;

  constructor(answer: Answer, shelved: Shelved, parts: ReadingParts) {
    this.#answer = answer;
    this.#shelved = shelved;
    this.#parts = parts;
    this.mayAskOrigin = whyNotContinued(answer.request, shelved.stored) === undefined;
  }

  get length(): number {
    return this.#shelved.content.length;
  }

  get bytesHeld(): number {
    return this.#shelved.content.bytesHeld;
  }

  at(offset: number): Uint8Array | undefined {
    return this.#call?.at(offset) ?? this.#shelved.content.at(offset);
  }

  async load(offset: number, end = this.length): Promise<boolean> {
    if (this.rest === undefined) {
      if (await this.#isOnShelf(offset)) return true;
      if (this.#answer.ended) return false;
      this.rest = whyNotContinued(this.#answer.request, this.#shelved.stored) ?? 'from-origin';
      this.#answer.excuse(new EtagereError('STORE_UNREADABLE', `nothing at byte ${offset} of ${this.length}`));
    }
    return this.rest === 'from-origin' && this.#fromOrigin(offset, end);
  }

  letGo(): void {
    this.#call?.leave();
  }

  /** What is gone for good is a miss for the next request; what is late may be there for it. */
  async #isOnShelf(offset: number): Promise<boolean> {
    const { content, stored } = this.#shelved;
    const loading = (content.load?.(offset) ?? Promise.resolve(true)).catch(() => false);
    const isThere = await (this.mayAskOrigin ? inTime(loading, patienceWith(this.#shelved, this.#parts)) : loading);
    if (isThere === false) settle(this.#parts.store.remove(stored));
    return isThere === true && content.at(offset) !== undefined;
  }

  async #fromOrigin(offset: number, end: number): Promise<boolean> {
    if (this.#call?.brings(offset) !== true) {
      this.#call?.leave();
      this.#call = this.#ask(offset, end);
    }
    const call = this.#call;
    await call?.next();
    if (call?.at(offset) !== undefined) return true;
    this.rest = call?.failure ?? 'origin-failed';
    if (this.rest === 'changed') settle(this.#parts.store.remove(this.#shelved.stored));
    return false;
  }

  #ask(offset: number, end: number): ContinuedCall | undefined {
    const { stored } = this.#shelved;
    const question = continuationOf(stored, { first: offset, last: end - 1 }, this.length);
    return question && new ContinuedCall(this.#answer, stored, { question, offset }, this.#parts);
  }
}
