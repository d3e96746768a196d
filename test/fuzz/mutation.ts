import type { Random } from './random.ts';

/** What the mutations of a text are made of, beside itself. */
export interface Ingredients {
  /** What its readers look for. */
  readonly words: readonly string[];
  /** Other texts, of which pieces are taken over. */
  readonly others: readonly string[];
}

type Mutation = (text: string, random: Random, ingredients: Ingredients) => string;

const mutations: readonly Mutation[] = [
  (text, random) => splice(text, random.below(text.length + 1), 1, String.fromCharCode(random.below(0x100))),
  (text, random) => {
    const at = random.below(text.length + 1);
    return splice(text, at, 1, String.fromCharCode((text.charCodeAt(at) || 0) ^ (1 << random.below(8))));
  },
  (text, random) => splice(text, random.below(text.length + 1), 1 + random.below(8), ''),
  (text, random, { words }) => splice(text, random.below(text.length + 1), random.below(3), random.pick(words)),
  (text, random, { words }) => splice(text, random.below(text.length + 1), 0, random.pick(words)),
  (text, random) => splice(text, random.below(text.length + 1), 0, sliceOf(text, random)),
  (text, random, { others }) => splice(text, random.below(text.length + 1), 0, sliceOf(random.pick(others), random)),
  (text, random, { others }) =>
    text.slice(0, random.below(text.length + 1)) + random.pick(others).slice(random.below(40)),
  (text, random) => text.slice(0, random.below(text.length + 1)),
  (text, random) => withAnotherNumber(text, random),
  (text, random) => withLinesSwapped(text, random),
];

/** The text after one to four mutations, or at times as it is. Each character is a byte. */
export function mutated(text: string, random: Random, ingredients: Ingredients): string {
  let result = text;
  for (let count = random.below(5); count > 0; count--) result = random.pick(mutations)(result, random, ingredients);
  return result;
}

function splice(text: string, at: number, length: number, inserted: string): string {
  return text.slice(0, at) + inserted + text.slice(at + length);
}

const longestSlice = 60;

function sliceOf(text: string, random: Random): string {
  const at = random.below(text.length);
  return text.slice(at, at + 1 + random.below(longestSlice));
}

const numbers = ['0', '1', '-1', '+1', '00', '0x1', '2147483648', '4294967296', '9007199254740993', '9'.repeat(20)];

/** A number in the text becomes one that is near to it, or at an end of what somebody may count with. */
function withAnotherNumber(text: string, random: Random): string {
  const found = [...text.matchAll(/\d{1,20}/g)];
  if (found.length === 0) return text;
  const { 0: digits, index } = random.pick(found);
  const other = random.once(2) ? random.pick(numbers) : String(Math.max(0, Number(digits) + random.below(5) - 2));
  return splice(text, index, digits.length, other);
}

function withLinesSwapped(text: string, random: Random): string {
  const lines = text.split('\r\n');
  const [one, other] = [random.below(lines.length), random.below(lines.length)];
  const [line, otherLine] = [lines[one], lines[other]];
  return lines.map((each, at) => (at === one ? otherLine : at === other ? line : each)).join('\r\n');
}
