import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type EntityTag,
  parseEntityTag,
  parseEntityTagList,
  stronglyEqual,
  weaklyEqual,
} from '../../../src/http/entity-tag.ts';

function tag(value: string): EntityTag {
  const parsed = parseEntityTag(value);
  if (parsed === undefined) throw new Error(`${value} is no entity-tag`);
  return parsed;
}

describe('one entity-tag', () => {
  it.each([
    ['"v1"', false, '"v1"'],
    ['""', false, '""'],
    ['W/"v1"', true, '"v1"'],
    [' "v1"\t', false, '"v1"'],
    ['"a\\"', false, '"a\\"'],
    ['"\xe9\xff"', false, '"\xe9\xff"'],
    ['"!#~"', false, '"!#~"'],
  ])('%s is weak: %s', (value, weak, opaque) => {
    expect(tag(value)).toMatchObject({ weak, opaque });
  });

  it.each([
    'v1',
    'w/"v1"',
    'W/v1',
    'W/ "v1"',
    '"v1',
    'v1"',
    '"v"1"',
    "'v1'",
    '"v\x7f1"',
    '"v 1"',
    '"a, b"',
    '"a", "b"',
  ])('keeps %s as it is written, and never for a strong one', (value) => {
    expect(tag(value)).toEqual({ weak: true, opaque: value, text: value });
    expect(stronglyEqual(tag(value), tag(value))).toBe(false);
    expect(weaklyEqual(tag(value), tag(value))).toBe(true);
  });

  it.each(['', ' ', '\t', '*', ' * '])('is none in %j', (value) => {
    expect(parseEntityTag(value)).toBeUndefined();
  });

  it('goes back to the origin as the origin wrote it', () => {
    expect(tag('W/"v1"').text).toBe('W/"v1"');
  });
});

describe('comparison (RFC 9110 §8.8.3.2)', () => {
  it.each([
    ['W/"1"', 'W/"1"', false, true],
    ['W/"1"', 'W/"2"', false, false],
    ['W/"1"', '"1"', false, true],
    ['"1"', '"1"', true, true],
    ['"1"', '"2"', false, false],
    ['"a"', '"A"', false, false],
    ['v1', '"v1"', false, false],
  ])('%s and %s: strongly %s, weakly %s', (a, b, strongly, weakly) => {
    expect(stronglyEqual(tag(a), tag(b))).toBe(strongly);
    expect(weaklyEqual(tag(a), tag(b))).toBe(weakly);
    expect(stronglyEqual(tag(b), tag(a))).toBe(strongly);
    expect(weaklyEqual(tag(b), tag(a))).toBe(weakly);
  });
});

describe('If-None-Match (RFC 9110 §13.1.2)', () => {
  it.each([
    ['"a"', ['"a"']],
    ['"a", W/"b" ,"c"', ['"a"', 'W/"b"', '"c"']],
    [',, "a" ,,', ['"a"']],
    ['"a,b", "c"', ['"a,b"', '"c"']],
    ['"a\\", "b"', ['"a\\"', '"b"']],
    ['a, b', ['a', 'b']],
    ['', []],
    [' , ', []],
    ['"a, "b"', ['"a, "b"']],
    ['*, "a"', ['"a"']],
  ])('%s has the members %j', (value, texts) => {
    const tags = parseEntityTagList(value);
    expect(tags === '*' ? tags : tags.map(({ text }) => text)).toEqual(texts);
  });

  it.each(['*', ' * ', '\t*'])('%j is any representation', (value) => {
    expect(parseEntityTagList(value)).toBe('*');
  });

  it('never throws, whatever the value', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('"', 'W/', 'a', ',', ' ', '\\', '*', '\xff', '\x00')), (parts) => {
        const value = parts.join('');
        expect(parseEntityTagList(value) === '*').toBe(value.trim() === '*');
      }),
    );
  });

  it('finds every well-formed member of a list', () => {
    const wellFormed = fc.stringMatching(/^(W\/)?"[!#-+\--~]{0,8}"$/);
    fc.assert(
      fc.property(fc.array(wellFormed), (texts) => {
        expect(parseEntityTagList(texts.join(', '))).toEqual(texts.map(tag));
      }),
    );
  });

  it.each([
    ['spaces', `"a"${' '.repeat(2 ** 20)}, "b"`, 2],
    ['quotes', '"'.repeat(2 ** 20), 1],
    ['members', '"a",'.repeat(2 ** 18), 2 ** 18],
  ])('reads a mebibyte of %s', (_what, value, count) => {
    expect(parseEntityTagList(value)).toHaveLength(count);
  });
});
