import { fieldsFrom } from '../http/fields.ts';
import { contentLength } from './request-framing.ts';
import { readFieldLines } from './request-head.ts';

/**
 * Where the messages end that were given to node:http: only between two of them may somebody else go on reading. Lengths are added up as far as they are
 * said; beyond that, an empty line at the end of what was given says enough, once node:http has read all of it and waits for nothing of a message: no message begins with one,
 * and none goes on in the middle of its head after one (RFC 9112 §2.2).
 */
export class BridgedMessages {
  readonly #maxHeadBytes: number;
  #given = 0;
  /** Where the last message ends whose head is all there; NaN from where nobody can tell. */
  #end = 0;
  /** Of a head that is not all there. */
  #head = '';
  /** The last four characters. */
  #tail = '';

  constructor(maxHeadBytes: number) {
    this.#maxHeadBytes = maxHeadBytes;
  }

  /** Whether what was given ends with a message, if node:http has read all of it, and every message that it has seen to its end. */
  get endTogether(): boolean {
    return (this.#given === this.#end && this.#head === '') || this.#tail === '\r\n\r\n';
  }

  /** More was given. */
  add(bytes: Buffer): void {
    const before = this.#given;
    this.#given += bytes.length;
    this.#tail = (this.#tail + bytes.toString('latin1', Math.max(0, bytes.length - 4))).slice(-4);
    if (Number.isNaN(this.#end) || this.#given <= this.#end) return;
    let text = this.#head + bytes.toString('latin1', Math.max(0, this.#end - before));
    while (text.includes('\r\n\r\n')) {
      const length = messageLength(text);
      this.#end += length;
      text = text.slice(Number.isNaN(length) ? text.length : length);
    }
    if (text.length > this.#maxHeadBytes) this.#end = Number.NaN;
    this.#head = Number.isNaN(this.#end) ? '' : text;
  }
}

/** The length of the message at the start of the text, which has its head, content included; NaN where only a parser can tell. */
function messageLength(text: string): number {
  const lineEnd = text.indexOf('\r\n');
  const end = text.indexOf('\r\n\r\n');
  if (lineEnd === 0) return Number.NaN;
  const raw = readFieldLines(text.slice(lineEnd + 2, end + 2));
  if (raw === undefined) return Number.NaN;
  const length = contentLength(fieldsFrom(raw), '1.1');
  return typeof length === 'number' ? end + 4 + length : Number.NaN;
}
