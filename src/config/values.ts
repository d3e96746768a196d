import { type PresetName } from '../policy/config.ts';
import type { Duration, OneOrMore, Size } from './options.ts';
import type { Place } from './problems.ts';
import { formatQuantity, longestMs, parseCount, parseDuration, parseSize } from './quantities.ts';
import type { LogMode } from './settings.ts';
import { UsageError } from './usage-error.ts';

export const presetNames: readonly PresetName[] = ['safe', 'rfc'];
export const logModes: readonly LogMode[] = ['auto', 'json', 'combined', 'pretty', 'off'];

/**
 * Whole seconds from a number of them or from a duration.
 * @throws UsageError
 */
export function seconds(value: Duration): number {
  const count = typeof value === 'number' ? value : parseDuration(value) / 1_000;
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw new UsageError(`"${value}" is not a whole number of seconds`, 'write something like 30s, 5m or 1h');
}

/**
 * Whole milliseconds for a timer, from a number of seconds or from a duration.
 * @throws UsageError
 */
export function milliseconds(value: Duration, least = 1): number {
  const ms = typeof value === 'number' ? value * 1_000 : parseDuration(value);
  if (Number.isInteger(ms) && ms >= least && ms <= longestMs) return ms;
  const range = `take ${formatQuantity('ms', least)} to ${formatQuantity('ms', longestMs)}`;
  throw new UsageError(`"${value}" is ${ms > longestMs ? 'too long' : 'too short'}`, range);
}

/**
 * Bytes from a number of them or from a size.
 * @param purpose stands in the complaint about less than `least`: ` for a shelf`
 * @throws UsageError
 */
export function bytes(value: Size, least: number, purpose = ''): number {
  const count = typeof value === 'number' ? value : parseSize(value);
  if (Number.isSafeInteger(count) && count >= least) return count;
  const enough = `give it ${formatQuantity('bytes', least)} or more`;
  // Who writes 256 means neither that many bytes nor anything else that can be known.
  const advice = /^\d+$/.test(String(value)) ? `${enough}: a number alone is bytes` : enough;
  throw new UsageError(`"${value}" is too small${purpose}`, advice);
}

/**
 * Bytes of a shelf: a smaller one can hold nothing of use.
 * @throws UsageError
 */
export function memoryBytes(value: Size): number {
  return bytes(value, 64 * 2 ** 10, ' for a shelf');
}

/**
 * Bytes of a shelf on a disk: a smaller one has hardly room for its index.
 * @throws UsageError
 */
export function diskBytes(value: Size): number {
  return bytes(value, 16 * 2 ** 20, ' for a shelf on a disk');
}

/**
 * A whole number from digits or itself.
 * @throws UsageError
 */
export function wholeNumber(value: string | number, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const number = parseCount(String(value));
  if (number >= least && number <= most) return number;
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
  throw new UsageError(`${number} is too ${number < least ? 'small' : 'large'}`, `take ${range}`);
}

/**
 * The one of `choices` that the text is.
 * @throws UsageError
 */
export function oneOf<T extends string>(choices: readonly T[], text: string): T {
  const choice = choices.find((candidate) => candidate === text);
  if (choice !== undefined) return choice;
  throw new UsageError(`"${text}" is not one of the choices`, `write ${alternatives(choices)}`);
}

/** `a, b or c` */
export function alternatives(words: readonly string[], last = 'or'): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}

/** More are of no use to anybody. */
const maxWorkers = 256;

/**
 * Processes that answer clients.
 * @throws UsageError
 */
export function workerCount(value: string | number): number | 'auto' {
  return value === 'auto' ? value : wholeNumber(value, 1, maxWorkers);
}

/** Reads each member of a list, or the one that stands for a list of itself; those that can't be read are noted and left out. */
export function readEach<T, R>(
  place: Place,
  value: OneOrMore<T> | undefined,
  read: (member: T, place: Place) => R,
): R[] {
  if (value === undefined) return [];
  const members: readonly T[] = isList(value) ? value : [value];
  return members.flatMap((member, i) => {
    const own = isList(value) ? place.at(i) : place;
    return own.read<R[]>([], () => [read(member, own)]);
  });
}

function isList<T>(value: OneOrMore<T>): value is readonly T[] {
  return Array.isArray(value);
}
