import { brotliDecompressSync, constants, gunzipSync, inflateSync } from 'node:zlib';
import { fieldValue } from '../http/fields.ts';
import type { PolicyConfig } from '../policy/config.ts';
import type { StoredResponse } from '../policy/stored.ts';
import { isWordByte, type UnkeyedValue, unkeyedValues } from '../policy/unkeyed-values.ts';
import type { Arriving } from './events.ts';

/** What is known of content so far: nothing yet; that it may answer others; or that it repeats what its own client has sent, or can't be looked into. */
export type EchoVerdict = 'open' | 'clear' | 'repeats';

/** Looks through the content of a response for what its client alone has sent (RFC 9111 §7.1). */
export interface EchoSearch {
  /** The next bytes, as the origin sent them. */
  look(chunk: Uint8Array): EchoVerdict;
  /** There is no more. Never `open`. */
  end(): EchoVerdict;
}

/** Who decodes which content coding (RFC 9110 §8.4.1); each takes content that is cut off. */
const decoders: ReadonlyMap<string, (coded: Buffer, maxOutputLength: number) => Buffer> = new Map([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', (coded, maxOutputLength) => inflateSync(coded, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH })],
  [
    'br',
    (coded, maxOutputLength) =>
      brotliDecompressSync(coded, { maxOutputLength, finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  ],
]);

function gunzip(coded: Buffer, maxOutputLength: number): Buffer {
  return gunzipSync(coded, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH });
}

/** Decoded content may be so many times as long as what is looked through of it; beyond that it is taken for a bomb. */
const maxInflation = 16;

/** All texts together are looked for in so many times as much: it is done in one go, and would keep everybody waiting. */
const maxSearched = 64;

/** What is looked through, for whom. */
export interface Sighted extends Pick<StoredResponse, 'nominatedFields' | 'search'> {
  /** Whether other bytes of the same content come, or came, with other responses. */
  readonly isPart: boolean;
}

/**
 * The search for a response that may be stored; undefined where its request has nothing to look for, as that of a browser, or where an operator wants none. `unreadable`: its content coding can't be
 * looked into, nor can the middle of coded content.
 *
 * @param maxBytes of content, as the origin sends it, that are looked through; 0 for none
 */
export function echoSearch(
  { request, response }: Arriving,
  { nominatedFields, search, isPart }: Sighted,
  { allowUnkeyedEcho }: PolicyConfig,
  maxBytes: number,
): EchoSearch | 'unreadable' | undefined {
  if (allowUnkeyedEcho || maxBytes === 0) return undefined;
  const values = unkeyedValues(request, nominatedFields, search?.significant);
  if (values === 'too-many') return 'unreadable';
  if (values.length === 0) return undefined;
  const coding = fieldValue(response.fields, 'content-encoding')?.toLowerCase() ?? 'identity';
  if (coding === 'identity') return isPart ? new PartSearch(values, maxBytes) : new PlainSearch(values, maxBytes);
  const decode = decoders.get(coding);
  return decode === undefined || isPart
    ? 'unreadable'
    : new CodedSearch(values, maxBytes, (coded) => decode(coded, maxBytes * inflationFor(values.length)));
}

function inflationFor(texts: number): number {
  return Math.max(1, Math.min(maxInflation, Math.floor(maxSearched / texts)));
}

/** A text as bytes. */
interface Sought {
  readonly bytes: Buffer;
  readonly ends: boolean;
}

function soughtOf(values: readonly UnkeyedValue[]): readonly Sought[] {
  return values.map(({ text, ends }) => ({ bytes: Buffer.from(text, 'latin1'), ends }));
}

/** Whether one of them stands there. One that reaches to the end and must not be followed by a letter is found only if that is the `last`. */
function isFound(sought: readonly Sought[], bytes: Buffer, isLast: boolean): boolean {
  return sought.some(({ bytes: value, ends }) => {
    for (let at = bytes.indexOf(value); at >= 0; at = bytes.indexOf(value, at + 1)) {
      const next = at + value.length;
      if (!ends || (next < bytes.length ? !isWordByte(bytes[next]) : isLast)) return true;
    }
    return false;
  });
}

/** The same bytes, not copied. */
function bufferOver({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

/** Of content without a coding, as it comes: what stands across the border of two chunks is found too. */
class PlainSearch implements EchoSearch {
  readonly #sought: readonly Sought[];
  readonly #longest: number;
  #left: number;
  /** The last bytes before the next chunk. */
  #tail = Buffer.alloc(0);

  constructor(values: readonly UnkeyedValue[], maxBytes: number) {
    this.#sought = soughtOf(values);
    this.#longest = Math.max(...this.#sought.map(({ bytes }) => bytes.length));
    this.#left = maxBytes;
  }

  look(chunk: Uint8Array): EchoVerdict {
    const looked = chunk.subarray(0, this.#left);
    this.#left -= looked.length;
    const bytes = this.#tail.length === 0 ? bufferOver(looked) : Buffer.concat([this.#tail, looked]);
    if (isFound(this.#sought, bytes, false)) return 'repeats';
    // A copy: whoever has sent the chunk may use its memory again.
    this.#tail = Buffer.from(bytes.subarray(Math.max(0, bytes.length - this.#longest)));
    return this.#left > 0 ? 'open' : this.end();
  }

  end(): EchoVerdict {
    return isFound(this.#sought, this.#tail, true) ? 'repeats' : 'clear';
  }
}

/** Of a part: what its end cuts off, the next may go on with, and both together would say it. Of whatever is cut in two, half stands on one of the sides. */
class PartSearch implements EchoSearch {
  readonly #whole: PlainSearch;
  readonly #sought: readonly Buffer[];
  readonly #longest: number;
  #first = Buffer.alloc(0);
  #last = Buffer.alloc(0);

  constructor(values: readonly UnkeyedValue[], maxBytes: number) {
    this.#whole = new PlainSearch(values, maxBytes);
    this.#sought = soughtOf(values).map(({ bytes }) => bytes);
    this.#longest = Math.max(...this.#sought.map(({ length }) => length));
  }

  look(chunk: Uint8Array): EchoVerdict {
    const lacking = this.#longest - this.#first.length;
    if (lacking > 0) this.#first = Buffer.concat([this.#first, chunk.subarray(0, lacking)]);
    this.#last = Buffer.concat([this.#last, chunk.subarray(-this.#longest)]).subarray(-this.#longest);
    const verdict = this.#whole.look(chunk);
    return verdict === 'clear' ? this.end() : verdict;
  }

  end(): EchoVerdict {
    const isCut = this.#sought.some((value) => mayBeCut(value, this.#first, this.#last));
    return isCut ? 'repeats' : this.#whole.end();
  }
}

/** Whether bytes of this beginning and this end may have at least half of the value at one of them, or are a piece of it. */
function mayBeCut(value: Buffer, first: Buffer, last: Buffer): boolean {
  if (first.length < value.length && value.includes(first)) return true;
  for (let length = Math.ceil(value.length / 2); length < value.length; length++) {
    const [atFirst, atLast] = [length <= first.length, length <= last.length];
    if (atFirst && value.compare(first, 0, length, value.length - length) === 0) return true;
    if (atLast && value.compare(last, last.length - length, last.length, 0, length) === 0) return true;
  }
  return false;
}

/** Of coded content, once it is there, or as much of it as is looked through. */
class CodedSearch implements EchoSearch {
  readonly #sought: readonly Sought[];
  readonly #decode: (coded: Buffer) => Buffer;
  readonly #chunks: Uint8Array[] = [];
  #left: number;

  constructor(values: readonly UnkeyedValue[], maxBytes: number, decode: (coded: Buffer) => Buffer) {
    this.#sought = soughtOf(values);
    this.#left = maxBytes;
    this.#decode = decode;
  }

  look(chunk: Uint8Array): EchoVerdict {
    // A copy: whoever has sent the chunk may use its memory again.
    const looked = Buffer.from(chunk.subarray(0, this.#left));
    this.#left -= looked.length;
    this.#chunks.push(looked);
    return this.#left > 0 ? 'open' : this.end();
  }

  end(): EchoVerdict {
    const coded = Buffer.concat(this.#chunks);
    if (coded.length === 0) return 'clear';
    try {
      return isFound(this.#sought, this.#decode(coded), true) ? 'repeats' : 'clear';
    } catch {
      return 'repeats';
    }
  }
}
