import { UsageError } from './usage-error.ts';

/** What a number in the configuration counts; it decides how its text is read. */
export type QuantityKind = 'bytes' | 'ms' | 'count' | 'share';

const bytesPerUnit: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['kb', 2 ** 10],
  ['mb', 2 ** 20],
  ['gb', 2 ** 30],
]);

const msPerUnit: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** Longest duration of a timer: one of Node holds 2^31 - 1 ms, which is a little more. */
export const longestMs = 24 * 86_400_000;

/**
 * Bytes from `65536`, `64kb`, `256mb` or `1gb` (powers of 1024, upper case allowed).
 * @throws UsageError
 */
export function parseSize(text: string): number {
  const bytes = scaled(text, bytesPerUnit);
  if (bytes !== undefined && Number.isSafeInteger(bytes)) return bytes;
  throw new UsageError(`"${text}" is not a size`, 'write a number with a unit, like 64kb, 256mb or 1gb');
}

/**
 * Milliseconds from `500ms`, `30s`, `5m`, `1h`, `2d`, or `0`. A bare number is refused: some would mean seconds by it, some
 * milliseconds.
 * @throws UsageError
 */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  const ms = scaled(text, msPerUnit);
  if (ms !== undefined && Number.isSafeInteger(ms)) return ms;
  const advice = /^\d+$/.test(text)
    ? `add its unit, like ${text}s for seconds or ${text}ms for milliseconds`
    : 'write a number with a unit, like 500ms, 30s, 5m, 1h or 2d';
  throw new UsageError(`"${text}" is not a duration`, advice);
}

/**
 * A whole number, 0 or more.
 * @throws UsageError
 */
export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count)) return count;
  throw new UsageError(`"${text}" is not a whole number`, 'write digits only, like 64');
}

/**
 * A fraction of 1 from `0.25` or `25%`: more than 0, at most 1.
 * @throws UsageError
 */
export function parseShare(text: string): number {
  const match = /^(\d{1,3}(?:\.\d{1,9})?|\.\d{1,9})(%?)$/.exec(text);
  const share = match === null ? 0 : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (share > 0 && share <= 1) return share;
  throw new UsageError(`"${text}" is not a share`, 'write a fraction like 0.25, or a percentage like 25%');
}

/** The reader for each kind of quantity. */
export const quantityParsers: Readonly<Record<QuantityKind, (text: string) => number>> = {
  bytes: parseSize,
  ms: parseDuration,
  count: parseCount,
  share: parseShare,
};

/** How a quantity is written: the text that its parser reads as that number, in the largest unit that leaves it whole. */
export function formatQuantity(kind: QuantityKind, value: number): string {
  if (kind === 'bytes') return inLargestUnit(value, bytesPerUnit);
  if (kind === 'ms') return inLargestUnit(value, msPerUnit);
  return String(value);
}

function scaled(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,9})?) ?([a-z]{0,2})$/i.exec(text);
  const scale = units.get(match?.[2]?.toLowerCase() ?? '?');
  return match === null || scale === undefined ? undefined : Math.round(Number(match[1]) * scale);
}

function inLargestUnit(value: number, units: ReadonlyMap<string, number>): string {
  const fitting = [...units].filter(([unit, scale]) => unit !== '' && value >= scale && value % scale === 0).at(-1);
  return fitting === undefined ? `${value}` : `${value / fitting[1]}${fitting[0]}`;
}
