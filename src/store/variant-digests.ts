import type { StoredResponse } from '../policy/stored.ts';
import type { Handle } from './cells.ts';
import { flat } from '../http/flat-text.ts';
import type { Nominating } from './store.ts';

/** What tells the variants of a URI apart. */
export type Variant = Pick<StoredResponse, 'nominatedFields' | 'variant'>;

/** Of a digest's 32 bits: those for the values. What is left tells the list of names. */
const valueBits = 24;
const valueMask = 2 ** valueBits - 1;

/** The list that is not among those told apart. */
const anyList = 0;
const maxLists = 2 ** (32 - valueBits);

/** A longer list of names is not told apart: so all of them together have a bound. */
const longestList = 256;

/**
 * Four bytes for each stored response that tell most variants of a URI apart, so that a look-up need not read the others. What a digest rules out was stored for other
 * values of the nominated fields, what it does not has still to be compared.
 */
export class VariantDigests {
  readonly #lists: (readonly string[] | undefined)[] = [undefined];
  readonly #numbers = new Map<string, number>();
  #digests = new Uint32Array(64);
  /** The variant that was hashed last: of one request it is asked for each variant of a URI. */
  #lastVariant = '';
  #lastHash = hashOf('');

  /** What a digest takes of memory. */
  static readonly bytes = Uint32Array.BYTES_PER_ELEMENT;

  set(handle: Handle, stored: Variant): void {
    if (handle >= this.#digests.length) {
      const digests = new Uint32Array(Math.max(handle + 1, this.#digests.length * 2));
      digests.set(this.#digests);
      this.#digests = digests;
    }
    this.#digests[handle] = this.#digestOf(stored);
  }

  of(handle: Handle): number {
    return this.#digests[handle] as number;
  }

  /** Whether that may be the same variant. */
  mayBe(handle: Handle, stored: Variant): boolean {
    return this.#digests[handle] === this.#digestOf(stored);
  }

  /** Whether the nominated fields may match those of the request; true wherever only the record tells. */
  maySelect(handle: Handle, presented: Nominating): boolean {
    const digest = this.#digests[handle] as number;
    const names = this.#lists[digest >>> valueBits];
    return names === undefined || this.#hash(presented.variant(names)) === (digest & valueMask);
  }

  #digestOf({ nominatedFields, variant }: Variant): number {
    return this.#numberOf(nominatedFields) * 2 ** valueBits + hashOf(variant);
  }

  #hash(variant: string): number {
    if (variant !== this.#lastVariant) {
      this.#lastVariant = variant;
      this.#lastHash = hashOf(variant);
    }
    return this.#lastHash;
  }

  #numberOf(names: readonly string[]): number {
    const joined = names.join();
    const known = this.#numbers.get(joined);
    if (known !== undefined) return known;
    if (this.#lists.length === maxLists || joined.length > longestList) return anyList;
    const own = flat(joined);
    this.#numbers.set(own, this.#lists.length);
    return this.#lists.push(own === '' ? [] : own.split(',')) - 1;
  }
}

/** FNV-1a, folded. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> valueBits)) & valueMask;
}
