import { describe, expect, it } from 'vitest';
import { readParameters } from '../../../src/admin/parameters.ts';
import type { Parameter } from '../../../src/admin/endpoint.ts';

const parameters: readonly Parameter[] = [
  { name: 'limit', description: '', schema: { type: 'integer', minimum: 1, maximum: 9, default: 5 } },
  { name: 'match', description: '', schema: { type: 'string', minLength: 1 } },
  { name: 'header', description: '', schema: { type: 'array', items: { type: 'string' }, maxItems: 2 } },
];

function read(query: string): unknown {
  return readParameters(query, parameters, {});
}

describe('readParameters', () => {
  it.each([
    ['', { limit: 5 }],
    ['limit=9&match=%2Fa%20b', { limit: 9, match: '/a b' }],
    ['header=a&header=b%3A+c', { limit: 5, header: ['a', 'b: c'] }],
  ])('reads ?%s', (query, values) => {
    expect(read(query)).toEqual(values);
  });

  it.each([
    ['limit=0', 'limit must be 1 or more'],
    ['limit=1e1', 'limit must be a whole number'],
    ['limit=', 'limit must be a whole number'],
    ['match=', 'match must not be empty'],
    ['match=a&match=b', 'match is there 2 times'],
    ['header=a&header=b&header=c', 'header must have 2 members at most'],
    ['mach=a', 'the parameter mach is not known; did you mean match?'],
    ['zzzz=a', 'the parameter zzzz is not known; there is limit, match, header'],
  ])('refuses ?%s', (query, fault) => {
    expect(() => read(query)).toThrow(`ADMIN_REQUEST_INVALID: ${fault}`);
  });

  it('wants what is required, and nothing where there is nothing', () => {
    const url: Parameter = { name: 'url', description: '', required: true, schema: { type: 'string' } };
    expect(() => readParameters('', [url], {})).toThrow('url is missing: ?url=…');
    expect(() => readParameters('a', [], {})).toThrow('the parameter a is not known; there are none here');
  });
});
