import { type CacheKey, targetKey } from '../key/cache-key.ts';
import type { Handle } from './cells.ts';

/** The variants of one target URI, the last used last; a single one as it is, which needs no object. */
export type Row = Handle | readonly Handle[];

const noHandles: readonly Handle[] = [];

/** What a key weighs in the tables of lru-cache, beside its characters: measured; and four bytes for the hash of its response. */
const overheadOfKey = 154;

/** What each of several responses to a key weighs there: no more than a key does, as it has an entry like that. */
export const weightOfVariant = overheadOfKey;

/** What such a key weighs beside the characters of its target in the table of the queries for it: measured. */
const overheadOfQuery = 70;

export function handlesOf(row: Row | undefined): readonly Handle[] {
  if (row === undefined) return noHandles;
  return typeof row === 'number' ? [row] : row;
}

/** Bytes of a key in the tables, beside its responses. That of a QUERY is found by its target as well. */
export function weightOfKey(key: CacheKey): number {
  const target = targetKey(key);
  const ofQuery = target === key ? 0 : overheadOfQuery + target.length;
  return overheadOfKey + key.length + ofQuery;
}
