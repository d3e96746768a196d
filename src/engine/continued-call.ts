import { EtagereError } from '../errors.ts';
import type { EpochMs, ResponseHead } from '../http/message.ts';
import { bytesOf } from '../http/range.ts';
import { receivedFields } from '../origin/forwarding.ts';
import type { OriginCall } from '../origin/origin.ts';
import { type Continuation, surroundings } from '../policy/continuation.ts';
import { isAboutTarget } from '../policy/status.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Answer } from './answer.ts';
import type { Clock } from './clock.ts';
import type { EngineEvents, Rest } from './events.ts';
import { originRequest } from './request.ts';
import { type AskingHandler, askOrigin } from './tracing.ts';

export interface ContinuingParts {
  readonly clock: Clock;
  readonly events: EngineEvents;
}

/** One request to the origin for a run of stored content, of which no more is here than its one reader is about to take. */
export class ContinuedCall implements AskingHandler {
  /** Why it brings no more, if it has failed. */
  failure: Extract<Rest, 'changed' | 'origin-failed'> | undefined;
  readonly #stored: StoredResponse;
  readonly #question: Continuation;
  readonly #answer: Answer;
  readonly #parts: ContinuingParts;
  readonly #askedAt: EpochMs;
  readonly #call: OriginCall;
  readonly #chunks: Uint8Array[] = [];
  /** Where in the stored content the first of the chunks begins: the next byte that comes, where there is none. */
  #offset: number;
  /** Bytes to come. */
  #left: number;
  /** Bytes to come before these, which are dropped. */
  #before = 0;
  /** Whether others come after them. */
  #hasMore = false;
  #hasHead = false;
  #isOver = false;
  #wake: (() => void) | undefined;

  /** @param offset Where in the stored content the bytes begin that are asked for. */
  constructor(
    answer: Answer,
    stored: StoredResponse,
    asked: { question: Continuation; offset: number },
    parts: ContinuingParts,
  ) {
    this.#answer = answer;
    this.#stored = stored;
    this.#question = asked.question;
    this.#offset = asked.offset;
    this.#left = bytesOf(asked.question.missing);
    this.#parts = parts;
    this.#askedAt = parts.clock.steady();
    const { route, trace, request: presented, exchange } = answer;
    const { client } = exchange;
    const request = originRequest(
      { request: presented, content: null, peer: client.address },
      asked.question.fields,
      route,
    );
    this.#call = askOrigin(
      route.origin,
      { request, purpose: 'continue', parent: trace, startedAt: this.#askedAt },
      this,
    );
  }

  /** What is here from `offset` on; what lies before it is let go. */
  at(offset: number): Uint8Array | undefined {
    for (
      let [chunk] = this.#chunks;
      chunk !== undefined && offset >= this.#offset + chunk.length;
      [chunk] = this.#chunks
    ) {
      this.#offset += chunk.length;
      this.#chunks.shift();
    }
    return offset < this.#offset ? undefined : this.#chunks[0]?.subarray(offset - this.#offset);
  }

  /** Whether the byte there is here, or the next to come. */
  brings(offset: number): boolean {
    return this.at(offset) !== undefined || (offset === this.#offset && this.#left > 0);
  }

  /** Resolves when the next bytes are here, or will not come. */
  async next(): Promise<void> {
    if (this.#chunks.length > 0 || this.#isOver) return;
    this.#call.resume();
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Nobody wants it any more. Of what is all here, only the end is to come: the connection can be used again. */
  leave(): void {
    if (this.#left > 0) this.#end(undefined, true);
  }

  onInterim(): void {
    // The final head is out.
  }

  onHead(head: ResponseHead): void {
    this.#hasHead = true;
    this.#told(head.status);
    const response = { status: head.status, fields: receivedFields(head) };
    const around = surroundings(this.#stored, this.#question, response);
    if (around === undefined) {
      this.#end(isAboutTarget(head.status) ? 'changed' : 'origin-failed', true);
      return;
    }
    this.#before = around.before;
    this.#hasMore = around.after > 0;
  }

  onData(chunk: Uint8Array): void {
    const dropped = Math.min(this.#before, chunk.length);
    this.#before -= dropped;
    const bytes = chunk.subarray(dropped, dropped + this.#left);
    if (dropped + bytes.length < chunk.length && !this.#hasMore) {
      const fault = new EtagereError('ORIGIN_RESPONSE_INVALID', 'more content than was asked for');
      this.#call.abort(fault);
      this.#end('origin-failed', false);
      return;
    }
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#left -= bytes.length;
    if (this.#left === 0 && this.#hasMore) this.#end(undefined, true);
    else if (this.#wake !== undefined) this.#wakeUp();
    else if (this.#left > 0) this.#call.pause();
  }

  faultAtEnd(): EtagereError | undefined {
    return this.#left === 0
      ? undefined
      : new EtagereError('ORIGIN_RESPONSE_INCOMPLETE', `${this.#left} bytes are missing`);
  }

  onEnd(): void {
    this.#end(this.#left === 0 ? undefined : 'origin-failed', false);
  }

  onError(error: EtagereError): void {
    if (!this.#hasHead) this.#told(0, error);
    this.#end('origin-failed', false);
  }

  #told(status: number, error?: EtagereError): void {
    const { clock, events } = this.#parts;
    const told = { route: this.#answer.route.name, status, headMs: clock.steady() - this.#askedAt };
    events.originAnswered(error === undefined ? told : { ...told, error: error.code });
  }

  #end(failure: ContinuedCall['failure'], aborts: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.failure = failure;
    if (aborts) this.#call.abort();
    this.#wakeUp();
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
