import type { Socket } from 'node:net';
import type { ResponseSink, SinkListener } from '../engine/exchange.ts';
import { withLine } from '../http/fields.ts';
import { hasContent, type ResponseHead } from '../http/message.ts';
import { chunkedLine, isChunked, lastChunk, serializeHead } from './raw-response.ts';

/** The connection that an answer goes over. */
export interface LaneEnd {
  readonly socket: Socket;
  /** No further request is wanted; asked when a head is sent. */
  readonly closing: boolean;
  /** The fields about this connection, as node:http writes them. */
  readonly keepAliveLines: string;
  /** The answer is complete; `last`: the connection ends with it. */
  answered(last: boolean): void;
  /** The answer can't be completed. */
  broken(unanswered: boolean): void;
}

/** Content up to here is copied behind its head, so that both go out in one write. */
const maxCopiedBytes = 4 * 1024;

/** The place of an answer on a connection that is written to without node:http. The bytes are those that node:http would write. */
export class LaneSink implements ResponseSink {
  readonly #end: LaneEnd;
  readonly #method: string;
  #state: 'open' | 'headed' | 'over' = 'open';
  #listener: SinkListener | undefined;
  /** Not yet written: it goes out with the first content if that comes at once. */
  #headText: string | undefined;
  #chunked = false;
  #withoutContent = false;
  #last = false;

  constructor(method: string, end: LaneEnd) {
    this.#method = method;
    this.#end = end;
  }

  listen(listener: SinkListener): void {
    this.#listener = listener;
  }

  interim(head: ResponseHead): void {
    if (this.#state !== 'open') return;
    const text = serializeHead(head);
    if (text !== undefined) this.#end.socket.write(text, 'latin1');
  }

  head(head: ResponseHead): void {
    if (this.#state !== 'open') return;
    this.#state = 'headed';
    this.#last = this.#end.closing;
    this.#withoutContent = !hasContent(this.#method, head.status);
    this.#chunked = isChunked(this.#method, head);
    const sent = this.#last ? { ...head, fields: withLine(head.fields, 'connection', 'close') } : head;
    const framing = (this.#last ? '' : this.#end.keepAliveLines) + (this.#chunked ? chunkedLine : '');
    const text = serializeHead(sent, framing);
    if (text === undefined) {
      this.abort();
      return;
    }
    this.#headText = text;
    queueMicrotask(() => this.#flushHead());
  }

  write(chunk: Uint8Array): boolean {
    if (this.#state !== 'headed' || this.#withoutContent || chunk.length === 0) return true;
    const { socket } = this.#end;
    const head = this.#headText ?? '';
    const before = this.#chunked ? `${head}${chunk.length.toString(16)}\r\n` : head;
    this.#headText = undefined;
    if (before === '') return socket.write(chunk);
    const after = this.#chunked ? '\r\n' : '';
    if (chunk.length <= maxCopiedBytes) return socket.write(joined(before, chunk, after));
    socket.cork();
    socket.write(before, 'latin1');
    socket.write(chunk);
    if (after !== '') socket.write(after, 'latin1');
    socket.uncork();
    return !socket.writableNeedDrain;
  }

  end(): void {
    if (this.#state !== 'headed') return;
    this.#state = 'over';
    const text = (this.#headText ?? '') + (this.#chunked ? lastChunk : '');
    this.#headText = undefined;
    if (text !== '') this.#end.socket.write(text, 'latin1');
    this.#end.answered(this.#last);
  }

  abort(): void {
    if (this.#state === 'over') return;
    const unanswered = this.#state === 'open';
    this.#flushHead();
    this.#state = 'over';
    this.#end.broken(unanswered);
  }

  /** The socket takes more. */
  drained(): void {
    if (this.#state === 'headed') this.#listener?.onDrain();
  }

  /** The client has gone. */
  leave(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#listener?.onClose();
  }

  #flushHead(): void {
    if (this.#state !== 'headed' || this.#headText === undefined) return;
    this.#end.socket.write(this.#headText, 'latin1');
    this.#headText = undefined;
  }
}

function joined(before: string, chunk: Uint8Array, after: string): Buffer {
  const bytes = Buffer.allocUnsafe(before.length + chunk.length + after.length);
  bytes.write(before, 0, 'latin1');
  bytes.set(chunk, before.length);
  if (after !== '') bytes.write(after, before.length + chunk.length, 'latin1');
  return bytes;
}
