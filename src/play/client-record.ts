import type { ResponseHead } from '../http/message.ts';
import type { ClientExchange } from './transport.ts';

/** What a client has seen of an answer; a transport fills it as things arrive. */
export class ClientRecord implements ClientExchange {
  readonly interims: ResponseHead[] = [];
  head: ResponseHead | undefined;
  end: ClientExchange['end'] = 'open';
  error: string | undefined;
  readonly #chunks: Uint8Array[] = [];
  readonly #onLeave: () => void;

  /** `onLeave` closes the client's end; called at most once, and only while the answer is not complete. */
  constructor(onLeave: () => void) {
    this.#onLeave = onLeave;
  }

  get content(): Uint8Array {
    return Buffer.concat(this.#chunks);
  }

  get contentLength(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** Keeps the chunk: it must not change any more. */
  receive(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  leave(): void {
    if (this.end !== 'open') return;
    this.end = 'aborted';
    this.#onLeave();
  }
}
