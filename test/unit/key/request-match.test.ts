import { describe, expect, it } from 'vitest';
import { fieldsOf, noFields } from '../../../src/http/fields.ts';
import type { RequestHead } from '../../../src/http/message.ts';
import { bypassMatch, requestMatch } from '../../../src/key/request-match.ts';

const get: RequestHead = {
  method: 'GET',
  scheme: 'http',
  authority: 'shop.test:8443',
  target: '/api/v1/items?x=/admin/',
  version: '1.1',
  fields: noFields,
};
const every = { hosts: [], paths: [], methods: [] };
const nothing = { paths: [], cookies: [], fields: [] };

describe('a route', () => {
  it('without rules matches every request', () => {
    expect(requestMatch(every)).toBeUndefined();
  });

  it.each([
    [{ hosts: ['shop.test'] }, true],
    [{ hosts: ['shop.test:8443'] }, true],
    [{ hosts: ['shop.test:80'] }, false],
    [{ hosts: ['other.test', 'shop.test'] }, true],
    [{ hosts: ['*.test'] }, true],
    [{ hosts: ['*.test:8443'] }, true],
    [{ hosts: ['*.shop.test'] }, false],
    [{ hosts: ['*.hop.test'] }, false],
    [{ paths: ['/api/*'] }, true],
    [{ paths: ['/api/*/items'] }, true],
    [{ paths: ['/api'] }, false],
    [{ paths: ['*/admin/'] }, false],
    [{ methods: ['GET'] }, true],
    [{ methods: ['POST'] }, false],
    [{ hosts: ['shop.test'], paths: ['/api/*'], methods: ['GET'] }, true],
    [{ hosts: ['shop.test'], paths: ['/other/*'] }, false],
  ])('with %j: %s', (rules, expected) => {
    expect(requestMatch({ ...every, ...rules })?.(get)).toBe(expected);
  });

  it.each([
    ['/api/*', '/%61pi/x'],
    ['/%61pi/*', '/api/x'],
    ['/caf%C3%A9', '/caf%c3%a9'],
  ])('for %s matches %s, which means the same (RFC 3986 §6.2.2)', (path, target) => {
    expect(requestMatch({ ...every, paths: [path] })?.({ ...get, target })).toBe(true);
    expect(bypassMatch({ ...nothing, paths: [path] })?.({ ...get, target })).toBe(true);
  });

  it('takes no encoded delimiter for a delimiter', () => {
    const target = '/api%2Fx';
    expect(requestMatch({ ...every, paths: ['/api/*'] })?.({ ...get, target })).toBe(false);
    expect(bypassMatch({ ...nothing, paths: ['/api/*'] })?.({ ...get, target })).toBe(false);
  });

  it.each(['/api%2Fx', '/api%2fx'])('can name what has one: %s', (target) => {
    const paths = ['/api/*', '/api%2F*'];
    expect(requestMatch({ ...every, paths })?.({ ...get, target })).toBe(true);
    expect(bypassMatch({ ...nothing, paths })?.({ ...get, target })).toBe(true);
  });

  it('for GET is one for HEAD as well', () => {
    expect(requestMatch({ ...every, methods: ['GET'] })?.({ ...get, method: 'HEAD' })).toBe(true);
  });
});

describe('a request', () => {
  it('goes past the shelf for none of no rules', () => {
    expect(bypassMatch(nothing)).toBeUndefined();
  });

  it.each([
    [{ paths: ['/api/*'] }, noFields, true],
    [{ paths: ['/x'] }, noFields, false],
    [{ cookies: ['wordpress_logged_in_*'] }, fieldsOf(['cookie', 'a=1; wordpress_logged_in_7=x']), true],
    [{ cookies: ['session'] }, fieldsOf(['cookie', 'Session=1; a=session']), false],
    [{ cookies: ['b'] }, fieldsOf(['cookie', 'a=1'], ['cookie', 'b']), true],
    [{ cookies: ['*'] }, noFields, false],
    [{ fields: [{ name: 'x-preview', value: undefined }] }, fieldsOf(['x-preview', '']), true],
    [{ fields: [{ name: 'x-preview', value: 'yes*' }] }, fieldsOf(['x-preview', 'no']), false],
    [{ fields: [{ name: 'x-preview', value: 'yes*' }] }, fieldsOf(['x-preview', 'no'], ['x-preview', 'yes!']), true],
  ])('with %j and %j: %s', (rules, fields, expected) => {
    expect(bypassMatch({ ...nothing, ...rules })?.({ ...get, fields })).toBe(expected);
  });
});
