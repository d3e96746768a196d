import { pieceBytes, type Pieces } from './backing.ts';
import type { Content } from './content.ts';
import { bytesOfPiece, sumOf } from './sealed-record.ts';

/** Pieces of one content that are kept when nobody is just about to read them: what a client is sent was counted as one when it began to read. */
const maxKept = 1;

export interface PiecedContentParts {
  readonly pieces: Pieces;
  /** The sum of each piece. */
  readonly sums: readonly number[];
  /** A piece is not what it was when it was put. */
  readonly onDamage: () => void;
}

/** Content that lies elsewhere in pieces: each is held against its sum when it is brought, and those that were brought last are kept. */
export class PiecedContent implements Content {
  readonly complete = true;
  readonly length: number;
  readonly #parts: PiecedContentParts;
  /** The one that was brought last is the last. */
  readonly #kept = new Map<number, Uint8Array>();
  /** Those that are being brought: whoever wants one of them meanwhile waits for the same. */
  readonly #coming = new Map<number, Promise<boolean>>();
  #isTrimming = false;

  constructor(parts: PiecedContentParts) {
    this.#parts = parts;
    this.length = parts.pieces.length;
  }

  get bytesHeld(): number {
    let bytes = 0;
    for (const piece of this.#kept.values()) bytes += piece.length;
    return bytes;
  }

  at(offset: number): Uint8Array | undefined {
    const index = Math.floor(offset / pieceBytes);
    const piece = this.#kept.get(index);
    return piece === undefined || offset >= this.length ? undefined : piece.subarray(offset - index * pieceBytes);
  }

  load(offset: number): Promise<boolean> {
    const index = Math.floor(offset / pieceBytes);
    if (this.#kept.has(index)) return Promise.resolve(true);
    if (offset >= this.length) return Promise.resolve(false);
    const coming = this.#coming.get(index) ?? this.#bring(index).finally(() => this.#coming.delete(index));
    this.#coming.set(index, coming);
    return coming;
  }

  async #bring(index: number): Promise<boolean> {
    const { pieces, sums, onDamage } = this.#parts;
    const piece = await attempt(() => pieces.read(index));
    if (piece === undefined) return false;
    if (piece.length !== bytesOfPiece(index, this.length) || sumOf(piece) !== sums[index]) {
      onDamage();
      return false;
    }
    this.#kept.set(index, piece);
    this.#trimSoon();
    return true;
  }

  /** Whoever waited for a piece has a turn to read it. */
  #trimSoon(): void {
    if (this.#isTrimming || this.#kept.size <= maxKept) return;
    this.#isTrimming = true;
    setImmediate(() => {
      this.#isTrimming = false;
      for (const index of this.#kept.keys()) {
        if (this.#kept.size <= maxKept) break;
        this.#kept.delete(index);
      }
    });
  }
}

/** Trouble where it lies is as if the piece were gone. */
async function attempt<T>(read: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch {
    return undefined;
  }
}
