import type { Exchange, ResponseSink, SinkListener } from '../../../src/engine/exchange.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import type { ResponseHead } from '../../../src/http/message.ts';

/** A client that records what it is sent, and takes no more than it is told to. */
export class RecordingSink implements ResponseSink {
  readonly heads: ResponseHead[] = [];
  readonly chunks: Buffer[] = [];
  /** Whether `write` says that the buffer is full. */
  full = false;
  ended = false;
  aborted = false;
  #listener: SinkListener | undefined;

  get received(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }

  interim(head: ResponseHead): void {
    this.heads.push(head);
  }

  head(head: ResponseHead): void {
    this.heads.push(head);
  }

  write(chunk: Uint8Array): boolean {
    this.chunks.push(Buffer.from(chunk));
    return !this.full;
  }

  end(): void {
    this.ended = true;
  }

  abort(): void {
    this.aborted = true;
  }

  listen(listener: SinkListener): void {
    this.#listener = listener;
  }

  drain(): void {
    this.full = false;
    this.#listener?.onDrain();
  }

  leave(): void {
    this.#listener?.onClose();
  }
}

export function exchangeWith(sink: ResponseSink, target = '/'): Exchange {
  return {
    request: {
      method: 'GET',
      scheme: 'http',
      authority: 'example.com',
      target,
      version: '1.1',
      fields: fieldsOf(['host', 'example.com']),
    },
    content: null,
    client: { address: '127.0.0.1' },
    sink,
  };
}
