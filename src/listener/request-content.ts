import { Readable } from 'node:stream';
import { EtagereError } from '../errors.ts';
import { contentTooLarge } from './request-framing.ts';

export interface RequestContentOptions {
  /** Whether all of it has been received. */
  readonly isComplete: () => boolean;
  /** Most content that is read away unread. */
  readonly drainBytes: number;
  /** Most content that is handed on. */
  readonly maxBytes: number;
  /** How long the client may send nothing while somebody waits for more. */
  readonly idleMs: number;
  /** Is called when somebody begins to read: the moment to tell a client that waits for 100 to go on. */
  readonly onFirstRead: () => void;
  /** Is called when it is too much, or does not come: REQUEST_CONTENT_TOO_LARGE, REQUEST_TIMEOUT. */
  readonly onFault: (error: EtagereError) => void;
}

/**
 * The content of a request, apart from the connection it comes over: whoever reads it may destroy it, and the rest is still read
 * away, up to a limit, so that it is never taken for the next request and the connection can go on.
 */
export class RequestContent extends Readable {
  readonly #source: Readable;
  readonly #options: RequestContentOptions;
  #state: 'untouched' | 'reading' | 'discarding' = 'untouched';
  #received = 0;
  #discarded = 0;
  #idle: NodeJS.Timeout | undefined;
  #onTooMuch: (() => void) | undefined;

  constructor(source: Readable, options: RequestContentOptions) {
    super();
    this.#source = source;
    this.#options = options;
    // A client may leave before anyone listens; that is no reason to end the process.
    this.on('error', () => undefined);
    source.on('error', () => undefined);
    source.on('close', () => {
      if (!options.isComplete())
        this.destroy(new EtagereError('REQUEST_MALFORMED', 'the content of the request broke off'));
    });
  }

  /** Nobody has begun to read. */
  get untouched(): boolean {
    return this.#state === 'untouched';
  }

  /** So much has come, whether it was read, thrown away, or is still there. */
  get receivedBytes(): number {
    return this.#received + this.#discarded + this.#source.readableLength;
  }

  /** Nobody will read (on). `onTooMuch` is called when more comes than is read away, or at once if it has come already. */
  discard(onTooMuch?: () => void): void {
    this.#onTooMuch = onTooMuch;
    this.destroy();
    this.#startDiscarding();
    if (this.#discarded > this.#options.drainBytes) onTooMuch?.();
  }

  override _read(): void {
    if (this.#state === 'untouched') {
      this.#state = 'reading';
      this.#options.onFirstRead();
      // A stream of HTTP/2 that brings nothing has told so already.
      if (this.#source.readableEnded) {
        this.#finish();
        return;
      }
      this.#source.on('data', this.#pass);
      this.#source.on('end', this.#finish);
    }
    this.#source.resume();
    if (this.#state === 'reading') this.#waitForMore();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#waitNoMore();
    // Unread content is left alone until it is clear that nobody wants it: reading would let the client send it.
    if (this.#state === 'reading') this.#startDiscarding();
    callback(error);
  }

  readonly #pass = (chunk: Buffer): void => {
    this.#received += chunk.length;
    if (this.#received > this.#options.maxBytes) {
      this.#fail(contentTooLarge(this.#options.maxBytes));
    } else if (this.push(chunk)) {
      this.#waitForMore();
    } else {
      // Whoever reads is slow: the client can't help it.
      this.#source.pause();
      this.#waitNoMore();
    }
  };

  readonly #finish = (): void => {
    this.#waitNoMore();
    this.push(null);
  };

  #fail(error: EtagereError): void {
    this.#options.onFault(error);
    this.destroy(error);
  }

  #waitForMore(): void {
    const { idleMs } = this.#options;
    const giveUp = (): void => this.#fail(new EtagereError('REQUEST_TIMEOUT', `no content came for ${idleMs} ms`));
    if (this.#idle === undefined) this.#idle = setTimeout(giveUp, idleMs).unref();
    else this.#idle.refresh();
  }

  #waitNoMore(): void {
    clearTimeout(this.#idle);
    this.#idle = undefined;
  }

  #startDiscarding(): void {
    if (this.#state === 'discarding') return;
    this.#state = 'discarding';
    this.#source.off('data', this.#pass);
    this.#source.off('end', this.#finish);
    this.#source.on('data', (chunk: Buffer) => {
      this.#discarded += chunk.length;
      if (this.#discarded <= this.#options.drainBytes) return;
      this.#source.pause();
      this.#onTooMuch?.();
    });
    this.#source.resume();
  }
}
