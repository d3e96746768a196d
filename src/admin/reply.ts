import type { Clock } from '../engine/clock.ts';
import type { Exchange, SinkListener } from '../engine/exchange.ts';
import { formatHttpDate } from '../http/date.ts';
import { fieldsOf } from '../http/fields.ts';
import type { TailRecord } from '../observe/statistics.ts';
import type { RecordSource } from './endpoint.ts';
import { sliceBytes } from './limits.ts';

/** A response that is there as a whole. */
export interface WholeReply {
  readonly status: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly content: Uint8Array;
}

/** What a reply stands on. */
export interface ReplyParts {
  readonly clock: Clock;
  /** How long a client may take nothing of what waits for it; then its connection ends. */
  readonly stallMs: number;
}

/** What every answer says to a browser: do not guess at its type, show it in no page of others, tell nobody where you were. */
const guards = [
  ['x-content-type-options', 'nosniff'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['referrer-policy', 'no-referrer'],
] as const;

/** Sends a response that is there as a whole, at the pace of its client. */
export function sendWhole(exchange: Exchange, reply: WholeReply, parts: ReplyParts): void {
  const { request, sink } = exchange;
  const { status, fields, content } = reply;
  const date = formatHttpDate(parts.clock.wall());
  const length = status === 304 ? [] : ([['content-length', String(content.length)]] as const);
  sink.head({ status, fields: fieldsOf(['date', date], ...fields, ...length, ...guards) });
  if (request.method === 'HEAD' || content.length === 0) sink.end();
  else new Pump(exchange, content, parts).run();
}

/** A client that takes nothing for a while has its connection ended. */
class Patience {
  readonly #exchange: Exchange;
  readonly #parts: ReplyParts;
  #cancel: (() => void) | undefined;

  constructor(exchange: Exchange, parts: ReplyParts) {
    this.#exchange = exchange;
    this.#parts = parts;
  }

  /** The client's buffer is full. */
  begin(onLost: () => void): void {
    const { clock, stallMs } = this.#parts;
    this.#cancel = clock.schedule(stallMs, () => {
      this.#exchange.sink.abort();
      onLost();
    });
  }

  end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

/** Writes content in slices, so that a client is only slow if it takes none of them. */
class Pump implements SinkListener {
  readonly #exchange: Exchange;
  readonly #content: Uint8Array;
  readonly #patience: Patience;
  #sent = 0;

  constructor(exchange: Exchange, content: Uint8Array, parts: ReplyParts) {
    this.#exchange = exchange;
    this.#content = content;
    this.#patience = new Patience(exchange, parts);
    exchange.sink.listen(this);
  }

  run(): void {
    const { sink } = this.#exchange;
    while (this.#sent < this.#content.length) {
      const slice = this.#content.subarray(this.#sent, this.#sent + sliceBytes);
      this.#sent += slice.length;
      if (!sink.write(slice)) {
        this.#patience.begin(() => undefined);
        return;
      }
    }
    sink.end();
  }

  onDrain(): void {
    this.#patience.end();
    this.run();
  }

  onClose(): void {
    this.#patience.end();
  }
}

/** Records as lines of JSON, until the client leaves, takes nothing for too long, or `end` is called. */
export class LineStream implements SinkListener {
  readonly #exchange: Exchange;
  readonly #patience: Patience;
  readonly #onEnded: (stream: LineStream) => void;
  #unsubscribe: (() => void) | undefined;
  #drained: (() => void) | undefined;
  #ended = false;

  constructor(exchange: Exchange, parts: ReplyParts, onEnded: (stream: LineStream) => void) {
    this.#exchange = exchange;
    this.#patience = new Patience(exchange, parts);
    this.#onEnded = onEnded;
    exchange.sink.listen(this);
  }

  /** Sends the head and begins to listen. */
  begin(source: RecordSource, contentType: string, { clock }: ReplyParts): void {
    const { request, sink } = this.#exchange;
    const date = formatHttpDate(clock.wall());
    sink.head({
      status: 200,
      fields: fieldsOf(['date', date], ['content-type', contentType], ['cache-control', 'no-store'], ...guards),
    });
    if (request.method === 'HEAD') this.end();
    else this.#unsubscribe = source((record) => this.#write(record));
  }

  end(): void {
    if (this.#ended) return;
    this.#finish();
    this.#exchange.sink.end();
  }

  onDrain(): void {
    this.#patience.end();
    this.#drained?.();
    this.#drained = undefined;
  }

  onClose(): void {
    if (!this.#ended) this.#finish();
  }

  #write(record: TailRecord): void | Promise<void> {
    if (this.#ended || this.#exchange.sink.write(Buffer.from(`${JSON.stringify(record)}\n`))) return undefined;
    this.#patience.begin(() => this.onClose());
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  #finish(): void {
    this.#ended = true;
    this.#patience.end();
    this.#unsubscribe?.();
    // Whoever waits to hand on the next record is not to wait for ever.
    this.onDrain();
    this.#onEnded(this);
  }
}
