import type { CacheKey } from '../key/cache-key.ts';
import type { Order } from './orders.ts';
import type { StoreSelection } from './selection.ts';

/** Most characters of an order that is read: more than any that is given. */
const longestText = 2 ** 22;

/** An order as a text for other processes; `orderOfText` reads it. */
export function textOfOrder(order: Order): string {
  return JSON.stringify(order);
}

/** An order about everything: what one is taken for that can't be told any more. */
export const aboutEverything: Order = { kind: 'purge', selection: { kind: 'all' } };

/** The order of such a text. One that is none, or of a kind that is not known here, may have been about anything: that is `aboutEverything`. */
export function orderOfText(text: string): Order {
  if (text.length > longestText) return aboutEverything;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return aboutEverything;
  }
  return (isRecord(value) ? orderOf(value) : undefined) ?? aboutEverything;
}

type Parsed = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Parsed {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function orderOf(value: Parsed): Order | undefined {
  const { kind, key, group, expiredAt } = value;
  if (kind === 'invalidate') return isKey(key) ? { kind, key } : undefined;
  if (kind === 'invalidate-group') return isKey(group) ? { kind, group } : undefined;
  if (kind !== 'purge') return undefined;
  const selection = isRecord(value['selection']) ? selectionOf(value['selection']) : undefined;
  if (selection === undefined) return undefined;
  if (expiredAt === undefined) return { kind, selection };
  // Minus nothing would be written as nothing.
  return typeof expiredAt === 'number' && Number.isFinite(expiredAt)
    ? { kind, selection, expiredAt: expiredAt + 0 }
    : undefined;
}

function selectionOf({ kind, keys, prefixes, tag, id, key }: Parsed): StoreSelection | undefined {
  switch (kind) {
    case 'targets':
      return isListOf(keys, isKey) ? { kind, keys } : undefined;
    case 'beginning':
      return isListOf(prefixes, isText) ? { kind, prefixes } : undefined;
    case 'tag':
      return isText(tag) ? { kind, tag } : undefined;
    case 'one':
      if (!isText(id)) return undefined;
      if (key === undefined) return { kind, id };
      return isKey(key) ? { kind, id, key } : undefined;
    case 'all':
      return { kind };
    default:
      return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isKey(value: unknown): value is CacheKey {
  return typeof value === 'string';
}

function isListOf<T>(value: unknown, isOne: (one: unknown) => one is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isOne);
}
