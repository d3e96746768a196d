import { crc32 } from 'node:zlib';
import type { EpochMs } from '../http/message.ts';
import type { StoredResponse } from '../policy/stored.ts';
import { pieceBytes } from './backing.ts';
import { decodeRecord, encodeRecord } from './codec.ts';

/**
 * The head of a response as it lies where bytes may change, and others may have written them: a record (`codec.ts`) in an envelope that sums it up, and its content with it. Version 1,
 * little-endian:
 *
 *     0   u8    magic
 *     1   u8    version
 *     2   u16   0
 *     4   u32   crc32 of everything but these four bytes
 *     8   f64   when it was put there, in milliseconds of wall time
 *     16  f64   bytes of content
 *     24  u32*  crc32 of each piece of the content
 *     ..        the record
 *
 * The first eight bytes are to be the same in every version. In the record `responseTime` is wall time, and `generation` the number of the last order that was known when it was put there.
 */
const magic = 0xe8;
const version = 1;
const headBytes = 24;
const sumBytes = 4;

/** What is said of a response where it lies. */
export interface Sealed {
  readonly stored: StoredResponse;
  /** Wall time. */
  readonly putAt: EpochMs;
  readonly contentLength: number;
  /** Of each piece of the content, its sum (`sumOf`). */
  readonly sums: readonly number[];
}

/** `damaged`: it is not what was written. `unknown`: what was written is of another version. */
export type Unsealing = { readonly kind: 'sealed'; readonly sealed: Sealed } | { readonly kind: 'damaged' | 'unknown' };

const damaged: Unsealing = { kind: 'damaged' };
const unknown: Unsealing = { kind: 'unknown' };

/** The sum of a piece of content. */
export function sumOf(piece: Uint8Array): number {
  return crc32(piece);
}

/** How many pieces content of that length has. */
export function piecesOf(contentLength: number): number {
  return Math.ceil(contentLength / pieceBytes);
}

/** Bytes of the piece with that index. */
export function bytesOfPiece(index: number, contentLength: number): number {
  return Math.min(pieceBytes, contentLength - index * pieceBytes);
}

/** Undefined where the head can't be written (`encodeRecord`). There has to be a sum for each piece. */
export function seal({ stored, putAt, contentLength, sums }: Sealed): Buffer | undefined {
  const record = encodeRecord(stored);
  if (record === undefined) return undefined;
  const start = headBytes + sums.length * sumBytes;
  const bytes = Buffer.alloc(start + record.length);
  bytes[0] = magic;
  bytes[1] = version;
  bytes.writeDoubleLE(putAt, 8);
  bytes.writeDoubleLE(contentLength, 16);
  for (const [index, sum] of sums.entries()) bytes.writeUInt32LE(sum, headBytes + index * sumBytes);
  bytes.set(record, start);
  bytes.writeUInt32LE(sumOfAll(bytes), 4);
  return bytes;
}

/** Reads what `seal` has written; nothing of the record is read before its sum was found right. */
export function unseal(bytes: Buffer): Unsealing {
  if (bytes.length < headBytes || bytes[0] !== magic || bytes.readUInt32LE(4) !== sumOfAll(bytes)) return damaged;
  if (bytes[1] !== version || bytes.readUInt16LE(2) !== 0) return unknown;
  const contentLength = bytes.readDoubleLE(16);
  if (!Number.isSafeInteger(contentLength) || contentLength < 0) return damaged;
  const pieces = piecesOf(contentLength);
  const start = headBytes + pieces * sumBytes;
  if (start > bytes.length) return damaged;
  const decoded = decodeRecord(bytes, start, bytes.length);
  // A record of a version that is not known here was written by a newer Etagere, as its sum is right.
  if (decoded === undefined || start + decoded.length !== bytes.length) return unknown;
  const sums = Array.from({ length: pieces }, (_, index) => bytes.readUInt32LE(headBytes + index * sumBytes));
  return { kind: 'sealed', sealed: { stored: decoded.stored, putAt: bytes.readDoubleLE(8), contentLength, sums } };
}

function sumOfAll(bytes: Buffer): number {
  return crc32(bytes.subarray(8), crc32(bytes.subarray(0, 4)));
}
