import type { Hit } from '../engine/exchange.ts';
import { chunkedLine, headText, isChunked, lastChunk } from './raw-response.ts';
import type { Scratch } from './scratch.ts';

export interface Serializing {
  readonly method: string;
  /** Lines about the connection, each with its CRLF. */
  readonly framing: string;
  readonly scratch: Scratch;
}

/** The head of a hit as bytes, with its content behind it where that is small: memory of its own if they will be sent again, or else for this moment. */
export function hitBytes(hit: Hit, { method, framing, scratch }: Serializing): Buffer {
  const { head, hold, isRepeated } = hit;
  const content = hold === undefined ? hit.content : [];
  const contentBytes = hold === undefined ? hit.contentBytes : 0;
  const chunked = isChunked(method, head);
  const text = headText(head, framing + (chunked ? chunkedLine : ''));
  const before = chunked && contentBytes > 0 ? `${text}${contentBytes.toString(16)}\r\n` : text;
  const after = !chunked ? '' : contentBytes > 0 ? `\r\n${lastChunk}` : lastChunk;
  const length = before.length + contentBytes + after.length;
  const bytes = isRepeated ? Buffer.allocUnsafeSlow(length) : scratch.take(length);
  let at = bytes.write(before, 0, 'latin1');
  for (const piece of content) {
    bytes.set(piece, at);
    at += piece.length;
  }
  if (after !== '') bytes.write(after, at, 'latin1');
  return bytes;
}
