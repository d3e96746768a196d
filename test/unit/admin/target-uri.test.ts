import { describe, expect, it } from 'vitest';
import { parseHost, parseTargetUri } from '../../../src/admin/target-uri.ts';
import { urlOfTarget } from '../../../src/key/target-uri.ts';

describe('parseTargetUri', () => {
  it.each([
    ['http://example.com/a?b', 'http://example.com/a?b'],
    ['HTTP://EXAMPLE.com:80', 'http://example.com/'],
    ['https://example.com:443/A%2f', 'https://example.com/A%2f'],
    ['https://[::1]:8443/?', 'https://[::1]:8443/?'],
    ['http://h/a|b', 'http://h/a%7Cb'],
  ])('reads %s as requests for it are keyed', (text, key) => {
    expect(urlOfTarget(parseTargetUri(text, 'url'))).toBe(key);
  });

  it.each([
    ['/a', 'url must be a whole URL, like http://localhost:8080/'],
    ['ftp://h/', 'url has neither a path nor an absolute URI'],
    ['http://h/a#b', 'url has a fragment'],
    ['http://h/../a', 'url has a dot segment'],
    ['http://a@h/', 'url has the authority is not valid'],
  ])('refuses %s', (text, fault) => {
    expect(() => parseTargetUri(text, 'url')).toThrow(`ADMIN_REQUEST_INVALID: ${fault}`);
  });
});

describe('parseHost', () => {
  it('reads an authority as it is keyed', () => {
    expect(parseHost('Example.COM:80')).toBe('example.com');
    expect(parseHost('example.com:8080')).toBe('example.com:8080');
  });

  it.each(['http://example.com', 'a b', 'a:99999'])('refuses %s', (text) => {
    expect(() => parseHost(text)).toThrow('host must be a name or an address');
  });
});
