import { isDeepStrictEqual } from 'node:util';
import { parsers } from '../property/parsers.ts';
import { claims } from './claims.ts';
import { corpus, fieldWords } from './corpus.ts';
import { mutated } from './mutation.ts';
import type { Random } from './random.ts';
import { type FuzzTarget, hold, holdQuiet } from './target.ts';

const values = corpus('values');
const readers = Object.entries(parsers);

/** Characters of a text in which a piece comes again and again: time that is quadratic in it is more than the watchdog allows. */
const pumpedLength = 2 ** 17;

function anyValue(random: Random): string {
  return mutated(random.pick(values), random, { words: fieldWords, others: values });
}

function pumped(text: string, random: Random): string {
  const from = random.below(text.length);
  const piece = text.slice(from, from + 1 + random.below(6));
  if (piece === '') return text;
  return text.slice(0, from) + piece.repeat(Math.ceil(pumpedLength / piece.length)) + text.slice(from + piece.length);
}

const neverThrows: FuzzTarget = {
  name: 'parsers',
  run: (random) => {
    const [name, parse] = random.pick(readers);
    const value = anyValue(random);
    const isPumped = random.once(200);
    const text = isPumped ? pumped(value, random) : value;
    const input = { parser: name, value: isPumped ? `${value}, pumped` : value };
    const first = holdQuiet(name, input, () => parse(text));
    if (!isPumped) hold(`${name} reads a text twice alike`, isDeepStrictEqual(parse(text), first), input);
  },
};

/** What holds of whatever is read of fields and targets. */
export const parserTargets: readonly FuzzTarget[] = [
  neverThrows,
  ...Object.entries(claims).map(([name, claim]) => ({
    name,
    run: (random: Random) => {
      const value = anyValue(random);
      holdQuiet(name, value, () => claim(value, random));
    },
  })),
];
