import { expect } from 'vitest';
import { type Lying, type Pieces, pieceBytes } from '../../src/store/backing.ts';

/** The content of a record; undefined where a piece of it is gone. */
export async function contentOf(pieces: Pieces): Promise<string | undefined> {
  const read: Uint8Array[] = [];
  for (let index = 0; index * pieceBytes < pieces.length; index++) {
    const piece = await pieces.read(index);
    if (piece === undefined) return undefined;
    read.push(piece);
  }
  const bytes = Buffer.concat(read);
  expect(bytes.length).toBe(pieces.length);
  return bytes.toString();
}

/** Heads and contents, in an order that is always the same. */
export async function toldOf(lying: readonly Lying[]): Promise<string[]> {
  const told = lying.map(async ({ head, pieces }) => `${head.toString()}: ${await contentOf(pieces)}`);
  return (await Promise.all(told)).toSorted();
}
