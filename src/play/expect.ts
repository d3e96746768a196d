import { type Fields, fieldLines, fieldValue, listMembers, trimOws } from '../http/fields.ts';
import { assertNever, type Seconds } from '../http/message.ts';
import type { CacheStatusParameter, Comparison, Expectation, Instants, WrittenValue } from './fixture.ts';
import { bodyBytes, valueText } from './written.ts';

/** What a step wanted, and what there was instead. */
export interface Mismatch {
  readonly expected: string;
  readonly got: string;
}

/** A message as far as one side sees it. */
export interface Seen {
  readonly fields: Fields;
  readonly content: Uint8Array;
}

/** How a message is compared. */
export interface Comparing {
  readonly instants: Instants;
  /** False for a cache that does not write them in Etagere's words: then Cache-Status and Proxy-Status are not compared. */
  readonly statusFields: boolean;
  /** How far an Age may be off. */
  readonly ageSlack: Seconds;
}

/** In which a cache speaks of itself, in words of its own (RFC 9211, RFC 9209). */
const statusFields: ReadonlySet<string> = new Set(['cache-status', 'proxy-status']);

/** The first expectation that a message does not meet. */
export function firstMismatch(expectations: readonly Expectation[], seen: Seen, how: Comparing): Mismatch | undefined {
  for (const expectation of expectations) {
    const mismatch = mismatchOf(expectation, seen, how);
    if (mismatch !== undefined) return mismatch;
  }
  return undefined;
}

function mismatchOf(expectation: Expectation, seen: Seen, how: Comparing): Mismatch | undefined {
  if (expectation.kind === 'body') return contentMismatch(bodyBytes(expectation.body), seen.content);
  if (!how.statusFields && (expectation.kind === 'cache-status' || statusFields.has(expectation.name)))
    return undefined;
  if (expectation.kind === 'cache-status') return cacheStatusMismatch(expectation.parameters, seen.fields);
  const { name } = expectation;
  const value = fieldValue(seen.fields, name);
  const got = value === undefined ? `no ${name}` : `${name}: ${value}`;
  switch (expectation.kind) {
    case 'present':
      return value === undefined ? { expected: `a field ${name}`, got } : undefined;
    case 'absent':
      return value === undefined ? undefined : { expected: `no field ${name}`, got };
    case 'contains':
      return value?.includes(expectation.text) === true
        ? undefined
        : { expected: `${name} containing ${expectation.text}`, got };
    case 'compared':
      return value !== undefined &&
        /^-?\d+$/.test(value) &&
        holds(Number(value), expectation.operator, expectation.bound)
        ? undefined
        : { expected: `${name}: ${expectation.operator} ${expectation.bound}`, got };
    case 'lines':
      if (name === 'age' && isNearly(value, expectation.values, how.ageSlack)) return undefined;
      return linesMismatch(
        name,
        expectation.values.map((written) => valueText(written, how.instants)),
        seen.fields,
      );
    default:
      return assertNever(expectation);
  }
}

/** Whether a single Age is within the slack of the single one that is wanted. */
function isNearly(value: string | undefined, [wanted, ...more]: readonly WrittenValue[], slack: Seconds): boolean {
  if (value === undefined || wanted?.kind !== 'text' || more.length > 0) return false;
  return /^\d+$/.test(value) && Math.abs(Number(value) - Number(wanted.text)) <= slack;
}

/** One value is compared with all lines combined (RFC 9110 §5.3); several are the lines themselves. */
function linesMismatch(name: string, wanted: readonly string[], fields: Fields): Mismatch | undefined {
  const lines = fieldLines(fields, name);
  const combined = lines.join(', ');
  const met =
    wanted.length === 1
      ? lines.length > 0 && combined === wanted[0]
      : lines.length === wanted.length && lines.every((line, index) => line === wanted[index]);
  if (met) return undefined;
  const got = lines.length === 0 ? `no ${name}` : lines.map((line) => `${name}: ${line}`).join(' and ');
  return { expected: wanted.map((line) => `${name}: ${line}`).join(' and '), got };
}

function holds(value: number, operator: Comparison, bound: number): boolean {
  switch (operator) {
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '>=':
      return value >= bound;
    case '>':
      return value > bound;
    default:
      return assertNever(operator);
  }
}

/** Compares the parameters named, in the member of the cache that is nearest to the client: the last (RFC 9211 §2). */
function cacheStatusMismatch(wanted: readonly CacheStatusParameter[], fields: Fields): Mismatch | undefined {
  const member = listMembers(fieldValue(fields, 'cache-status') ?? '').at(-1);
  if (member === undefined) return { expected: 'a field cache-status', got: 'no cache-status' };
  const present = new Map<string, string | true>();
  for (const parameter of member.split(';').slice(1)) {
    const [name = '', value] = trimOws(parameter).split('=', 2);
    if (value !== '?0') present.set(name, value ?? true);
  }
  const missed = wanted.find(({ name, value }) => (present.get(name) ?? false) !== value);
  if (missed === undefined) return undefined;
  return { expected: `cache-status: ${wanted.map(parameterText).join('; ')}`, got: `cache-status: ${member}` };
}

function parameterText({ name, value }: CacheStatusParameter): string {
  if (value === false) return `not ${name}`;
  return value === true ? name : `${name}=${value}`;
}

export function contentMismatch(wanted: Uint8Array, content: Uint8Array): Mismatch | undefined {
  if (Buffer.compare(wanted, content) === 0) return undefined;
  return { expected: `body ${contentText(wanted)}`, got: `body ${contentText(content)}` };
}

const longestShown = 80;

/** Content for a message, in one line: itself when it is short, else its length and where it begins. */
export function contentText(content: Uint8Array): string {
  const text = Buffer.from(content.subarray(0, longestShown)).toString('latin1').replace(/\s+/g, ' ');
  if (content.length === 0) return '(empty)';
  return content.length > longestShown ? `${content.length} bytes that begin with ${text}` : text;
}
