import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fields, fieldsOf } from '../../src/http/fields.ts';
import { cacheKey } from '../../src/key/cache-key.ts';
import { isPreferredLanguage } from '../../src/key/language.ts';
import { variantKey } from '../../src/key/nominated-fields.ts';

/** Built of what separates the parts of a key, so that parts are taken for one another if they can be. */
const piece = fc
  .array(fc.constantFrom('a', '1', '2', ':', ';', '-', '=', '/', ','), { maxLength: 5 })
  .map((parts) => parts.join(''));

describe('the key of a target URI', () => {
  it('is shared by no two different URIs', () => {
    const uri = fc.record({
      scheme: fc.constantFrom('http' as const, 'https' as const),
      authority: piece,
      target: piece,
    });
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(uri, (each) => {
        const text = JSON.stringify([each.scheme, each.authority, each.target]);
        const key = cacheKey(each);
        expect(seen.get(key) ?? text).toBe(text);
        seen.set(key, text);
      }),
      { numRuns: 4_000 },
    );
    expect(seen.size).toBeGreaterThan(1_000);
  });
});

/** The lines of a request field by their name; no line at all where it is absent. */
type Lines = Readonly<Record<string, readonly string[]>>;

function keyOf(names: readonly string[], lines: Lines): string {
  const pairs = Object.entries(lines).flatMap(([name, values]) => values.map((value) => [name, value] as const));
  return variantKey(names, fieldsOf(...pairs));
}

describe('the key of a variant', () => {
  it('is shared by no two different lists of names and values', () => {
    // Of Cookie and Referer every character counts, so that different values never mean the same.
    const value = fc.option(piece, { nil: undefined });
    const nominated = fc.record({ names: fc.subarray(['cookie', 'cookie-', 'referer']), a: value, b: value, c: value });
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(nominated, ({ names, a, b, c }) => {
        const values: Record<string, string | undefined> = { cookie: a, 'cookie-': c?.replaceAll(',', ''), referer: b };
        const lines = Object.fromEntries(Object.entries(values).map(([n, v]) => [n, v === undefined ? [] : [v]]));
        const text = JSON.stringify(names.map((name) => [name, values[name] ?? null]));
        const key = keyOf(names, lines);
        expect(seen.get(key) ?? text).toBe(text);
        seen.set(key, text);
      }),
      { numRuns: 4_000 },
    );
    expect(seen.size).toBeGreaterThan(500);
  });
});

/**
 * RFC 9111 §4.1, slowly and on its own: whether the lines of one request's field can be transformed into those of the other's. Written with
 * patterns where the key is made by a scan.
 */
function match(name: string, one: readonly string[], other: readonly string[]): boolean {
  if (one.length === 0 || other.length === 0) return one.length === other.length;
  const [a, b] = [one.join(', '), other.join(', ')];
  if (name === 'cookie') return a === b;
  if (name === 'accept-language') return sameMembers(a, b);
  return JSON.stringify(elementsOf(a)) === JSON.stringify(elementsOf(b));
}

/** Between commas that are not inside a quoted string; a string without an end takes the rest. */
function elementsOf(value: string): string[] {
  const elements = [''];
  for (const [part] of value.matchAll(/"(?:[^"\\]|\\[\s\S])*(?:"|\\?$)|[\s\S]/g)) {
    if (part === ',') elements.push('');
    else elements[elements.length - 1] += part;
  }
  return elements.map((element) => element.replace(/^[ \t]+|[ \t]+$/g, ''));
}

function languagesOf(value: string): string[] {
  const members = elementsOf(value).filter(Boolean);
  return members.map((member) => member.toLowerCase().replace(/[ \t]*;[ \t]*/g, ';'));
}

/** RFC 9110 §12.5.4: neither the case of a language nor the order of languages says anything, nor does white space about a weight. */
function sameMembers(a: string, b: string): boolean {
  const left = languagesOf(a);
  const right = languagesOf(b);
  for (const member of left) {
    const found = right.indexOf(member);
    if (found < 0) return false;
    right.splice(found, 1);
  }
  return right.length === 0;
}

const textOf = (...parts: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...parts), { maxLength: 5 }).map((chosen) => chosen.join(''));

const valueOf: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'accept-language': textOf('a', 'A', 'b', ',', ' ', ';', '\t'),
  'x-foo': textOf('a', 'A', ',', ' ', '"', '\\'),
  cookie: textOf('a', ',', ' ', '"'),
};

describe.each(Object.entries(valueOf))('%s', (name, value) => {
  const lines = fc.array(value, { maxLength: 2 });

  it('has the same key in two requests exactly if it matches as RFC 9111 §4.1 has it', () => {
    let same = 0;
    fc.assert(
      fc.property(lines, lines, (one, other) => {
        const matching = match(name, one, other);
        if (matching) same++;
        expect(keyOf([name], { [name]: one }) === keyOf([name], { [name]: other })).toBe(matching);
      }),
      { numRuns: 3_000 },
    );
    expect(same).toBeGreaterThan(50);
  });

  it('keeps its key when its lines are combined', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 3 }), (several) => {
        expect(keyOf([name], { [name]: [several.join(', ')] })).toBe(keyOf([name], { [name]: several }));
      }),
      { numRuns: 500 },
    );
  });
});

interface OtherFields {
  readonly accept: string | null;
  readonly tenant: string | null;
}

function speaking(language: string, { accept, tenant }: OtherFields): Fields {
  const others = [
    ['accept', accept],
    ['x-tenant', tenant],
  ] as const;
  const present = others.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
  return fieldsOf(['accept-language', language], ...present);
}

describe('a variant in the language that a request prefers', () => {
  it('matches exactly if every other nominated field does, whatever stands in them', () => {
    const names = ['accept', 'accept-language', 'x-tenant'];
    const odd = fc
      .array(fc.constantFrom('1', 'a', ':', ';', 'x-tenant=1:', 'x-tenant-', 'accept-language'), { maxLength: 3 })
      .map((parts) => parts.join(''));
    const others = fc.record({ accept: fc.option(odd), tenant: fc.option(odd) });
    const pair = others.chain((original) => {
      const presented = fc.oneof(others, fc.record({ accept: fc.constant(original.accept), tenant: fc.option(odd) }));
      return fc.tuple(fc.constant(original), fc.oneof(fc.constant(original), presented));
    });
    const counts = { same: 0, other: 0 };
    fc.assert(
      fc.property(pair, ([original, presented]) => {
        const variant = variantKey(names, speaking('de;q=0.9, fr;q=0.8', original));
        const stored = { nominatedFields: names, variant, fields: fieldsOf(['content-language', 'de']) };
        const same = original.accept === presented.accept && original.tenant === presented.tenant;
        counts[same ? 'same' : 'other']++;
        expect(isPreferredLanguage(stored, speaking('de, fr;q=0.1', presented))).toBe(same);
      }),
      { numRuns: 3_000 },
    );
    expect(counts.same).toBeGreaterThan(300);
    expect(counts.other).toBeGreaterThan(300);
  });
});
