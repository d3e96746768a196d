import type { StoredResponse } from '../policy/stored.ts';
import type { Handle } from './cells.ts';
import { Popularity } from './popularity.ts';
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

/** Of the bytes of the limit, so many for each response whose look-ups are counted by themselves; and the most that are. */
const bytesPerCount = 512;
const mostCounted = 2 ** 18;

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
 * objects that are needed once die young, which costs the collector nothing. When there is no room for more, one comes in that was looked up more often than one that has to go for it: what
 * comes and goes grows old in between, and that costs more than it saves. Which one that is, a clock's hand says: it passes over them, and stops at one that was not looked up since the last round.
 */
export class Inflated {
  readonly #maxBytes: number;
  readonly #onDeflate: (handle: Handle, shelved: Shelved) => void;
  readonly #entries = new Map<Handle, Entry>();
  readonly #popularity: Popularity;
  #hand = this.#entries.values();
  /** Where the hand stands. */
  #at: Entry | undefined;
  #bytes = 0;

  /** `onDeflate` is told of each response whose objects are let go of. */
  constructor(maxBytes: number, onDeflate: (handle: Handle, shelved: Shelved) => void) {
    this.#maxBytes = maxBytes;
    this.#onDeflate = onDeflate;
    const counted = 2 ** Math.ceil(Math.log2(Math.max(1, maxBytes / bytesPerCount)));
    this.#popularity = new Popularity(Math.min(counted, mostCounted));
  }

  get bytes(): number {
    return this.#bytes;
  }

  find(handle: Handle): readonly [Shelved] | undefined {
    this.#popularity.count(handle);
    const entry = this.#entries.get(handle);
    if (entry === undefined) return undefined;
    entry.used = true;
    return entry.alone;
  }

  /** The same for who only looks on: it counts for nothing. */
  peek(handle: Handle): Shelved | undefined {
    return this.#entries.get(handle)?.shelved;
  }

  /** Whether a response that is not here but was just looked for is worth keeping. */
  wants(handle: Handle): boolean {
    const count = this.#popularity.of(handle);
    if (count < 2) return false;
    const { size } = this.#entries;
    // Nothing has to go where there is room for another one like those that are here.
    if (size === 0 || this.#bytes + this.#bytes / size <= this.#maxBytes) return true;
    const next = this.#next();
    return next === undefined || this.#popularity.of(next.handle) < count;
  }

  /** Keeps a response that was opened; `copied`: bytes of its content that are its own. False where it is too large. */
  add(handle: Handle, shelved: Shelved, copied: number): boolean {
    const weight = weightOf(shelved, copied);
    if (weight > this.#maxBytes) return false;
    while (this.#bytes + weight > this.#maxBytes) this.#deflateNext();
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

  #deflateNext(): void {
    const next = this.#next();
    if (next !== undefined) this.#deflate(next);
  }

  /** The next one to let go of. Each round takes the marks away, so that the next round finds one; there it stays until that one is looked up or has gone. */
  #next(): Entry | undefined {
    while (this.#entries.size > 0) {
      const entry = this.#at;
      if (entry !== undefined && !entry.used && this.#entries.get(entry.handle) === entry) return entry;
      if (entry !== undefined) entry.used = false;
      const { value } = this.#hand.next();
      this.#at = value;
      if (value === undefined) this.#hand = this.#entries.values();
    }
    return undefined;
  }

  #deflate({ handle, shelved, weight }: Entry): void {
    this.#entries.delete(handle);
    this.#bytes -= weight;
    shelved.ready = undefined;
    this.#onDeflate(handle, shelved);
  }
}
