import type { Limits } from '../engine/limits.ts';
import type { RequestHead } from '../http/message.ts';
import { gate, gateTarget } from './gate.ts';
import { type KnownHead, KnownHeads } from './known-heads.ts';
import { readFieldLines, readRequestLine, type RequestLine } from './request-head.ts';

/** A request without content that has passed the gate, and the length of its text. */
export interface PlainRequest {
  readonly head: RequestHead;
  readonly length: number;
}

/** Reads plain requests for all connections of a listener: those that two readers can't take for different ones, as far as that shows. */
export class PlainRequests {
  readonly #limits: Limits;
  readonly #encodeTarget: boolean;
  readonly #scheme: 'http' | 'https';
  readonly #known: KnownHeads;
  /** Characters in the field lines that were read last. */
  #lastLength = 0;

  /** @param scheme Of the connections: what is in normal form depends on it. */
  constructor(limits: Limits, encodeTarget: boolean, scheme: 'http' | 'https' = 'http') {
    this.#limits = limits;
    this.#encodeTarget = encodeTarget;
    this.#scheme = scheme;
    this.#known = new KnownHeads(limits.knownHeadBytes);
  }

  /** The request at the start of the text; undefined where there is anything about it to think of, or it is not all there. */
  read(text: string): PlainRequest | undefined {
    const line = readRequestLine(text);
    if (line === undefined) return undefined;
    const limits = this.#limits;
    const { method } = line;
    let lines = text.slice(line.end);
    // What is longer is likely to be several requests, and to look for all of that at once would cost a look at all of it for each of them.
    let found = lines.length > this.#lastLength ? undefined : this.#known.find(lines);
    if (found === undefined) {
      const end = text.indexOf('\r\n\r\n', line.end - 2);
      if (end < 0 || end + 4 > limits.clientHeadBytes) return undefined;
      lines = text.slice(line.end, end + 4);
      found = this.#known.find(lines) ?? this.#admit(lines, line);
      if (found === undefined) return undefined;
    }
    this.#lastLength = lines.length;
    const length = line.end + lines.length;
    if (length > limits.clientHeadBytes) return undefined;
    const encodeTarget = this.#encodeTarget;
    const scheme = this.#scheme;
    const target = gateTarget({ method, target: line.target, version: '1.1', scheme, encodeTarget }, limits);
    if (target === undefined) return undefined;
    const { authority, fields } = found;
    return { head: { method, scheme, authority, target, version: '1.1', fields }, length };
  }

  /** Field lines that are seen for the first time pass the gate as ever. */
  #admit(received: string, { method, target }: RequestLine): KnownHead | undefined {
    // A copy: what is cut from what was received would keep all of that.
    const lines = Buffer.from(received, 'latin1').toString('latin1');
    const raw = readFieldLines(lines.slice(0, -2));
    if (raw === undefined) return undefined;
    const message = { method, target, version: '1.1', fields: raw, scheme: this.#scheme, localAuthority: '' };
    const gated = gate({ ...message, encodeTarget: this.#encodeTarget }, this.#limits);
    if (!gated.ok || gated.contentLength !== 0 || gated.awaitsContinue || gated.asksForUpgrade) return undefined;
    if (!isPlain(raw)) return undefined;
    const { authority, fields } = gated.request;
    const head = { authority, fields };
    this.#known.add(lines, head);
    return head;
  }
}

/** Whether the fields say nothing of the length, and nothing of the connection but that it stays open, which it does anyway. */
function isPlain(raw: readonly string[]): boolean {
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    const isOption = name === 'connection' || name === 'proxy-connection';
    if (name === 'content-length' || (isOption && (raw[i + 1] as string).toLowerCase() !== 'keep-alive')) return false;
  }
  return true;
}
