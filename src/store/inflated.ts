import type { StoredResponse } from '../policy/stored.ts';
import type { Handle } from './cells.ts';
import type { Shelved } from './store.ts';

/**
 * What the objects of one head weigh without their texts, and what one text weighs beside its characters: measured with real responses.
 */
const overheadOfHead = 1_200;
const overheadOfText = 40;

/** A content copied out of its cell: its object, and a Buffer with memory of its own. */
const overheadOfCopy = 400;

/** For what is kept ready beside the response: the request that it answers, a head as it is sent, and small content once more. */
const readyBytes = 2_048;
const readyContentBytes = 16 * 1024;

/** Bytes of the JavaScript heap that a head takes as objects. */
export function weightOfHead(stored: StoredResponse): number {
  const { key, variant, fields, preconditions, nominatedFields, groups } = stored;
  let bytes = overheadOfHead + key.length + variant.length;
  for (const texts of [fields, preconditions, nominatedFields, groups]) {
    for (const text of texts) bytes += text.length + overheadOfText;
  }
  return bytes;
}

/** What an opened response takes beside the bytes from which it was opened; `copied`: those of its content that are its own. */
function weightOf({ stored, content }: Shelved, copied: number): number {
  const ready = readyBytes + (content.length <= readyContentBytes ? content.length : 0);
  return weightOfHead(stored) + overheadOfCopy + copied + ready;
}

/** Of how many responses it is remembered that they were opened lately. */
const remembered = 2 ** 14;

interface Entry {
  readonly handle: Handle;
  readonly shelved: Shelved;
  /** What a look-up answers where this is the only variant. */
  readonly alone: readonly [Shelved];
  readonly weight: number;
  /** Looked up since the hand passed it. */
  used: boolean;
}

/**
 * The responses that are looked up often, as objects, so that the next look-up reads no record and finds the same object. They come in when they are opened for the second time:
 * objects that are needed once die young, which costs the collector nothing. When they are too many, those that were not looked up since the last round go: a clock's hand passes over
 * them, which costs a hit no more than a mark.
 */
export class Inflated {
  readonly #maxBytes: number;
  readonly #onDeflate: (handle: Handle, shelved: Shelved) => void;
  readonly #entries = new Map<Handle, Entry>();
  /** The handle that was opened last of all that share a place. */
  readonly #opened = new Float64Array(remembered).fill(-1);
  #hand = this.#entries.values();
  #bytes = 0;

  /** `onDeflate` is told of each response whose objects are let go of. */
  constructor(maxBytes: number, onDeflate: (handle: Handle, shelved: Shelved) => void) {
    this.#maxBytes = maxBytes;
    this.#onDeflate = onDeflate;
  }

  get bytes(): number {
    return this.#bytes;
  }

  find(handle: Handle): readonly [Shelved] | undefined {
    const entry = this.#entries.get(handle);
    if (entry === undefined) return undefined;
    entry.used = true;
    return entry.alone;
  }

  /** Whether a response that is being opened is worth keeping: it was opened lately. */
  wants(handle: Handle): boolean {
    const place = handle % remembered;
    const isSecond = this.#opened[place] === handle;
    this.#opened[place] = handle;
    return isSecond;
  }

  /** Keeps a response that was opened; `copied`: bytes of its content that are its own. False where it is too large. */
  add(handle: Handle, shelved: Shelved, copied: number): boolean {
    const weight = weightOf(shelved, copied);
    if (weight > this.#maxBytes) return false;
    while (this.#bytes + weight > this.#maxBytes) this.#deflateOne();
    this.#entries.set(handle, { handle, shelved, alone: [shelved], weight, used: false });
    this.#bytes += weight;
    return true;
  }

  remove(handle: Handle): void {
    const entry = this.#entries.get(handle);
    if (entry !== undefined) this.#deflate(entry);
  }

  clear(): void {
    for (const entry of this.#entries.values()) this.#deflate(entry);
  }

  /** Each round takes the marks away, so that the next one finds a response to let go of. */
  #deflateOne(): void {
    for (;;) {
      const { value: entry } = this.#hand.next();
      if (entry === undefined) {
        this.#hand = this.#entries.values();
      } else if (entry.used) {
        entry.used = false;
      } else {
        this.#deflate(entry);
        return;
      }
    }
  }

  #deflate({ handle, shelved, weight }: Entry): void {
    this.#entries.delete(handle);
    this.#bytes -= weight;
    shelved.ready = undefined;
    this.#onDeflate(handle, shelved);
  }
}
