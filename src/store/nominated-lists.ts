import { variantOf } from './places.ts';
import type { Nominating } from './store.ts';

/** So many are remembered. */
const mostLists = 8;

/** A longer list of names is not remembered. */
const longestList = 256;

/** The lists of nominated fields of responses that were met lately. By each of them a request names a variant that may lie in a row (RFC 9111 §4.1), before anything of that row is known. */
export class NominatedLists {
  /** By their text; the one that was met last is the last. */
  readonly #lists = new Map<string, readonly string[]>();

  /** A response was met that nominates these fields. */
  met(nominatedFields: readonly string[]): void {
    const text = nominatedFields.join();
    if (text.length > longestList) return;
    this.#lists.delete(text);
    this.#lists.set(text, nominatedFields);
    for (const oldest of this.#lists.keys()) {
      if (this.#lists.size <= mostLists) break;
      this.#lists.delete(oldest);
    }
  }

  /** The variants of places (`Place.variant`) that a request may select. */
  variantsFor(presented: Nominating): readonly string[] {
    return Array.from(this.#lists.values(), (nominatedFields) =>
      variantOf({ nominatedFields, variant: presented.variant(nominatedFields) }),
    );
  }
}
