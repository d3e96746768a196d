import { describe, expect, it } from 'vitest';
import { faultOf, refTo, resolved, type Schema } from '../../../src/admin/schema.ts';

const schemas = {
  Pair: { type: 'array', items: { type: 'string' }, minItems: 2, maxItems: 2 },
  Loop: { $ref: '#/definitions/Loop' },
} as const satisfies Record<string, Schema>;

const object: Schema = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 4, pattern: '^[a-z]*$', examples: ['abc'] },
    size: { type: 'integer', minimum: 1, maximum: 9 },
    mode: { type: 'string', enum: ['soft', 'hard'] },
    all: { const: true },
    pairs: { type: 'array', items: refTo('Pair') },
    inner: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
  },
  required: ['name'],
  additionalProperties: false,
};

const choice: Schema = { type: 'object', oneOf: [{ required: ['url'] }, { required: ['tag'] }] };

describe('faultOf', () => {
  it.each([
    { name: 'a' },
    { name: 'abcd', size: 1, mode: 'hard', all: true },
    { name: 'a', pairs: [], inner: { name: '', more: 1 } },
    { name: 'a', pairs: [['a', 'b']] },
  ])('finds nothing wrong with %j', (value) => {
    expect(faultOf(value, object, schemas)).toBeUndefined();
  });

  it.each<[unknown, string]>([
    [[], 'the value must be an object'],
    [null, 'the value must be an object'],
    [{}, 'name is missing'],
    [{ name: 1 }, 'name must be text'],
    [{ name: '' }, 'name must not be empty'],
    [{ name: 'abcde' }, 'name must have 4 characters at most'],
    [{ name: 'A' }, 'name must be like abc'],
    [{ name: 'a', size: 1.5 }, 'size must be a whole number'],
    [{ name: 'a', size: 0 }, 'size must be 1 or more'],
    [{ name: 'a', size: 10 }, 'size must be 9 or less'],
    [{ name: 'a', mode: 'hart' }, 'mode must be one of soft, hard; did you mean hard?'],
    [{ name: 'a', mode: 'x' }, 'mode must be one of soft, hard'],
    [{ name: 'a', all: false }, 'all must be true'],
    [{ name: 'a', nmae: 1 }, 'nmae is not known; did you mean name?'],
    [{ name: 'a', zzzzzzzz: 1 }, 'zzzzzzzz is not known; there is name, size, mode, all, pairs, inner'],
    [{ name: 'a', pairs: [['a', 'b'], ['a']] }, 'pairs[1] must have 2 members or more'],
    [{ name: 'a', pairs: [['a', 'b', 'c']] }, 'pairs[0] must have 2 members at most'],
    [{ name: 'a', pairs: [['a', 2]] }, 'pairs[0][1] must be text'],
    [{ name: 'a', inner: {} }, 'inner.name is missing'],
  ])('says of %j what is wrong', (value, fault) => {
    expect(faultOf(value, object, schemas)).toBe(fault);
  });

  it('does not take what every object has for a property of this one', () => {
    const parsed: unknown = JSON.parse('{"name":"a","constructor":1}');
    expect(faultOf(parsed, object, schemas)).toMatch(/^constructor is not known/);
    expect(faultOf({}, { type: 'object', required: ['toString'] }, schemas)).toBe('toString is missing');
  });

  it('has other properties be what is said of them', () => {
    const counts: Schema = { type: 'object', additionalProperties: { type: 'integer' } };
    expect(faultOf({ a: 1 }, counts, schemas)).toBeUndefined();
    expect(faultOf({ a: '1' }, counts, schemas)).toBe('a must be a whole number');
  });

  it.each([
    [{}, 0],
    [{ url: 'a', tag: 'b' }, 2],
  ])('wants exactly one of the choices, not %j', (value, count) => {
    expect(faultOf(value, choice, schemas)).toBe(`exactly one of url, tag must be there, not ${count}`);
    expect(faultOf({ url: 'a' }, choice, schemas)).toBeUndefined();
  });
});

describe('resolved', () => {
  it('follows a reference', () => {
    expect(resolved(refTo('Pair'), schemas)).toBe(schemas.Pair);
  });

  it.each([refTo('Triple'), refTo('Loop')])('does not pass over one that leads nowhere: %j', (schema) => {
    expect(() => resolved(schema, schemas)).toThrow('there is no schema #/');
  });
});
