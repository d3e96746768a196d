import fc from 'fast-check';
import type { Fields } from '../../src/http/fields.ts';
import type { CacheKey } from '../../src/key/cache-key.ts';
import type { VariantKey } from '../../src/key/nominated-fields.ts';
import type { StoredResponse } from '../../src/policy/stored.ts';
import { wellKnown } from '../../src/store/well-known.ts';

/** One character of any field of a message, but for the one that tests put around a record. */
const character = fc.integer({ min: 0, max: 0xff }).map((code) => (code === outside ? 'x' : String.fromCharCode(code)));

/** A character code that no text of `anyStored` has. */
export const outside = 0xee;

/** Mostly short, at times longer than one or two bytes of length can say. */
const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...wellKnown, 'a', 'b') },
  { weight: 12, arbitrary: fc.string({ unit: character, maxLength: 20 }) },
  { weight: 1, arbitrary: fc.integer({ min: 120, max: 20_000 }).map((length) => 'long'.repeat(length / 4)) },
);
const texts = fc.array(text, { maxLength: 5 });
const fields = fc
  .array(fc.tuple(text, text), { maxLength: 20 })
  .map((lines) => lines.flat() as readonly string[] as Fields);
const number = fc.oneof(fc.double(), fc.nat(), fc.constantFrom(0, -0, 1_795_000_000_000, Number.POSITIVE_INFINITY));
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

const entityTag = fc
  .tuple(fc.boolean(), text, fc.boolean(), text)
  .map(([weak, opaque, same, other]) => ({ weak, opaque, text: same ? opaque : other }));

const variation = fc.record({
  mode: fc.constantFrom('params' as const, 'except' as const),
  names: texts.map((names): ReadonlySet<string> => new Set(names)),
  keyOrderMatters: fc.boolean(),
});

/** Any stored response that a message can lead to, and many that none can. */
export const anyStored: fc.Arbitrary<StoredResponse> = fc.record({
  key: text as fc.Arbitrary<CacheKey>,
  nominatedFields: texts,
  variant: text as fc.Arbitrary<VariantKey>,
  status: fc.oneof(fc.constant(200), fc.nat(0xffff)),
  fields,
  dateValue: number,
  responseTime: number,
  correctedInitialAge: number,
  freshness: fc.record({
    lifetime: number,
    source: fc.constantFrom('s-maxage', 'max-age', 'expires', 'heuristic', 'default-ttl', 'none'),
  }),
  ended: fc.constantFrom(undefined, 'purged' as const, 'outdated' as const),
  alwaysValidate: fc.boolean(),
  immutable: fc.boolean(),
  closeDelimited: fc.boolean(),
  staleProhibited: fc.boolean(),
  staleWhileRevalidate: number,
  staleIfError: number,
  entityTag: optional(entityTag),
  lastModified: optional(number),
  tags: texts,
  preconditions: fields,
  groups: texts,
  search: optional(fc.record({ variation, significant: text })),
  extent: optional(fc.record({ first: number, last: number, length: number })),
  generation: number,
  serial: number,
});
