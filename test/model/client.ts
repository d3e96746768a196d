import type { Exchange, Hit, ResponseSink, SinkListener } from '../../src/engine/exchange.ts';
import { fieldsOf, fieldValue } from '../../src/http/fields.ts';
import { type EpochMs, hasContent, type RequestHead, type ResponseHead } from '../../src/http/message.ts';
import type { Asking } from './journal.ts';
import type { Outcome } from './judge.ts';
import { targetAt } from './sequence.ts';

/** One request of a client, and what it got so far. */
export class ModelClient implements Outcome {
  readonly asking: Asking;
  head: ResponseHead | undefined;
  time: EpochMs;
  end: Outcome['end'] = 'open';
  readonly #chunks: Buffer[] = [];
  readonly #events: ClientEvents;
  #listener: SinkListener | undefined;

  constructor(asking: Asking, events: ClientEvents) {
    this.asking = asking;
    this.time = asking.time;
    this.#events = events;
  }

  get content(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get request(): RequestHead {
    const { step, fields } = this.asking;
    const { authority, target } = targetAt(step.target);
    return { method: step.method, scheme: 'http', authority, target, version: '1.1', fields: fieldsOf(...fields) };
  }

  get exchange(): Exchange {
    return { request: this.request, content: null, client: { address: '127.0.0.1' }, sink: this.#sink };
  }

  /** An answer that was there at once. */
  take({ head, content, hold }: Hit): void {
    const sent = hold?.();
    this.#begin(head);
    for (const piece of content) this.#write(piece);
    this.#finish();
    sent?.('complete', 0);
  }

  get #sink(): ResponseSink {
    return {
      interim: () => undefined,
      head: (head) => this.#begin(head),
      write: (chunk) => this.#write(chunk),
      end: () => this.#finish(),
      abort: () => this.#close('aborted'),
      listen: (listener) => {
        this.#listener = listener;
      },
    };
  }

  #begin(head: ResponseHead): void {
    this.head = head;
    this.time = this.#events.now();
    this.#events.moved();
  }

  #write(chunk: Uint8Array): boolean {
    if (this.end === 'open') this.#chunks.push(Buffer.from(chunk));
    this.#events.moved();
    return this.asking.step.reads === 'all';
  }

  #finish(): void {
    this.#close(this.#isWhole() ? 'complete' : 'aborted');
  }

  leave(): void {
    if (this.end !== 'open') return;
    this.end = 'aborted';
    this.#listener?.onClose();
  }

  /** The process that answered is no more. */
  cutOff(): void {
    if (this.end === 'open') this.end = 'aborted';
  }

  #close(end: 'complete' | 'aborted'): void {
    if (this.end !== 'open') return;
    this.end = end;
    this.#events.moved();
    this.#events.ended(this);
  }

  /** On a connection, content that is not as long as announced has no good end (RFC 9112 §8). */
  #isWhole(): boolean {
    if (this.head === undefined) return false;
    const length = this.content.length;
    if (!hasContent(this.asking.step.method, this.head.status)) return length === 0;
    const announced = fieldValue(this.head.fields, 'content-length');
    return announced === undefined || Number(announced) === length;
  }
}

export interface ClientEvents {
  now(): EpochMs;
  moved(): void;
  ended(client: ModelClient): void;
}
