import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayBeCut } from '../../src/policy/cut-texts.ts';
import { found, type SoughtText } from '../../src/policy/text-automaton.ts';
import { SoughtTexts } from '../../src/policy/text-search.ts';
import { isWordByte } from '../../src/policy/word-byte.ts';

/** Few letters, so that texts have much in common with one another and with the content; one of them is no letter. */
const text = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ unit: fc.constantFrom('a', 'b', '/'), minLength, maxLength }),
    fc.string({ unit: fc.constantFrom('a', 'a', 'a', '/'), minLength, maxLength }),
    fc.tuple(fc.constantFrom('a', 'ab', 'aa/', '/'), fc.nat(maxLength)).map(([period, times]) =>
      period
        .repeat(times + minLength)
        .slice(0, maxLength)
        .padEnd(minLength, '/'),
    ),
  );

const bytesOf = (latin1: string): Buffer => Buffer.from(latin1, 'latin1');
const sought = (minLength: number, maxLength: number): fc.Arbitrary<SoughtText> =>
  fc.record({ bytes: text(minLength, maxLength).map(bytesOf), ends: fc.boolean() });

/** One by one, and each from every byte on. */
function isThere(texts: readonly SoughtText[], content: Buffer): boolean {
  return texts.some(({ bytes, ends }) =>
    [...content.keys()].some((at) => {
      if (content.compare(bytes, 0, bytes.length, at, Math.min(content.length, at + bytes.length)) !== 0) return false;
      return !ends || !isWordByte(content[at + bytes.length]);
    }),
  );
}

/** Cut into pieces of such lengths, over and over. */
function piecesOf(content: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < content.length; i++) {
    const length = lengths[i % lengths.length] ?? content.length;
    pieces.push(content.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

function isFound(texts: readonly SoughtText[], pieces: readonly Buffer[]): boolean {
  const search = new SoughtTexts(texts);
  let state = 0;
  for (const piece of pieces) {
    state = search.advance(state, piece);
    if (state === found) return true;
  }
  return search.isFoundAtEnd(state);
}

describe('texts that are looked for all at once', () => {
  it.each([
    { least: 1, most: 4 },
    { least: 2, most: 9 },
    { least: 4, most: 70 },
    { least: 70, most: 200 },
  ])('are found where they are found one by one, in whatever pieces the content comes: %o', ({ least, most }) => {
    const texts = fc.array(sought(least, most), { minLength: 1, maxLength: 8 });
    const lengths = fc.array(fc.integer({ min: 1, max: 2 * most }), { maxLength: 4 });
    const counts = { there: 0, not: 0 };
    fc.assert(
      fc.property(texts, text(0, 4 * most), lengths, fc.option(fc.nat()), (all, around, cuts, planted) => {
        const one = planted === null ? undefined : all[planted % all.length];
        const content = Buffer.concat([bytesOf(around), one?.bytes ?? Buffer.alloc(0), bytesOf(around)]);
        const expected = isThere(all, content);
        counts[expected ? 'there' : 'not']++;
        expect(isFound(all, piecesOf(content, cuts))).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(counts.there, counts.not)).toBeGreaterThan(100);
  });

  it('are found among all bytes there are', () => {
    const bytes = fc.uint8Array({ minLength: 4, maxLength: 12 });
    const texts = fc.array(bytes, { minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(texts, fc.uint8Array({ maxLength: 2_000 }), fc.nat(), fc.nat(), (all, content, which, where) => {
        const search = all.map((each) => ({ bytes: each, ends: false }));
        const planted = Buffer.from(content);
        planted.set((all[which % all.length] as Uint8Array).subarray(0, content.length), 0);
        const at = where % (content.length + 1);
        const turned = Buffer.concat([planted.subarray(at), planted.subarray(0, at)]);
        for (const each of [Buffer.from(content), planted, turned])
          expect(isFound(search, [each])).toBe(all.some((one) => each.includes(Buffer.from(one))));
      }),
      { numRuns: 500 },
    );
  });
});

/** How often a byte of the content is read. */
function readsOf(texts: readonly string[], content: Buffer): number {
  let reads = 0;
  const counted = new Proxy(content, {
    get: (target, name) => {
      if (typeof name === 'string' && /^\d/.test(name)) reads++;
      return Reflect.get(target, name, target) as unknown;
    },
  });
  const search = new SoughtTexts(texts.map((each) => ({ bytes: bytesOf(each), ends: false })));
  expect(search.advance(0, counted)).not.toBe(found);
  return reads;
}

function many(of: (index: number) => string): readonly string[] {
  return Array.from({ length: 64 }, (_, i) => of(i));
}

describe('a search', () => {
  const length = 20_000;

  it.each<[what: string, texts: readonly string[], period: string]>([
    ['a byte that breaks it near its end', many((i) => `${'a'.repeat(900 + i)}ba`), 'a'],
    ['a byte that breaks it in the middle', many((i) => `${'a'.repeat(400 + i)}b${'a'.repeat(500)}`), 'a'],
    ['a byte that breaks it at its beginning', many((i) => `b${'a'.repeat(900 + i)}`), 'a'],
    ['two bytes by turns, and one twice', many((i) => `${'ab'.repeat(300 + i)}b${'ab'.repeat(100)}`), 'ab'],
    ['nearly the content', many((i) => `${'abcabd'.repeat(50 + i)}c`), 'abcabd'],
    ['few bytes', many((i) => `a.b${String.fromCharCode(0x80 + i)}`), 'a.b'],
  ])('reads each byte a few times at most, where 64 texts are %s', (_, texts, period) => {
    expect(readsOf(texts, Buffer.alloc(length, period))).toBeLessThan(6 * length);
  });

  it('does not read most bytes of what has nothing to do with a text', () => {
    const page = Array.from({ length: 500 }, (_, i) => `<li>The quick brown fox jumps over ${i} lazy dogs.</li>\n`);
    const content = bytesOf(page.join(''));
    const texts = ['edge-17.cdn.example.net', 'tier=gold;client=7', 'https://other.example/?x=1'];
    expect(readsOf(texts, content)).toBeLessThan(content.length / 3);
  });
});

/** By each length that there may be, one after another. */
function isCutNaively(value: Buffer, first: Buffer, last: Buffer): boolean {
  if (first.length < value.length && value.includes(first)) return true;
  for (let length = Math.ceil(value.length / 2); length < value.length; length++) {
    if (first.length >= length && value.subarray(-length).equals(first.subarray(0, length))) return true;
    if (last.length >= length && value.subarray(0, length).equals(last.subarray(-length))) return true;
  }
  return false;
}

describe('a text', () => {
  it('may be cut at either end of a part where half of it, or more, is there', () => {
    const counts = { cut: 0, not: 0 };
    fc.assert(
      fc.property(text(1, 12), text(0, 14), text(0, 14), (value, first, last) => {
        const expected = isCutNaively(bytesOf(value), bytesOf(first), bytesOf(last));
        counts[expected ? 'cut' : 'not']++;
        expect(mayBeCut(bytesOf(value), bytesOf(first), bytesOf(last))).toBe(expected);
      }),
      { numRuns: 5_000 },
    );
    expect(Math.min(counts.cut, counts.not)).toBeGreaterThan(500);
  });
});
