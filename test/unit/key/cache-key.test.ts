import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noFields } from '../../../src/http/fields.ts';
import type { RequestHead } from '../../../src/http/message.ts';
import { cacheKey, groupKey, partsOf, sameOriginKey } from '../../../src/key/cache-key.ts';

function request(target: string, authority = 'shop.test', scheme: 'http' | 'https' = 'http'): RequestHead {
  return { method: 'POST', scheme, authority, target, version: '1.1', fields: noFields };
}

describe('the key of a target URI', () => {
  it('is injective', () => {
    const scheme = fc.constantFrom('http' as const, 'https' as const);
    const text = fc.array(fc.constantFrom('a', ':', '/', '1', '0', '?', '')).map((parts) => parts.join(''));
    const uri = fc.record({ scheme, authority: text, target: text });
    fc.assert(
      fc.property(uri, uri, (a, b) => {
        const same = a.scheme === b.scheme && a.authority === b.authority && a.target === b.target;
        expect(cacheKey(a) === cacheKey(b)).toBe(same);
        const sameOrigin = a.scheme === b.scheme && a.authority === b.authority;
        expect(partsOf(cacheKey(a)).target).toBe(a.target);
        expect(groupKey(cacheKey(a), 'x') === groupKey(cacheKey(b), 'x')).toBe(sameOrigin);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['another scheme', request('/a'), request('/a', 'shop.test', 'https')],
    ['another host', request('/a'), request('/a', 'shop.test.')],
    ['another port', request('/a'), request('/a', 'shop.test:8080')],
    ['another letter case of the path', request('/a'), request('/A')],
    ['an empty query', request('/a'), request('/a?')],
    ['a percent-encoded letter', request('/a'), request('/%61')],
    ['a slash', request('/a'), request('/a/')],
    ['a digit that moves from authority to target', request('1/a', 'shop.test:8'), request('/a', 'shop.test:81')],
  ])('is another for %s', (_what, a, b) => {
    expect(cacheKey(a)).not.toBe(cacheKey(b));
  });

  it('does not hold the method', () => {
    expect(cacheKey({ ...request('/a'), method: 'GET' } as RequestHead)).toBe(cacheKey(request('/a')));
  });
});

describe('the key of a reference to the same origin is that of the request target which it leads to', () => {
  it.each([
    ['', '/dir/page?q=1'],
    ['other', '/dir/other'],
    ['/x', '/x'],
    ['./x', '/dir/x'],
    ['../x', '/x'],
    ['../../../x', '/x'],
    ['/a/./b/../c', '/a/c'],
    ['/a/%2e%2E/c', '/c'],
    ['/a//b', '/a//b'],
    ['?p=2', '/dir/page?p=2'],
    ['?', '/dir/page?'],
    ['/x?', '/x?'],
    ['/x#part', '/x'],
    ['/x?#part', '/x?'],
    ['/x?q#', '/x?q'],
    ['#part', '/dir/page?q=1'],
    ['http://shop.test', '/'],
    ['http://shop.test?q', '/?q'],
    ['http://shop.test/x', '/x'],
    ['HTTP://SHOP.TEST/X', '/X'],
    ['http://shop.test:80/x', '/x'],
    ['http://shop.test:/x', '/x'],
    ['//shop.test/x', '/x'],
    ['http:x', '/dir/x'],
    ['  /x\t', '/x'],
    ['/a%2fb', '/a%2fb'],
    ['/a%2Fb', '/a%2Fb'],
    ['/a%zz', '/a%zz'],
    ['/a b', '/a%20b'],
    ['/a"<>`{}', '/a%22%3C%3E%60%7B%7D'],
    ['/a;b,c=d&e@f:g!$()*+~', '/a;b,c=d&e@f:g!$()*+~'],
    ['/a?b/c?d', '/a?b/c?d'],
    ['/a\\b', '/a/b'],
    ['/caf\xc3\xa9?q=\xc3\xa9', '/caf%C3%A9?q=%C3%A9'],
    ['/caf\xe9', '/caf%E9'],
    ['/__proto__?constructor', '/__proto__?constructor'],
  ])('%j leads to %s', (reference, target) => {
    expect(sameOriginKey(reference, request('/dir/page?q=1'))).toBe(cacheKey(request(target)));
  });

  it('is there beside a port and an IPv6 address too', () => {
    const here = request('/a', '[::1]:8080', 'https');
    expect(sameOriginKey('https://[0:0:0:0:0:0:0:1]:8080/b', here)).toBe(cacheKey({ ...here, target: '/b' }));
    const secure = request('/a', 'shop.test', 'https');
    expect(sameOriginKey('https://shop.test:443/b', secure)).toBe(cacheKey({ ...secure, target: '/b' }));
  });

  it('is the key of the target itself for every target as a client writes it', () => {
    const target = fc.stringMatching(
      /^\/([A-Za-z0-9_~!$&()*+,;=:@-]|%[0-9A-F]{2}|\/[a-z]){0,12}(\?[a-z=&%0-9]{0,6})?$/,
    );
    fc.assert(
      fc.property(
        target.filter((each) => !each.startsWith('//') && !/\/(%2E){1,2}(\/|\?|$)/.test(each)),
        (each) => {
          expect(sameOriginKey(each, request('/dir/page'))).toBe(cacheKey(request(each)));
        },
      ),
    );
  });
});

describe('a reference that leads elsewhere has no key', () => {
  it.each([
    'http://other.test/x',
    'http://shop.test.other.test/x',
    'http://shop.test:8080/x',
    'https://shop.test/x',
    '//other.test/x',
    '\\\\other.test\\x',
    'http://user@shop.test/x',
    'http://user:secret@shop.test/x',
    'http://shop.test@other.test/x',
    'mailto:a@shop.test',
    'data:text/plain,x',
    'javascript:alert(1)',
    'blob:http://shop.test/x',
    'ftp://shop.test/x',
    'http://',
    'http://[::1/x',
    'http://shop.test:99999/x',
    '//',
  ])('%j', (reference) => {
    expect(sameOriginKey(reference, request('/dir/page'))).toBeUndefined();
  });

  it.each(['a%b', '[', 'a b', ''])('nor any where the authority %j is no host', (authority) => {
    expect(sameOriginKey('/x', request('/a', authority))).toBeUndefined();
  });

  it('never throws, and never leaves the origin', () => {
    const parts = fc.array(
      fc.constantFrom('/', '\\', '//', ':', '@', '?', '#', 'http:', 'x', '.', '..', '%', '\xff', ' ', '[', '\x00'),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          parts.map((each) => each.join('')),
        ),
        (reference) => {
          const key = sameOriginKey(reference, request('/a'));
          expect(key === undefined || key.startsWith(cacheKey(request('/')))).toBe(true);
        },
      ),
    );
  });
});
