import { found, type SoughtText, TextAutomaton } from './text-automaton.ts';

/** Of texts, no more than their first bytes, so many at most, decide what is skipped. */
const widestWindow = 64;

/** Pairs of bytes are told apart by so many of their bits. */
const pairs = 0x1000;

/** One text or two are found sooner each by itself, where the shortest has fewer bytes than this; and in linear time, where the longest is not longer than that. */
const mostFew = 2;
const shortFew = 16;
const longestFew = 64;

/**
 * Texts to look for, all of them at once. Where none is under way, most bytes are not even looked at: the last two of as many as the shortest text has tell how far the next can begin (Wu and Manber, 1994). Where one may begin, the
 * automaton goes on, which is made only then. So no byte is looked at more often than a few times, whatever the texts.
 */
export class SoughtTexts {
  readonly #texts: readonly SoughtText[];
  readonly #window: number;
  /** Bytes of the longest text, where they are few. */
  readonly #longestOfFew: number | undefined;
  /** By pair of bytes, how many further on a text may begin; behind them, by byte whether a text begins with it. */
  readonly #shifts = new Uint8Array(pairs + 0x100);
  #made: TextAutomaton | undefined;

  constructor(texts: readonly SoughtText[]) {
    this.#texts = texts;
    let window = widestWindow;
    let longest = 0;
    for (const { bytes } of texts) {
      window = Math.min(window, bytes.length);
      longest = Math.max(longest, bytes.length);
    }
    const areFew = texts.length <= mostFew && window < shortFew && longest <= longestFew;
    this.#longestOfFew = areFew && !texts.some(({ ends }) => ends) ? longest : undefined;
    this.#window = window;
    this.#shifts.fill(Math.max(0, window - 1), 0, pairs);
    for (const { bytes } of texts) this.#add(bytes);
  }

  /** Where a search is after these bytes too, which is at 0 first; `found` once one of the texts was there. */
  advance(from: number, bytes: Uint8Array): number {
    let state = from;
    let at = 0;
    for (;;) {
      if (state === 0) at = this.#skip(bytes, at);
      if (at >= bytes.length) return state;
      const automaton = this.#automaton;
      do {
        state = automaton.after(state, bytes[at] as number);
        at++;
      } while (state > 0 && at < bytes.length);
      if (state === found) return found;
    }
  }

  /** Whether one of the texts is there, as nothing follows. */
  isFoundAtEnd(state: number): boolean {
    return state === found || (state > 0 && this.#automaton.isWholeAtEnd(state));
  }

  get #automaton(): TextAutomaton {
    return (this.#made ??= new TextAutomaton(this.#texts));
  }

  #add(bytes: Uint8Array): void {
    const shifts = this.#shifts;
    const last = this.#window - 2;
    for (let at = 0; at <= last; at++) {
      const pair = pairAt(bytes, at);
      if ((shifts[pair] as number) > last - at) shifts[pair] = last - at;
    }
    shifts[pairs + (bytes[0] as number)] = 1;
  }

  /** From where on a text may begin, or the end of the bytes. */
  #skip(bytes: Uint8Array, from: number): number {
    const window = this.#window;
    const last = bytes.length - window;
    let at = this.#longestOfFew === undefined ? from : this.#skipFew(bytes, from, this.#longestOfFew);
    if (window >= 2) {
      const shifts = this.#shifts;
      while (at <= last) {
        const shift = shifts[pairAt(bytes, at + window - 2)] as number;
        if (shift === 0 && this.#mayBegin(bytes, at)) return at;
        at += shift || 1;
      }
    }
    while (at < bytes.length && !this.#mayBegin(bytes, at)) at++;
    return at;
  }

  /** To the first text, or the last bytes with which one may begin. */
  #skipFew({ buffer, byteOffset, length }: Uint8Array, from: number, longest: number): number {
    let first = length - longest + 1;
    if (from >= first) return from;
    const bytes = Buffer.from(buffer, byteOffset, length);
    for (const text of this.#texts) {
      const at = bytes.indexOf(text.bytes, from);
      if (at >= 0 && at < first) first = at;
    }
    return first;
  }

  #mayBegin(bytes: Uint8Array, at: number): boolean {
    if (this.#shifts[pairs + (bytes[at] as number)] === 0) return false;
    return this.#window < 2 || at + 1 >= bytes.length || (this.#shifts[pairAt(bytes, at)] as number) < this.#window - 1;
  }
}

function pairAt(bytes: Uint8Array, at: number): number {
  return (((bytes[at] as number) << 4) ^ (bytes[at + 1] as number)) & (pairs - 1);
}
