import { createHash } from 'node:crypto';
import { type CacheKey, targetKey } from '../key/cache-key.ts';
import type { Place } from './backing.ts';
import type { Placed } from './lower.ts';

const rowDigits = 32;
const variantDigits = 16;
const anyId = new RegExp(`^[0-9a-f]{${rowDigits + variantDigits}}$`);

/** The row of the responses under a key: 128 bits of SHA-256, so that nobody who chooses URLs finds two for one row. */
export function rowOf(key: CacheKey): string {
  return digest(key, rowDigits);
}

/** Where a response lies among those that there may be. */
export function placeOf(placed: Placed): Place {
  return { row: rowOf(placed.key), variant: variantOf(placed) };
}

/** The variant of such a place. No name of a field has a line feed in it. */
export function variantOf({ nominatedFields, variant }: Omit<Placed, 'key'>): string {
  return digest(`${nominatedFields.join()}\n${variant}`, variantDigits);
}

/** By what a page names what lies in a place: the same in every process. */
export function idOfPlace({ row, variant }: Place): string {
  return row + variant;
}

/** The place that an id names; undefined of what is no id. */
export function placeOfId(id: string): Place | undefined {
  return anyId.test(id) ? { row: id.slice(0, rowDigits), variant: id.slice(rowDigits) } : undefined;
}

/** Whether it lies under another key than that of its target, or may be chosen for other targets: an order about these does not know where it is. */
export function isKin({ key, search }: { readonly key: CacheKey; readonly search: unknown }): boolean {
  return search !== undefined || key !== targetKey(key);
}

/** The texts of keys and fields are octets. */
function digest(text: string, digits: number): string {
  return createHash('sha256').update(text, 'latin1').digest('hex').slice(0, digits);
}
