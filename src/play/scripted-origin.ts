import { type ErrorCode, EtagereError } from '../errors.ts';
import { type Fields, fieldValue, hasField, withLine } from '../http/fields.ts';
import { hasContent, type ResponseHead } from '../http/message.ts';
import type { Origin, OriginCall, OriginHandler, OriginRequest, OriginStats } from '../origin/origin.ts';
import type { OriginExchange } from './transport.ts';

/** An origin without a network: it takes every request down and answers when it is told to. */
export class ScriptedOrigin implements Origin {
  readonly url = 'http://origin.test';
  readonly arrivals: ScriptedExchange[] = [];
  /** Whether a new request finds a listening socket. */
  accepts = true;
  readonly #moved: () => void;

  /** `moved` is called whenever something happens here. */
  constructor(moved: () => void) {
    this.#moved = moved;
  }

  request(request: OriginRequest, handler: OriginHandler): OriginCall {
    const exchange = new ScriptedExchange(request, handler, this.#moved);
    // The port says that no handler is called before request() has returned.
    if (this.accepts) this.arrivals.push(exchange);
    else setImmediate(() => exchange.fail('ORIGIN_REFUSED'));
    this.#moved();
    return exchange.call;
  }

  stats(): OriginStats {
    return { active: this.arrivals.filter((arrival) => arrival.open).length, queued: 0 };
  }

  close(): Promise<void> {
    this.abandon();
    return Promise.resolve();
  }

  /** Breaks off whatever is still open. */
  abandon(): void {
    for (const arrival of this.arrivals) arrival.breakOff();
  }
}

type Delivery =
  | { readonly kind: 'chunk'; readonly chunk: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'error'; readonly code: ErrorCode };

class ScriptedExchange implements OriginExchange {
  readonly method: string;
  readonly target: string;
  readonly fields: Fields;
  readonly call: OriginCall;
  received: boolean;
  withdrawn = false;
  /** Neither ended nor given up. */
  open = true;
  readonly #handler: OriginHandler;
  readonly #moved: () => void;
  readonly #content: Buffer[] = [];
  readonly #pending: Delivery[] = [];
  #headSent = false;
  #paused = false;

  constructor(request: OriginRequest, handler: OriginHandler, moved: () => void) {
    this.method = request.method;
    this.target = request.target;
    this.fields = request.fields;
    this.#handler = handler;
    this.#moved = moved;
    this.received = request.content === null;
    request.content?.on('data', (chunk: Buffer) => this.#content.push(chunk));
    request.content?.on('end', () => {
      this.received = true;
      moved();
    });
    this.call = {
      pause: () => {
        this.#paused = true;
      },
      resume: () => {
        this.#paused = false;
        setImmediate(() => this.#deliver());
        moved();
      },
      abort: () => this.#withdraw(),
    };
  }

  get content(): Uint8Array {
    return Buffer.concat(this.#content);
  }

  interim(head: ResponseHead): void {
    if (this.open) this.#handler.onInterim(head);
    this.#moved();
  }

  head(head: ResponseHead): void {
    this.#headSent = true;
    if (this.open) this.#handler.onHead(this.#framed(head));
    this.#moved();
  }

  /** With the framing that a server gives content of unknown length (RFC 9112 §6.3): chunks, unless the end of the connection is to tell. */
  #framed({ status, fields }: ResponseHead): ResponseHead {
    const isFramed = hasField(fields, 'content-length') || hasField(fields, 'transfer-encoding');
    if (isFramed || fieldValue(fields, 'connection') === 'close' || !hasContent(this.method, status))
      return { status, fields };
    return { status, fields: withLine(fields, 'transfer-encoding', 'chunked') };
  }

  write(chunk: Uint8Array): void {
    // In two pieces and in memory of its own: nobody may rely on one chunk for one body, nor keep what is not his.
    const middle = Math.ceil(chunk.length / 2);
    for (const piece of [chunk.subarray(0, middle), chunk.subarray(middle)]) {
      if (piece.length > 0) this.#send({ kind: 'chunk', chunk: Uint8Array.from(piece) });
    }
  }

  end(): void {
    this.#send({ kind: 'end' });
  }

  breakOff(): void {
    this.fail(this.#headSent ? 'ORIGIN_RESPONSE_INCOMPLETE' : 'ORIGIN_BROKEN');
  }

  timeOut(): void {
    this.fail(this.#headSent ? 'ORIGIN_BODY_TIMEOUT' : 'ORIGIN_HEAD_TIMEOUT');
  }

  fail(code: ErrorCode): void {
    this.#send({ kind: 'error', code });
  }

  #send(delivery: Delivery): void {
    this.#pending.push(delivery);
    this.#deliver();
  }

  /** Content waits while the reader has paused; an error does not (origin.ts: it may come at any point). */
  #deliver(): void {
    while (this.open) {
      const next = this.#paused ? this.#pending.find(({ kind }) => kind === 'error') : this.#pending.shift();
      if (next === undefined) return;
      this.#moved();
      if (next.kind === 'chunk') {
        this.#handler.onData(next.chunk);
      } else {
        this.open = false;
        if (next.kind === 'end') this.#handler.onEnd();
        else this.#handler.onError(new EtagereError(next.code, 'as the fixture says'));
      }
    }
  }

  #withdraw(): void {
    if (!this.open) return;
    this.open = false;
    this.withdrawn = true;
    this.#moved();
  }
}
