import { isWordByte } from './word-byte.ts';

/** A text as bytes; not empty. */
export interface SoughtText {
  readonly bytes: Uint8Array;
  /** Whether it counts only where no letter or digit follows: `https://a.test/` is not repeated by a link to `https://a.test/page`. */
  readonly ends: boolean;
}

/** A text was found. */
export const found = -1;

/** What is known of a state: in the lower eight bits the byte that leads to the next one, and above them these. */
const labelMask = 0xff;
/** Its label leads nowhere. */
const isLeaf = 0x100;
/** Other bytes than its label lead on, too. */
const isFork = 0x200;
/** A text is there. */
const isWhole = 0x400;
/** A text is there if no letter or digit follows. */
const isWholeAtEnd = 0x800;
/** What holds of a state, too, where it holds of the one that it falls back to. */
const inherited = isWhole | isWholeAtEnd;

const none = -1;

/**
 * Texts as one automaton (Aho and Corasick, 1975): a content is looked through for all of them in time that grows with its length alone, whatever they have in common with it and one another. A state, a number from 0 on,
 * is the longest beginning of a text with which what was looked through ends; that with one byte more has the next number, unless another text begins the same.
 */
export class TextAutomaton {
  readonly #states: Uint16Array;
  /** Of each state the next shorter one that it ends with. */
  readonly #fallbacks: Int32Array;
  /** By byte, the state of a text's first. */
  readonly #first = new Int32Array(labelMask + 1);
  /** By state and byte, where texts part. */
  readonly #forks = new Map<number, number>();
  #last = 0;

  constructor(texts: readonly SoughtText[]) {
    const byLength = texts.toSorted((one, other) => other.bytes.length - one.bytes.length);
    const total = byLength.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#states = new Uint16Array(total + 1).fill(isLeaf);
    this.#fallbacks = new Int32Array(total + 1);
    for (const text of byLength) this.#add(text);
    this.#link(byLength);
  }

  /** The state after one byte more, or `found`. */
  after(state: number, byte: number): number {
    if (((this.#states[state] as number) & isWholeAtEnd) !== 0 && !isWordByte(byte)) return found;
    const next = this.#next(state, byte);
    return ((this.#states[next] as number) & isWhole) === 0 ? next : found;
  }

  /** Whether a text is there, as nothing follows. */
  isWholeAtEnd(state: number): boolean {
    return ((this.#states[state] as number) & isWholeAtEnd) !== 0;
  }

  #add({ bytes, ends }: SoughtText): void {
    let state = 0;
    for (const byte of bytes) state = this.#transition(state, byte);
    this.#mark(state, ends ? isWholeAtEnd : isWhole);
  }

  #mark(state: number, mark: number): void {
    this.#states[state] = (this.#states[state] as number) | mark;
  }

  /** The state to which a byte leads: where no text before has it, a new one. */
  #transition(state: number, byte: number): number {
    const known = this.#known(state, byte);
    if (known !== none) return known;
    const own = (this.#last += 1);
    const before = this.#states[state] as number;
    if (state === 0) {
      this.#first[byte] = own;
    } else if (own === state + 1) {
      this.#states[state] = (before & ~(isLeaf | labelMask)) | byte;
    } else {
      this.#forks.set(forkOf(state, byte), own);
      this.#mark(state, isFork);
    }
    return own;
  }

  #known(state: number, byte: number): number {
    if (state === 0) return (this.#first[byte] as number) || none;
    const of = this.#states[state] as number;
    if ((of & (isLeaf | labelMask)) === byte) return state + 1;
    return (of & isFork) === 0 ? none : (this.#forks.get(forkOf(state, byte)) ?? none);
  }

  #next(from: number, byte: number): number {
    for (let state = from; state !== 0; state = this.#fallbacks[state] as number) {
      const next = this.#known(state, byte);
      if (next !== none) return next;
    }
    return this.#first[byte] as number;
  }

  /** Says of all states what they fall back to: of those of one byte first, as longer ones need them. */
  #link(byLength: readonly SoughtText[]): void {
    const states = new Int32Array(byLength.length);
    const longest = byLength[0]?.bytes.length ?? 0;
    for (let at = 0; at < longest; at++) {
      for (let index = 0; index < byLength.length; index++) {
        const byte = byLength[index]?.bytes[at];
        if (byte === undefined) break;
        states[index] = this.#linkAfter(states[index] as number, byte);
      }
    }
  }

  #linkAfter(state: number, byte: number): number {
    const after = this.#known(state, byte);
    if (state === 0) return after;
    const fallback = this.#next(this.#fallbacks[state] as number, byte);
    this.#fallbacks[after] = fallback;
    this.#mark(after, (this.#states[fallback] as number) & inherited);
    return after;
  }
}

function forkOf(state: number, byte: number): number {
  return state * (labelMask + 1) + byte;
}
