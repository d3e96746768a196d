import { brotliDecompressSync, constants, gunzipSync, inflateSync } from 'node:zlib';
import { fieldValue } from '../http/fields.ts';
import type { PolicyConfig } from '../policy/config.ts';
import { mayBeCut } from '../policy/cut-texts.ts';
import type { StoredResponse } from '../policy/stored.ts';
import { found, type SoughtText } from '../policy/text-automaton.ts';
import { SoughtTexts } from '../policy/text-search.ts';
import { soughtTexts, unkeyedValues } from '../policy/unkeyed-values.ts';
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
  const texts = soughtTexts(values);
  if (coding === 'identity') return isPart ? new PartSearch(texts, maxBytes) : new PlainSearch(texts, maxBytes);
  const decode = decoders.get(coding);
  return decode === undefined || isPart
    ? 'unreadable'
    : new CodedSearch(texts, maxBytes, (coded) => decode(coded, maxBytes * inflationFor(texts.length)));
}

function inflationFor(texts: number): number {
  return Math.max(1, Math.min(maxInflation, Math.floor(maxSearched / texts)));
}

/** Of content without a coding, as it comes: what stands across the border of two chunks is found too. */
class PlainSearch implements EchoSearch {
  readonly #sought: SoughtTexts;
  #left: number;
  #state = 0;

  constructor(texts: readonly SoughtText[], maxBytes: number) {
    this.#sought = new SoughtTexts(texts);
    this.#left = maxBytes;
  }

  look(chunk: Uint8Array): EchoVerdict {
    const looked = chunk.subarray(0, this.#left);
    this.#left -= looked.length;
    this.#state = this.#sought.advance(this.#state, looked);
    if (this.#state === found) return 'repeats';
    return this.#left > 0 ? 'open' : this.end();
  }

  end(): EchoVerdict {
    return this.#sought.isFoundAtEnd(this.#state) ? 'repeats' : 'clear';
  }
}

/** Of a part: what its end cuts off, the next may go on with, and both together would say it. Of whatever is cut in two, half stands on one of the sides. */
class PartSearch implements EchoSearch {
  readonly #whole: PlainSearch;
  readonly #texts: readonly SoughtText[];
  readonly #longest: number;
  #first = Buffer.alloc(0);
  #last = Buffer.alloc(0);

  constructor(texts: readonly SoughtText[], maxBytes: number) {
    this.#whole = new PlainSearch(texts, maxBytes);
    this.#texts = texts;
    this.#longest = Math.max(...texts.map(({ bytes }) => bytes.length));
  }

  look(chunk: Uint8Array): EchoVerdict {
    const lacking = this.#longest - this.#first.length;
    if (lacking > 0) this.#first = Buffer.concat([this.#first, chunk.subarray(0, lacking)]);
    this.#last = Buffer.concat([this.#last, chunk.subarray(-this.#longest)]).subarray(-this.#longest);
    const verdict = this.#whole.look(chunk);
    return verdict === 'clear' ? this.end() : verdict;
  }

  end(): EchoVerdict {
    const isCut = this.#texts.some(({ bytes }) => mayBeCut(bytes, this.#first, this.#last));
    return isCut ? 'repeats' : this.#whole.end();
  }
}

/** Of coded content, once it is there, or as much of it as is looked through. */
class CodedSearch implements EchoSearch {
  readonly #texts: readonly SoughtText[];
  readonly #decode: (coded: Buffer) => Buffer;
  readonly #chunks: Uint8Array[] = [];
  #left: number;

  constructor(texts: readonly SoughtText[], maxBytes: number, decode: (coded: Buffer) => Buffer) {
    this.#texts = texts;
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
    const sought = new SoughtTexts(this.#texts);
    try {
      return sought.isFoundAtEnd(sought.advance(0, this.#decode(coded))) ? 'repeats' : 'clear';
    } catch {
      return 'repeats';
    }
  }
}
