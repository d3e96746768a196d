import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { EtagereError } from '../errors.ts';

/**
 * The content of a request, apart from the connection it comes over: whoever reads it may destroy it, and the rest is still read
 * away, up to a limit, so that it is never taken for the next request and the connection can go on.
 */
export class RequestContent extends Readable {
  readonly #source: IncomingMessage;
  readonly #drainBytes: number;
  readonly #onFirstRead: () => void;
  #state: 'untouched' | 'reading' | 'discarding' = 'untouched';
  #discarded = 0;
  #onTooMuch: (() => void) | undefined;

  /**
   * @param drainBytes Most content that is read away unread.
   * @param onFirstRead Is called when somebody begins to read: the moment to tell a client that waits for 100 to go on.
   */
  constructor(source: IncomingMessage, drainBytes: number, onFirstRead: () => void) {
    super();
    this.#source = source;
    this.#drainBytes = drainBytes;
    this.#onFirstRead = onFirstRead;
    // A client may leave before anyone listens; that is no reason to end the process.
    this.on('error', () => undefined);
    source.on('error', () => undefined);
    source.on('close', () => {
      if (!source.complete) this.destroy(new EtagereError('REQUEST_MALFORMED', 'the content of the request broke off'));
    });
  }

  /** Nobody has begun to read. */
  get untouched(): boolean {
    return this.#state === 'untouched';
  }

  /** Nobody will read (on). `onTooMuch` is called when more comes than is read away, or at once if it has come already. */
  discard(onTooMuch?: () => void): void {
    this.#onTooMuch = onTooMuch;
    this.destroy();
    this.#startDiscarding();
    if (this.#discarded > this.#drainBytes) onTooMuch?.();
  }

  override _read(): void {
    if (this.#state === 'untouched') {
      this.#state = 'reading';
      this.#onFirstRead();
      this.#source.on('data', this.#pass);
      this.#source.on('end', this.#finish);
    }
    this.#source.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    // Unread content is left alone until it is clear that nobody wants it: reading would let the client send it.
    if (this.#state === 'reading') this.#startDiscarding();
    callback(error);
  }

  readonly #pass = (chunk: Buffer): void => {
    if (!this.push(chunk)) this.#source.pause();
  };

  readonly #finish = (): void => {
    this.push(null);
  };

  #startDiscarding(): void {
    if (this.#state === 'discarding') return;
    this.#state = 'discarding';
    this.#source.off('data', this.#pass);
    this.#source.off('end', this.#finish);
    this.#source.on('data', (chunk: Buffer) => {
      this.#discarded += chunk.length;
      if (this.#discarded <= this.#drainBytes) return;
      this.#source.pause();
      this.#onTooMuch?.();
    });
    this.#source.resume();
  }
}
