import { type Lying, type Place, pieceBytes, type Pieces } from '../backing.ts';
import type { RedisKeys } from './keys.ts';
import type { RedisLimits } from './limits.ts';
import { headOfLog } from './log-scripts.ts';
import { descriptionBytes, descriptionVersion, noPieces, readContent, readRow } from './row-scripts.ts';
import { run, type Servers } from './servers.ts';

/** What the description of a record says. */
export interface Description {
  readonly log: string;
  readonly expiresAt: number;
  readonly length: number;
  /** The name of the content in the keys of its pieces; undefined where it is in the row. */
  readonly content: string | undefined;
  readonly putAt: number;
  /** As it stands there: what tells its content from any other that may lie there later. */
  readonly contentText: string;
}

/** What the log of orders says of itself. */
export interface LogState {
  /** Number of the last order; 0 where there was none. */
  readonly head: number;
  /** The name of the log: another one, where it was lost and begun anew. Undefined where there is none. */
  readonly log: string | undefined;
}

/** What was read of a row: each record as the log in force lets it be read. */
export interface ReadRow extends LogState {
  readonly lying: readonly Lying[];
}

export interface RowParts {
  readonly servers: Servers;
  readonly keys: RedisKeys;
  readonly limits: RedisLimits;
}

/** Which of the records of a row are read, and how. */
export interface Reading {
  readonly row: string;
  /** `only` these, with their content, or all of them with that of `some`, or of a single one; or no content. Any other is fetched when it is used. */
  readonly which: 'only' | 'some' | 'heads';
  readonly variants?: readonly string[];
  /** Within how many milliseconds. */
  readonly ms: number;
}

/** Reads records of a row. Rejects where it can't be told in time. */
export async function readRecords(parts: RowParts, reading: Reading): Promise<ReadRow> {
  const { servers, keys, limits } = parts;
  const { row, which, variants = [], ms } = reading;
  const time = { ms };
  const numbers = [limits.maxHeadBytes, limits.maxRowBytes, limits.maxRecords, pieceBytes].map(String);
  const args = [...numbers, which, ...variants];
  const key = keys.row(row);
  // The log is on another server of a cluster, perhaps. What it says then is from before or after, but not from before the question.
  const [reply, elsewhere] = await Promise.all([
    run(servers, readRow, { keys: servers.isOne ? [key, keys.log] : [key], args }, time),
    servers.isOne ? undefined : run(servers, headOfLog, { keys: [keys.log], args: [] }, time),
  ]);
  const [head, log, now, ...records] = listOf(reply);
  const state = logStateOf(elsewhere === undefined ? [head, log] : listOf(elsewhere));
  const at = numberOf(now) ?? Number.POSITIVE_INFINITY;
  const found: NonNullable<ReturnType<typeof lyingOf>>[] = [];
  for (let index = 0; index + 2 < records.length; index += 3) {
    const record = lyingOf(parts, row, records.slice(index, index + 3));
    if (record === undefined) continue;
    const { description } = record;
    // What was put there before the log was begun anew, may have been purged by an order that is lost.
    if (description.log === state.log && description.expiresAt > at) found.push(record);
  }
  // A hash has no order that stays.
  found.sort((one, other) => one.description.putAt - other.description.putAt);
  return { ...state, lying: found.map((record) => record.lying) };
}

/** What the scripts of the log reply: number of the last order, and name. */
export function logStateOf([head, log]: readonly unknown[]): LogState {
  const name = textOf(log);
  return { head: numberOf(head) ?? 0, log: name === undefined || !/^\d{16}$/.test(name) ? undefined : name };
}

function lyingOf(parts: RowParts, row: string, [variantBytes, value, content]: readonly unknown[]) {
  const variant = textOf(variantBytes) ?? '';
  if (!/^[0-9a-f]{16}$/.test(variant) || !Buffer.isBuffer(value)) return undefined;
  const description = descriptionOf(value);
  if (description === undefined) return undefined;
  const place = { row, variant };
  const pieces = piecesOf(parts, place, description, content);
  return { description, lying: { place, head: value.subarray(descriptionBytes), pieces } };
}

/** Undefined where it is none of a version that is known here. */
export function descriptionOf(value: Buffer): Description | undefined {
  const text = value.toString('latin1', 0, descriptionBytes);
  const [, version, log = '', expiresAt, length, content = '', putAt = ''] =
    /^(.)(\d{16})(\d{16})(\d{16})(.{16})(\d{16})$/.exec(text) ?? [];
  if (version !== descriptionVersion) return undefined;
  return {
    log,
    expiresAt: Number(expiresAt),
    length: Number(length),
    content: content === noPieces ? undefined : content,
    putAt: Number(putAt),
    contentText: content + putAt,
  };
}

function piecesOf(parts: RowParts, place: Place, description: Description, inline: unknown): Pieces {
  const { length, content: name, contentText } = description;
  const { servers, keys, limits } = parts;
  const time = { ms: limits.workMs, evenIfSlow: true };
  const row = keys.row(place.row);
  if (name === undefined) {
    const isAtHand = length > 0 && Buffer.isBuffer(inline);
    if (isAtHand) return { length, isAtHand, read: (index) => (index === 0 ? inline : undefined) };
    const args = [place.variant, String(pieceBytes), contentText];
    const read = (): Promise<unknown> => run(servers, readContent, { keys: [row], args }, time);
    return { length, isAtHand, read: (index) => (index === 0 ? bytesOf(read()) : undefined) };
  }
  const count = Math.ceil(length / pieceBytes);
  // However long what is there may be, no more than a piece is fetched.
  const read = (index: number): Promise<unknown> =>
    servers.call(row, ['GETRANGE', keys.piece(place, name, index), '0', String(pieceBytes - 1)], time);
  return { length, isAtHand: false, read: (index) => (index < count ? bytesOf(read(index)) : undefined) };
}

async function bytesOf(reply: Promise<unknown>): Promise<Uint8Array | undefined> {
  const bytes = await reply.catch(() => undefined);
  return Buffer.isBuffer(bytes) && bytes.length > 0 ? bytes : undefined;
}

/** A reply that should be a list. */
export function listOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}

/** A reply that should be a text. */
export function textOf(reply: unknown): string | undefined {
  return Buffer.isBuffer(reply) ? reply.toString('utf8') : typeof reply === 'string' ? reply : undefined;
}

/** A reply that should be a number that is counted with. */
export function numberOf(reply: unknown): number | undefined {
  const text = textOf(reply);
  const number = text === undefined || text === '' ? reply : Number(text);
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
