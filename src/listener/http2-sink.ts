import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { ResponseSink, SinkListener } from '../engine/exchange.ts';
import { isFieldValue, isToken } from '../http/fields.ts';
import { hasContent, type ResponseHead } from '../http/message.ts';

export interface Http2SinkParts {
  readonly stream: ServerHttp2Stream;
  readonly method: string;
  /** How long the client may take nothing of an answer that is complete, in milliseconds. */
  readonly stallMs: number;
}

/** What a frame takes that has next to nothing in it, and what its receiver says to each. */
const frameBytes = 64;

/** The place of an answer on a stream of HTTP/2 (RFC 9113 §8.1). */
export class Http2Sink implements ResponseSink {
  readonly #parts: Http2SinkParts;
  #state: 'open' | 'headed' | 'ended' | 'gone' = 'open';
  #listener: SinkListener | undefined;
  /** Not yet sent: it goes out with the first content, or as the end of the stream, if that comes at once. */
  #head: OutgoingHttpHeaders | undefined;
  #withoutContent = false;
  #sentBytes = 0;

  constructor(parts: Http2SinkParts) {
    this.#parts = parts;
    parts.stream.on('drain', () => {
      if (this.#state === 'headed') this.#listener?.onDrain();
    });
  }

  /** What was handed over for the client, with what its frames take. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** The answer is awaited, or not complete. */
  get isOpen(): boolean {
    return this.#state === 'open' || this.#state === 'headed';
  }

  /** A complete answer was handed over. */
  get isEnded(): boolean {
    return this.#state === 'ended';
  }

  listen(listener: SinkListener): void {
    this.#listener = listener;
  }

  interim(head: ResponseHead): void {
    const { stream } = this.#parts;
    // RFC 9113 §8.6 has no 101.
    if (this.#state !== 'open' || stream.closed || head.status === 101) return;
    const headers = headersOf(head);
    if (headers !== undefined) stream.additionalHeaders(headers);
  }

  head(head: ResponseHead): void {
    if (this.#state !== 'open') return;
    const headers = headersOf(head);
    if (headers === undefined) {
      this.abort();
      return;
    }
    this.#state = 'headed';
    this.#withoutContent = !hasContent(this.#parts.method, head.status);
    this.#head = headers;
    queueMicrotask(() => this.#flushHead(false));
  }

  write(chunk: Uint8Array): boolean {
    if (this.#state !== 'headed' || this.#withoutContent || chunk.length === 0) return true;
    this.#flushHead(false);
    this.#sentBytes += chunk.length + frameBytes;
    return this.#parts.stream.write(chunk);
  }

  end(): void {
    if (this.#state !== 'headed') return;
    const { stream, stallMs } = this.#parts;
    const isAlone = this.#head !== undefined;
    this.#flushHead(true);
    this.#state = 'ended';
    if (!isAlone) stream.end();
    // What was handed over is sent for as long as the client takes something of it.
    stream.setTimeout(stallMs, () => stream.close(constants.NGHTTP2_CANCEL));
  }

  abort(): void {
    if (this.#state === 'gone' || this.#state === 'ended') return;
    this.#state = 'gone';
    this.#parts.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  /** The client can't be answered any more. */
  leave(): void {
    if (this.#state === 'gone' || this.#state === 'ended') return;
    this.#state = 'gone';
    this.#listener?.onClose();
  }

  #flushHead(endStream: boolean): void {
    const headers = this.#head;
    const { stream } = this.#parts;
    if (this.#state !== 'headed' || headers === undefined) return;
    this.#head = undefined;
    if (!stream.closed && !stream.destroyed) stream.respond(headers, { endStream });
  }
}

/** RFC 9113 §8.2.2; the rest of them no response has that comes here. */
const refusedByHttp2: ReadonlySet<string> = new Set(['http2-settings', 'connection', 'transfer-encoding']);

/**
 * The fields as node:http2 takes them; undefined where one is not valid, which it would send as it is. Lines of one name are combined (RFC 9110 §5.3), as it takes no two of
 * some; but for Set-Cookie, which can't be.
 */
function headersOf({ status, fields }: ResponseHead): OutgoingHttpHeaders | undefined {
  const headers: Record<string, string | string[] | number> = Object.create(null) as Record<string, never>;
  headers[':status'] = status;
  const cookies: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const [name, value] = [fields[i] as string, fields[i + 1] as string];
    if (!isToken(name) || !isFieldValue(value)) return undefined;
    if (refusedByHttp2.has(name)) continue;
    const before = headers[name];
    if (name === 'set-cookie') cookies.push(value);
    else headers[name] = before === undefined ? value : `${String(before)}, ${value}`;
  }
  if (cookies.length > 0) headers['set-cookie'] = cookies;
  return headers;
}
