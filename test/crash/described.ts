import { pieceBytes } from '../../src/store/backing.ts';

/** Content that says itself what it is: any other in its place, and any part of it missing, is seen. */
export interface Described {
  readonly row: number;
  /** Counts up each time that the row is put. */
  readonly version: number;
  readonly length: number;
}

/** Of a kibibyte. */
const doublings = 16;
const pattern = Buffer.alloc(pieceBytes, 'what lies between one number and the next, all the way; ');

export function headOf(described: Described): Buffer {
  return Buffer.from(JSON.stringify(described));
}

/** @throws SyntaxError for a head that is none. */
export function describedBy(head: Buffer): Described {
  return JSON.parse(head.toString()) as Described;
}

/** A piece of it: its numbers, then a pattern. */
export function pieceOf({ row, version, length }: Described, index: number): Buffer {
  const piece = Buffer.from(pattern.subarray(0, Math.min(pieceBytes, length - index * pieceBytes)));
  const numbers = Buffer.alloc(16);
  for (const [i, number] of [row, version, index, length].entries()) numbers.writeUInt32BE(number, i * 4);
  numbers.copy(piece);
  return piece;
}

/** From 1 KiB to 64 MiB, as likely to be in any doubling as in any other. */
export function anyLength(): number {
  return Math.floor(1024 * 2 ** (Math.random() * doublings));
}
