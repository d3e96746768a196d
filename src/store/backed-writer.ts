import type { StoredResponse } from '../policy/stored.ts';
import { type Draft, pieceBytes } from './backing.ts';
import { GrowingContent } from './content.ts';
import { sumOf } from './sealed-record.ts';
import type { StoreRefusal, StoreWriter } from './store.ts';

/** A draft whose content is written, all but for its head. */
export interface Drafted {
  readonly draft: Draft;
  readonly stored: StoredResponse;
  readonly contentLength: number;
  /** Of each piece of the content, its sum. */
  readonly sums: readonly number[];
}

export interface BackedWriterParts {
  readonly draft: Draft;
  readonly expectedLength: number | undefined;
  /** Where somebody else keeps what is written: it has each chunk when that is written here. */
  readonly content: GrowingContent | undefined;
  /** Most bytes of content. */
  readonly maxBytes: number;
  /** Puts it in its place; false where it could not be kept. Never rejects. */
  readonly put: (drafted: Drafted) => Promise<boolean>;
}

/** One response on its way onto a backing, in pieces of the content that is in memory anyway. */
export class BackedWriter implements StoreWriter {
  readonly content: GrowingContent;
  readonly keepsWhole = true;
  readonly #parts: BackedWriterParts;
  readonly #isKeeper: boolean;
  readonly #sums: number[] = [];
  /** Bytes of content that are in the draft. */
  #drafted = 0;
  #isOpen = true;
  #refusal: StoreRefusal | undefined;

  constructor(parts: BackedWriterParts) {
    this.#parts = parts;
    this.#isKeeper = parts.content === undefined;
    this.content = parts.content ?? new GrowingContent(parts.expectedLength);
  }

  get refusal(): StoreRefusal | undefined {
    return this.#refusal;
  }

  write(chunk: Uint8Array): boolean {
    if (this.#isKeeper) this.content.append(chunk);
    if (!this.#isOpen) return false;
    if (this.content.length > this.#parts.maxBytes) return this.#refuse('too-large');
    return this.#draftWhole() || this.#refuse('store-refused');
  }

  /** All that makes whole pieces; and the last one with the last byte that was announced, as it may be let go of with its block. */
  #draftWhole(): boolean {
    const { length } = this.content;
    while (length - this.#drafted >= pieceBytes) if (!this.#draftPiece(pieceBytes)) return false;
    const rest = length - this.#drafted;
    return rest === 0 || length !== this.#parts.expectedLength || this.#draftPiece(rest);
  }

  get behind(): Promise<void> | undefined {
    return this.#isOpen ? this.#parts.draft.behind : undefined;
  }

  leaveBehind(): boolean {
    return this.#refuse('store-refused');
  }

  async commit(stored: StoredResponse): Promise<boolean> {
    this.content.seal();
    if (!this.#isOpen) return false;
    const rest = this.content.length - this.#drafted;
    if (rest > 0 && !this.#draftPiece(rest)) return this.#refuse('store-refused');
    this.#isOpen = false;
    const { draft, put } = this.#parts;
    return put({ draft, stored, contentLength: this.#drafted, sums: this.#sums });
  }

  abort(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#parts.draft.abort();
  }

  #refuse(refusal: StoreRefusal): false {
    this.#refusal ??= refusal;
    this.abort();
    return false;
  }

  #draftPiece(bytes: number): boolean {
    // After the last piece there is none: more has come than was announced.
    if (this.#drafted % pieceBytes !== 0) return false;
    const piece = this.#next(bytes);
    if (piece === undefined || !this.#parts.draft.write(piece)) return false;
    this.#sums.push(sumOf(piece));
    this.#drafted += bytes;
    return true;
  }

  /** The next bytes of the content: as they lie there if they lie together, and copied where not. Undefined where they were let go. */
  #next(bytes: number): Uint8Array | undefined {
    const first = this.content.at(this.#drafted);
    if (first === undefined || first.length >= bytes) return first?.subarray(0, bytes);
    const piece = Buffer.allocUnsafeSlow(bytes);
    for (let taken = 0; taken < bytes; ) {
      const run = this.content.at(this.#drafted + taken)?.subarray(0, bytes - taken);
      if (run === undefined) return undefined;
      piece.set(run, taken);
      taken += run.length;
    }
    return piece;
  }
}
