import type { Place } from '../backing.ts';

/**
 * What is in the tables, and under which keys:
 *
 * | table | key | value |
 * |---|---|---|
 * | records | place, 24 bytes | an entry |
 * | content | id, 16 bytes | content of one piece |
 * | turns | 1 byte where its content is, turn, 6 bytes | place: who was stored first is dropped first |
 * | files | id | place: content that is a file by that name |
 * | orders | number, 8 bytes | an order, as JSON |
 * | facts | a name | whose shelf it is, sums, what is in use |
 */
export interface Entry {
  readonly where: Where;
  /** Of the content; never used twice, so that nothing else is ever found under it. */
  readonly id: Buffer;
  /** Bytes of the content. */
  readonly length: number;
  readonly turn: number;
  /** Wall time in ms after which nobody misses it. */
  readonly keepUntil: number;
  readonly head: Buffer;
}

/** The content is in the database, or a file. */
export type Where = 'inside' | 'file';

export const idBytes = 16;

/** Bytes of a key in the table of records. */
export const placeBytes = 24;

const rowBytes = 16;
const version = 1;
/** The most that six bytes hold: ms until the year 10889. */
const lastTime = 2 ** 48 - 1;
const headStart = 36;

export function encodeEntry({ where, id, length, turn, keepUntil, head }: Entry): Buffer {
  const bytes = Buffer.allocUnsafe(headStart + head.length);
  bytes[0] = version;
  bytes[1] = whereCode(where);
  id.copy(bytes, 2);
  bytes.writeUIntBE(length, 18, 6);
  bytes.writeUIntBE(turn, 24, 6);
  bytes.writeUIntBE(Math.min(keepUntil, lastTime), 30, 6);
  head.copy(bytes, headStart);
  return bytes;
}

/** Undefined for bytes that are none: what is read of a disk may be anything. */
export function decodeEntry(bytes: Buffer): Entry | undefined {
  if (bytes.length < headStart || bytes[0] !== version) return undefined;
  return {
    where: bytes[1] === whereCode('file') ? 'file' : 'inside',
    id: bytes.subarray(2, 2 + idBytes),
    length: bytes.readUIntBE(18, 6),
    turn: bytes.readUIntBE(24, 6),
    keepUntil: bytes.readUIntBE(30, 6),
    head: bytes.subarray(headStart),
  };
}

export function placeKey({ row, variant }: Place): Buffer {
  return Buffer.from(row + variant, 'hex');
}

export function placeOf(key: Buffer): Place {
  return { row: key.toString('hex', 0, rowBytes), variant: key.toString('hex', rowBytes, placeBytes) };
}

/** The first key of a row, and the first one behind it. */
export function rowKeys(row: string): { readonly from: Buffer; readonly to: Buffer } {
  const from = Buffer.from(row, 'hex');
  return { from, to: Buffer.concat([from, Buffer.alloc(placeBytes - rowBytes + 1, 0xff)]) };
}

/** The first of the keys that begin with a text, and the first one behind them. */
export function keysBeginning(text: string): { readonly from: Buffer; readonly to: Buffer } {
  const [from, to] = [Buffer.from(text), Buffer.from(text)];
  to[to.length - 1] = (to.at(-1) ?? 0) + 1;
  return { from, to };
}

export function turnKey(where: Where, turn: number): Buffer {
  const key = Buffer.allocUnsafe(7);
  key[0] = whereCode(where);
  key.writeUIntBE(turn, 1, 6);
  return key;
}

/** The turn that a key of the table of turns names. */
export function turnOf(key: Buffer): number {
  return key.readUIntBE(1, 6);
}

/** The most that a turn can be. */
export const lastTurn = 2 ** 48 - 1;

function whereCode(where: Where): number {
  return where === 'file' ? 2 : 1;
}
