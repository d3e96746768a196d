import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Pieces, pieceBytes } from '../../src/store/backing.ts';
import { PiecedContent } from '../../src/store/pieced-content.ts';
import { sumOf } from '../../src/store/sealed-record.ts';

const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const bytes = Buffer.concat([...letters.map((letter) => Buffer.alloc(pieceBytes, letter)), Buffer.from('end')]);
const pieceAt = (index: number): Buffer => bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes);
const sums = Array.from({ length: letters.length + 1 }, (_, index) => sumOf(pieceAt(index)));

interface Made {
  readonly content: PiecedContent;
  /** Indices in the order in which they were read. */
  readonly read: number[];
  readonly damages: () => number;
}

function made(read: (index: number) => ReturnType<Pieces['read']> = pieceAt): Made {
  const indices: number[] = [];
  let damages = 0;
  const pieces: Pieces = {
    length: bytes.length,
    isAtHand: false,
    read: (index) => {
      indices.push(index);
      return read(index);
    },
  };
  const content = new PiecedContent({ pieces, sums, onDamage: () => damages++ });
  return { content, read: indices, damages: () => damages };
}

describe('content in pieces', () => {
  it('is complete, and gives what was brought, from any place in it', async () => {
    const { content } = made(async (index) => pieceAt(index));
    expect(content).toMatchObject({ complete: true, length: bytes.length, bytesHeld: 0 });
    for (const offset of [0, 1, pieceBytes - 1, pieceBytes, bytes.length - 1]) {
      await content.load(offset);
      const end = Math.min(bytes.length, (Math.floor(offset / pieceBytes) + 1) * pieceBytes);
      expect(content.at(offset)).toEqual(bytes.subarray(offset, end));
    }
    expect(content.bytesHeld).toBe(2 * pieceBytes + 3);
  });

  it('has nothing that was not brought, and nothing past its end', async () => {
    const { content, read } = made();
    expect(content.at(0)).toBeUndefined();
    expect(await content.load(bytes.length)).toBe(false);
    expect(read).toEqual([]);
    await content.load(bytes.length - 1);
    expect(content.at(bytes.length)).toBeUndefined();
    expect(content.at(0)).toBeUndefined();
  });

  it('brings a piece once for all who want it, and again when it was let go', async () => {
    const { content, read } = made();
    expect(await Promise.all([content.load(0), content.load(1), content.load(pieceBytes - 1)])).toEqual([
      true,
      true,
      true,
    ]);
    await content.load(5);
    expect(read).toEqual([0]);
    for (let index = 1; index < 6; index++) await content.load(index * pieceBytes);
    await turn();
    await content.load(0);
    expect(read).toEqual([0, 1, 2, 3, 4, 5, 0]);
  });

  it('keeps one piece, as is counted for whoever reads it, but all that were brought until whoever waited has had a turn', async () => {
    const { content } = made();
    const offsets = letters.map((_, index) => index * pieceBytes);
    const found = offsets.map(async (offset) => (await content.load(offset)) && content.at(offset)?.[0]);
    expect(await Promise.all(found)).toEqual(letters.map((letter) => letter.charCodeAt(0)));
    await turn();
    expect(content.bytesHeld).toBe(pieceBytes);
  });

  it.each<[string, (index: number) => ReturnType<Pieces['read']>]>([
    ['gone', () => undefined],
    ['out of reach', () => Promise.reject(new Error('EIO'))],
    ['out of reach at once', () => raise('EIO')],
  ])('says so of a piece that is %s, which is no damage', async (_what, read) => {
    const { content, damages } = made(read);
    expect(await content.load(0)).toBe(false);
    expect(content.at(0)).toBeUndefined();
    expect(damages()).toBe(0);
  });

  it.each<[string, Uint8Array]>([
    ['another', Buffer.alloc(pieceBytes, 'x')],
    ['cut off', pieceAt(0).subarray(1)],
    ['too long', Buffer.concat([pieceAt(0), Buffer.from('x')])],
  ])('gives no byte of a piece that is %s, and tells', async (_what, piece) => {
    const { content, damages } = made(() => piece);
    expect(await content.load(0)).toBe(false);
    expect(content.at(0)).toBeUndefined();
    expect(damages()).toBe(1);
  });

  it('tries again what could not be brought', async () => {
    let isUp = false;
    const { content } = made((index) => (isUp ? pieceAt(index) : undefined));
    expect(await content.load(0)).toBe(false);
    isUp = true;
    expect(await content.load(0)).toBe(true);
    expect(content.at(0)?.[0]).toBe('a'.charCodeAt(0));
  });
});

function raise(message: string): never {
  throw new Error(message);
}
