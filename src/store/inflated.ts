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
  /** Its neighbours on the clock's face; itself where it is the only one. */
  previous: Entry;
  next: Entry;
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
  /** Where the hand of the clock stands; undefined where there are no entries. No iterator of the Map: until it moves, that keeps every table that the Map has outgrown, with all that was in it. */
  #hand: Entry | undefined;
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
    this.#entries.set(handle, this.#behindHand({ handle, shelved, alone: [shelved], weight, used: false }));
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

  /** The next one to let go of. Each round takes the marks away, so that the next round finds one; there the hand stays until that one is looked up or has gone. */
  #next(): Entry | undefined {
    for (; this.#hand?.used === true; this.#hand = this.#hand.next) this.#hand.used = false;
    return this.#hand;
  }

  /** Where the hand comes last. */
  #behindHand(unplaced: Omit<Entry, 'previous' | 'next'>): Entry {
    // Neighbours of its own until it has others.
    const entry = unplaced as Entry;
    const next = this.#hand ?? entry;
    const previous = this.#hand?.previous ?? entry;
    entry.next = next;
    entry.previous = previous;
    next.previous = entry;
    previous.next = entry;
    this.#hand = next;
    return entry;
  }

  #deflate(entry: Entry): void {
    const { handle, shelved, weight, previous, next } = entry;
    this.#entries.delete(handle);
    previous.next = next;
    next.previous = previous;
    if (this.#hand === entry) this.#hand = next === entry ? undefined : next;
    this.#bytes -= weight;
    shelved.ready = undefined;
    this.#onDeflate(handle, shelved);
  }
}
