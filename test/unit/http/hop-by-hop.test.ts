import { describe, expect, it } from 'vitest';
import { eachField, type Fields, fieldsOf } from '../../../src/http/fields.ts';
import { endToEndFields } from '../../../src/http/hop-by-hop.ts';

const names = (fields: Fields): string[] => [...eachField(fields)].map(([name]) => name);

describe('fields of one connection (RFC 9110 §7.6.1)', () => {
  it.each([
    'connection',
    'keep-alive',
    'proxy-connection',
    'proxy-authenticate',
    'proxy-authentication-info',
    'proxy-authorization',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
  ])('lose %s whether Connection names it or not', (name) => {
    expect(names(endToEndFields(fieldsOf(['x-a', '1'], [name, 'x'])))).toEqual(['x-a']);
    expect(names(endToEndFields(fieldsOf(['x-a', '1'], [name, 'x'], ['connection', name])))).toEqual(['x-a']);
  });

  it('lose those that Connection names, on any line, in any letter case, every line of them', () => {
    const fields = fieldsOf(
      ['X-Foo', '1'],
      ['Connection', 'close, X-FOO'],
      ['x-bar', '2'],
      ['X-Foo', '3'],
      ['connection', ' ,\tx-BAR,'],
      ['x-baz', '4'],
    );
    expect(endToEndFields(fields)).toEqual(['x-baz', '4']);
  });

  it('keep a field that only a quoted text names', () => {
    expect(names(endToEndFields(fieldsOf(['x-foo', '1'], ['connection', '"a, x-foo"'])))).toEqual(['x-foo']);
  });

  it.each([
    'host',
    'via',
    'authorization',
    'cookie',
    'set-cookie',
    'cache-control',
    'cdn-cache-control',
    'etagere-cache-control',
    'vary',
    'age',
    'expires',
    'content-length',
    'content-encoding',
    'if-none-match',
    'range',
    'x-forwarded-for',
    'forwarded',
  ])('keep %s on whatever word of the sender', (name) => {
    expect(names(endToEndFields(fieldsOf([name, 'x'], ['connection', name])))).toEqual([name]);
  });

  it('leave a list without any of them as it is', () => {
    const fields = fieldsOf(['x-a', '1'], ['keep', '2']);
    expect(endToEndFields(fields)).toBe(fields);
  });

  it('are found in linear time', () => {
    const long = `a${' '.repeat(2 ** 20)}b`;
    const many = Array.from({ length: 100_000 }, (_, i) => `x-${i}`).join();
    const fields = fieldsOf(['connection', long], ['connection', many], ['x-99999', '1'], ['x-100000', '1']);
    expect(names(endToEndFields(fields))).toEqual(['x-100000']);
  });
});
