import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { queryRewriter } from '../../../src/key/query-rules.ts';

const none = { sortQuery: false, dropQuery: [], keepQuery: undefined };
const rewritten = (rules: Partial<Parameters<typeof queryRewriter>[0]>, target: string): string | undefined =>
  queryRewriter({ ...none, ...rules })?.(target);

describe('the query of a target', () => {
  it('is left alone where no rule is about it', () => {
    expect(queryRewriter(none)).toBeUndefined();
    expect(rewritten({ sortQuery: true }, '/a')).toBe('/a');
  });

  it.each([
    [{ dropQuery: ['utm_*', 'gclid'] }, '/a?utm_source=x&id=1&gclid=2', '/a?id=1'],
    [{ dropQuery: ['utm_*'] }, '/a?utm_source=x', '/a'],
    [{ dropQuery: ['utm_*'] }, '/a?%75tm_source=x&b=%20', '/a?b=%20'],
    [{ dropQuery: ['a'] }, '/a?A=1&a=2&a&a=', '/a?A=1'],
    [{ dropQuery: ['%FB'] }, '/a?%F%42=1&%fb=2', '/a?%F%42=1'],
    [{ dropQuery: ['%%C3'] }, '/a?%%c3=1&%%41=2', '/a?%%41=2'],
    [{ keepQuery: ['id'] }, '/a?x=1&id=2&id=3', '/a?id=2&id=3'],
    [{ keepQuery: [] }, '/a?x=1', '/a'],
    [{ keepQuery: ['id*'], dropQuery: ['idle'] }, '/a?idle=1&id=2', '/a?id=2'],
    [{ sortQuery: true }, '/a?b=2&a=2&b=1&a=1', '/a?a=2&a=1&b=2&b=1'],
    [{ sortQuery: true }, '/a?a%2Fb=1&a=1', '/a?a=1&a%2Fb=1'],
    [{ sortQuery: true }, '/a?b?c=1&a', '/a?a&b?c=1'],
  ])('%j: %s becomes %s', (rules, target, expected) => {
    expect(rewritten(rules, target)).toBe(expected);
  });

  it('is the same when it is rewritten again, and whatever the order of other names', () => {
    const parameter = fc.tuple(fc.constantFrom('a', 'b', 'utm_x', 'c'), fc.nat(9)).map((pair) => pair.join('='));
    const rewrite = queryRewriter({ sortQuery: true, dropQuery: ['utm_*'], keepQuery: undefined }) ?? String;
    fc.assert(
      fc.property(fc.uniqueArray(parameter, { selector: (text) => text[0], minLength: 1 }), (parameters) => {
        const once = rewrite(`/p?${parameters.join('&')}`);
        expect(rewrite(once)).toBe(once);
        expect(rewrite(`/p?${parameters.toReversed().join('&')}`)).toBe(once);
      }),
    );
  });
});
