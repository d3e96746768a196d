import { describe, expect, it } from 'vitest';
import { hostAndPort, isSelf, parseListen, parseOrigin, urlOf } from '../../../src/config/addresses.ts';

describe('parseListen', () => {
  it.each([
    ['127.0.0.1:8080', '127.0.0.1', 8080],
    [':8080', '127.0.0.1', 8080],
    ['8080', '127.0.0.1', 8080],
    ['0', '127.0.0.1', 0],
    ['0.0.0.0:80', '0.0.0.0', 80],
    ['[::1]:8080', '::1', 8080],
    ['localhost:65535', 'localhost', 65_535],
  ])('reads %s', (text, host, port) => {
    expect(parseListen(text)).toEqual({ host, port });
  });

  it.each(['', ':', 'localhost:65536', '99999', 'http://localhost:80', '[zz]:80', 'a b:80', '-1'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseListen(text)).toThrow(/is not an address to listen on; write HOST:PORT/);
    },
  );

  it('says how an address without a port is completed', () => {
    expect(() => parseListen('::1')).toThrow('write [::1]:8080');
    expect(() => parseListen('[::1]')).toThrow('write [::1]:8080');
    expect(() => parseListen('localhost')).toThrow('write localhost:8080');
  });

  it('says how an IPv6 address and a port, or every address and a port are written', () => {
    expect(() => parseListen('::1:8188')).toThrow('write [::1]:8188');
    expect(() => parseListen('fe80::1:2:80')).toThrow('write [fe80::1:2]:80');
    expect(() => parseListen('*:8188')).toThrow('write 0.0.0.0:8188');
  });
});

describe('isSelf', () => {
  it.each([
    ['http://localhost:8080', '127.0.0.1'],
    ['http://127.0.0.1:8080', '0.0.0.0'],
    ['http://[::1]:8080', '::'],
    ['http://10.0.0.1:8080', '10.0.0.1'],
  ])('is %s for who listens on %s', (origin, host) => {
    expect(isSelf(origin, { host, port: 8080 })).toBe(true);
  });

  it.each([
    ['http://localhost:8081', '127.0.0.1'],
    ['https://localhost:8080', '127.0.0.1'],
    ['http://localhost:8080', '10.0.0.1'],
    ['http://origin.test:8080', '0.0.0.0'],
  ])('is not %s for who listens on %s', (origin, host) => {
    expect(isSelf(origin, { host, port: 8080 })).toBe(false);
  });

  it('has a port for the scheme, and none where any free one will do', () => {
    expect(isSelf('http://localhost', { host: '127.0.0.1', port: 80 })).toBe(true);
    expect(isSelf('http://localhost:8080', { host: '127.0.0.1', port: 0 })).toBe(false);
  });
});

describe('urlOf', () => {
  it('puts an IPv6 address in brackets', () => {
    expect(urlOf({ host: '::1', port: 8080 })).toBe('http://[::1]:8080');
    expect(urlOf({ host: '127.0.0.1', port: 80 })).toBe('http://127.0.0.1:80');
  });
});

describe('hostAndPort', () => {
  it.each(['[::1]:8080', '127.0.0.1:80', 'localhost:0'])('writes what parseListen reads: %s', (text) => {
    expect(hostAndPort(parseListen(text))).toBe(text);
  });
});

describe('parseOrigin', () => {
  it.each([
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://localhost:3000/', 'http://localhost:3000'],
    ['https://API.example.com:443', 'https://api.example.com'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
  ])('reads %s', (text, origin) => {
    expect(parseOrigin(text)).toBe(origin);
  });

  it.each([
    ['localhost:3000', '"localhost:3000" has no scheme; write http://localhost:3000'],
    ['example.com', '"example.com" has no scheme; write http://example.com'],
    ['3000', '"3000" has no scheme; write http://localhost:3000'],
    ['ftp://example.com', "an origin can't be reached by ftp://; write an http:// or https:// URL"],
    ['not a url', '"not a url" is not the URL of an origin; write something like http://localhost:3000'],
    ['redis//:secret@host', 'that is not the URL of an origin'],
    ['http://', '"http://" is not the URL of an origin'],
    ['http://example.com/app', 'it has a path (/app)'],
    ['http://localhost:0', 'no server listens on port 0; write the port'],
    ['http://example.com/?q', 'it has a query or fragment'],
    ['http://example.com#', 'it has a query or fragment'],
  ])('refuses %s', (text, message) => {
    expect(() => parseOrigin(text)).toThrow(message);
  });

  it('never repeats the credentials that it refuses', () => {
    expect(() => parseOrigin('http://me:hunter2@example.com')).toThrow(
      'it holds credentials; leave them out: http://example.com',
    );
  });
});
