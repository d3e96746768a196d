import fc from 'fast-check';
import { oneOf, type Weighted } from './chance.ts';
import { type Argument, type Control, type Directive, type Member, plain, type Targeted, textOf } from './scenario.ts';

/** Cache-Control of requests and responses, in spellings good and bad. */

const seconds = oneOf([4, '0'], [3, '5'], [6, '60'], [2, '3600'], [1, '0060'], [1, '99999999999']);
const oddSeconds = fc.constantFrom('', '-5', '1.5', '60abc', '0x10', '1e3', 'x');

const argument = (value: fc.Arbitrary<string>): fc.Arbitrary<Argument> =>
  value.chain((text) => {
    const forms: readonly Weighted<Argument['form']>[] = [
      [14, 'token'],
      [3, 'quoted'],
      [1, 'escaped'],
    ];
    return oneOf(...forms).map((form) => ({ value: text, form }));
  });

const deltaArgument: fc.Arbitrary<Argument | null> = fc.oneof(
  { weight: 20, arbitrary: argument(seconds) },
  { weight: 2, arbitrary: argument(oddSeconds) },
  { weight: 1, arbitrary: fc.constant<Argument>({ value: '60', form: 'spaced' }) },
  { weight: 1, arbitrary: fc.constant(null) },
);

/** A directive that takes no argument, which sometimes gets one. */
const flagArgument = oneOf<Argument | null>(
  [20, null],
  [1, { value: '', form: 'quoted' }],
  [1, { value: '', form: 'token' }],
  [1, { value: 'x', form: 'token' }],
);

const fieldNames = fc.oneof(
  { weight: 2, arbitrary: fc.constant(null) },
  {
    weight: 3,
    arbitrary: argument(
      fc.constantFrom('x-user', 'x-user', 'X-User, x-other', 'set-cookie', 'a, no-store, b', 'vary', 'a b', ''),
    ),
  },
);

const strangeArgument = oneOf<Argument | null>(
  [2, null],
  [1, { value: '60', form: 'token' }],
  [2, { value: 'a, no-store, max-age=60, b', form: 'quoted' }],
  [1, { value: 'a, private, b', form: 'escaped' }],
);

const inAnyCase = (name: string): fc.Arbitrary<string> =>
  oneOf([12, name], [1, name.toUpperCase()], [1, name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())]);

function directive(name: string, value: fc.Arbitrary<Argument | null>): fc.Arbitrary<Directive> {
  return fc
    .tuple(inAnyCase(name), value)
    .map(([spelled, chosen]) => ({ kind: 'directive', name, spelled, argument: tokenised(chosen) }));
}

/** What is no token can only be written as a quoted string. */
function tokenised(chosen: Argument | null): Argument | null {
  return chosen?.form === 'token' && /[ ,=]/.test(chosen.value) ? { ...chosen, form: 'quoted' } : chosen;
}

const broken: fc.Arbitrary<Member> = fc
  .constantFrom('x="a, no-store', 'a b', 'max-age="60"0', '"no-store"', 'max-age=6"0"')
  .map((text) => ({ kind: 'broken', text }));

const weightedMembers = (...choices: readonly Weighted<fc.Arbitrary<Member>>[]): fc.Arbitrary<Control> =>
  fc.array(fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary }))), { maxLength: 4 });

export const responseControl = weightedMembers(
  [10, directive('max-age', deltaArgument)],
  [3, directive('s-maxage', deltaArgument)],
  [4, directive('stale-while-revalidate', deltaArgument)],
  [4, directive('stale-if-error', deltaArgument)],
  [4, directive('public', flagArgument)],
  [2, directive('must-revalidate', flagArgument)],
  [1, directive('proxy-revalidate', flagArgument)],
  [1, directive('no-store', flagArgument)],
  [2, directive('private', fieldNames)],
  [3, directive('no-cache', fieldNames)],
  [2, directive('must-understand', flagArgument)],
  [1, directive('immutable', flagArgument)],
  [1, directive('x', strangeArgument)],
  [1, broken],
);

/** Directives that say how to reuse a response, most of which need others beside them to count. */
export const reuseControl = weightedMembers(
  [4, directive('max-age', argument(seconds))],
  [3, directive('stale-while-revalidate', argument(seconds))],
  [2, directive('stale-if-error', argument(seconds))],
  [3, directive('no-cache', fieldNames)],
  [4, directive('immutable', flagArgument)],
  [2, directive('must-understand', flagArgument)],
  [1, directive('no-store', flagArgument)],
);

/** The ages at which a request comes, so that just reaching a limit is no rare thing. */
const ageArgument = fc.constantFrom('0', '5', '60').map((value): Argument => ({ value, form: 'token' }));

export const requestControl = weightedMembers(
  [6, directive('max-age', fc.oneof(deltaArgument, ageArgument))],
  [3, directive('max-stale', fc.oneof(deltaArgument, fc.constant(null)))],
  [3, directive('min-fresh', deltaArgument)],
  [1, directive('no-cache', flagArgument)],
  [1, directive('no-store', flagArgument)],
  [1, directive('only-if-cached', flagArgument)],
  [1, directive('x', strangeArgument)],
  [1, broken],
);

export const targeted: fc.Arbitrary<Targeted> = fc.oneof(
  fc
    .subarray(
      [plain('max-age', 60), plain('no-store'), plain('private'), plain('stale-if-error', 60), plain('public')],
      {
        minLength: 1,
        maxLength: 2,
      },
    )
    .map((means) => ({ text: textOf(means), means })),
  fc.constantFrom<Targeted>({ text: 'Max-Age=60', means: undefined }, { text: '', means: undefined }),
);
