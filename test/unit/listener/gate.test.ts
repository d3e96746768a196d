import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/engine/limits.ts';
import { fieldLines, hasField } from '../../../src/http/fields.ts';
import { type Admitted, gate, type RawHead } from '../../../src/listener/gate.ts';

function head(overrides: Partial<RawHead> = {}): RawHead {
  return {
    method: 'GET',
    target: '/',
    version: '1.1',
    fields: ['Host', 'shop.test'],
    scheme: 'http',
    localAuthority: '127.0.0.1:8080',
    ...overrides,
  };
}

/** A GET for / at shop.test with more field lines. */
function withLines(...lines: string[]): RawHead {
  return head({ fields: ['Host', 'shop.test', ...lines] });
}

function verdict(raw: RawHead): string {
  const gated = gate(raw, defaultLimits);
  return gated.ok ? 'admitted' : gated.error.code;
}

function admitted(raw: RawHead): Admitted {
  const gated = gate(raw, defaultLimits);
  if (!gated.ok) throw gated.error;
  return gated;
}

describe('framing', () => {
  it.each<[string, string[], string]>([
    [
      'Content-Length before Transfer-Encoding',
      ['Content-Length', '3', 'Transfer-Encoding', 'chunked'],
      'REQUEST_FRAMING_INVALID',
    ],
    [
      'Transfer-Encoding before Content-Length',
      ['Transfer-Encoding', 'chunked', 'Content-Length', '3'],
      'REQUEST_FRAMING_INVALID',
    ],
    ['two different lengths', ['Content-Length', '3', 'content-length', '4'], 'REQUEST_FRAMING_INVALID'],
    ['the same length twice', ['Content-Length', '3', 'Content-Length', '3'], 'REQUEST_FRAMING_INVALID'],
    ['two codings lines', ['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked'], 'REQUEST_FRAMING_INVALID'],
    ['gzip, chunked', ['Transfer-Encoding', 'gzip, chunked'], 'REQUEST_CODING_UNSUPPORTED'],
  ])('is refused with %s', (_, lines, code) => {
    expect(verdict(withLines(...lines))).toBe(code);
  });

  it.each(['', '+5', '-1', '0x5', '5 5', '5, 5', '1_0', '5.0', '18446744073709551616', '9007199254740992'])(
    'is refused with Content-Length %j',
    (value) => {
      expect(verdict(withLines('Content-Length', value))).toBe('REQUEST_FRAMING_INVALID');
    },
  );

  it.each([
    'xchunked',
    'identity',
    'chunked, identity',
    ',chunked',
    'chunked,',
    'chunked, chunked',
    'gzip',
    '',
    'chunked;q=1',
  ])('is refused with Transfer-Encoding %j', (value) => {
    expect(verdict(withLines('Transfer-Encoding', value))).toBe('REQUEST_FRAMING_INVALID');
  });

  it('is refused with VT before chunked', () => {
    expect(verdict(withLines('Transfer-Encoding', '\u000bchunked'))).toBe('REQUEST_FIELD_INVALID');
  });

  it('is refused with Transfer-Encoding in HTTP/1.0 (RFC 9112 §6.1)', () => {
    expect(verdict({ ...withLines('Transfer-Encoding', 'chunked'), version: '1.0' })).toBe('REQUEST_FRAMING_INVALID');
  });

  it.each<[string, string[], number | 'chunked']>([
    ['nothing', [], 0],
    ['Content-Length 0', ['Content-Length', '0'], 0],
    ['Content-Length 12', ['content-length', '12'], 12],
    ['chunked', ['Transfer-Encoding', 'Chunked'], 'chunked'],
  ])('says how long the content is for %s', (_, lines, length) => {
    expect(admitted(withLines(...lines)).contentLength).toBe(length);
  });
});

describe('version and method', () => {
  it.each(['0.9', '1.2', '2.0', '3.0', '', '1'])('refuses HTTP/%s', (version) => {
    expect(verdict(head({ version }))).toBe('REQUEST_VERSION_UNSUPPORTED');
  });

  it.each(['CONNECT', 'TRACE'])('does not serve %s', (method) => {
    expect(verdict(head({ method }))).toBe('REQUEST_METHOD_REFUSED');
  });

  it.each(['get', 'Post', 'GE T', 'G\u0000', '', 'GET:'])('refuses the method %j', (method) => {
    expect(verdict(head({ method }))).toBe('REQUEST_MALFORMED');
  });

  it.each(['GET', 'PURGE', 'M-SEARCH', 'X!'])(
    'lets %s pass: what a method means is not for the gate to say',
    (method) => {
      expect(admitted(head({ method })).request.method).toBe(method);
    },
  );
});

describe('Host', () => {
  it.each<[string, string[]]>([
    ['none', []],
    ['two lines', ['Host', 'a', 'Host', 'a']],
    ['two lines in different letter case', ['Host', 'a', 'HOST', 'b']],
    ['a list', ['Host', 'a, b']],
    ['a list without a space', ['Host', 'a,b']],
    ['an empty value', ['Host', '']],
    ['userinfo', ['Host', 'user@a']],
    ['a path', ['Host', 'a/b']],
    ['a port that is none', ['Host', 'a:x']],
    ['port 0', ['Host', 'a:0']],
    ['port 65536', ['Host', 'a:65536']],
    ['two ports', ['Host', 'a:80:80']],
    ['only a port', ['Host', ':80']],
    ['an unfinished address', ['Host', '[::1']],
    ['an address that is none', ['Host', '[1:2]']],
    ['an address without brackets', ['Host', '::1']],
    ['a percent-encoding', ['Host', 'a%2eb']],
    ['a space', ['Host', 'a b']],
    ['obs-text', ['Host', 'caf\u00e9']],
  ])('is refused with %s', (_, fields) => {
    expect(verdict(head({ fields }))).toBe('REQUEST_HOST_INVALID');
  });

  it.each<[string, 'http' | 'https', string]>([
    ['Shop.TEST', 'http', 'shop.test'],
    ['shop.test:80', 'http', 'shop.test'],
    ['shop.test:443', 'https', 'shop.test'],
    ['shop.test:443', 'http', 'shop.test:443'],
    ['shop.test:', 'http', 'shop.test'],
    ['shop.test:08080', 'http', 'shop.test:8080'],
    ['[::1]:80', 'http', '[::1]'],
    ['[FE80::1]', 'http', '[fe80::1]'],
    ['127.0.0.1:3000', 'http', '127.0.0.1:3000'],
    ['my_shop.test.', 'http', 'my_shop.test.'],
  ])('%s over %s is the authority %s (RFC 9110 §4.2.3)', (host, scheme, authority) => {
    expect(admitted(head({ fields: ['Host', host], scheme })).request.authority).toBe(authority);
  });

  it('may be missing in HTTP/1.0, which is then asked for at our own address', () => {
    expect(admitted(head({ version: '1.0', fields: [] })).request.authority).toBe('127.0.0.1:8080');
  });

  it('may not come twice in HTTP/1.0 either', () => {
    expect(verdict(head({ version: '1.0', fields: ['Host', 'a', 'Host', 'b'] }))).toBe('REQUEST_HOST_INVALID');
  });
});

describe('the target', () => {
  it.each([
    '*',
    'b:80',
    'admin',
    '',
    '?x',
    '/a#b',
    '/a?b#c',
    '/a\\b',
    '/a"b',
    '/a<b',
    '/a>b',
    '/a^b',
    '/a{b',
    '/a}b',
    '/a|b',
    '/a`b',
    '/a b',
    '/a?b|c',
    '/caf\u00e9',
    '/a\u0000',
    '/a\u007f',
    '/.',
    '/..',
    '/a/../b',
    '/a/./b',
    '/a/..',
    '/%2e%2e/b',
    '/a/%2E./b',
    '/a/.%2e',
    '/a/..;x=1/b',
    '/static/..%2faccount',
    '/a%2F../b',
    '/a%2f%2e%2e%2fb',
    '/a/.%2F',
    '/100%',
    '/%zz',
    '/%4',
    'ftp://shop.test/',
    'https://shop.test/',
    'http://user@shop.test/',
    'http:///a',
    'http:/shop.test',
    'http://shop.test/a/../b',
  ])('%j is refused', (target) => {
    expect(verdict(head({ target }))).toBe('REQUEST_TARGET_INVALID');
  });

  it.each([
    '/',
    '//',
    '//evil.test/x',
    '/a/b;c=d/e',
    '/a/%2F/b',
    '/a/%00.css',
    '/...',
    '/.well-known/x',
    '/a..b',
    "/a'b(c)*!$&+,;=:@~",
    '/a?b=../../c',
    '/a?q=100%',
    '/a?b[]=1&c[x]=2',
    '/a?',
    '/a??b',
    '/__proto__?constructor=toString',
  ])('%j passes byte for byte', (target) => {
    expect(admitted(head({ target })).request.target).toBe(target);
  });

  it.each([
    ['http://shop.test/a?b', '/a?b'],
    ['HTTP://SHOP.test:80/a', '/a'],
    ['http://shop.test', '/'],
    ['http://shop.test?b', '/?b'],
  ])('%s is taken for %s where Host agrees', (target, path) => {
    expect(admitted(head({ target })).request).toMatchObject({ target: path, authority: 'shop.test' });
  });

  it.each(['http://evil.test/', 'http://shop.test:8080/', 'http://shop.test./'])(
    '%s is refused where Host is another authority',
    (target) => {
      expect(verdict(head({ target }))).toBe('REQUEST_HOST_INVALID');
    },
  );

  it('names the authority where HTTP/1.0 has no Host', () => {
    const { request } = admitted(head({ version: '1.0', fields: [], target: 'http://Shop.test/a' }));
    expect([request.authority, request.target]).toEqual(['shop.test', '/a']);
  });

  it.each(['*', 'http://shop.test'])('%s of OPTIONS is the server as a whole', (target) => {
    expect(admitted(head({ method: 'OPTIONS', target })).request.target).toBe('*');
  });

  it('*/x of OPTIONS is refused', () => {
    expect(verdict(head({ method: 'OPTIONS', target: '*/x' }))).toBe('REQUEST_TARGET_INVALID');
  });
});

describe('fields', () => {
  it.each(['\u0000', '\u0001', '\u000a', '\u000d', '\u001f', '\u007f'])('%j in a value is refused', (character) => {
    expect(verdict(withLines('X', `a${character}b`))).toBe('REQUEST_FIELD_INVALID');
  });

  it('obs-text and HTAB in a value pass byte for byte (RFC 9110 §5.5)', () => {
    expect(fieldLines(admitted(withLines('X', 'caf\u00e9\t\u0080\u00ff')).request.fields, 'x')).toEqual([
      'caf\u00e9\t\u0080\u00ff',
    ]);
  });

  it.each(['', 'a b', 'a:', 'a\u0085', 'a\t', '(a)'])('the name %j is refused', (name) => {
    expect(verdict(withLines(name, 'x'))).toBe('REQUEST_FIELD_INVALID');
  });

  it.each([
    'Content_Length',
    'Transfer_Encoding',
    'CDN_Cache-Control',
    'X_Forwarded_For',
    'X-Forwarded_Host',
    'Cache_Control',
    'If_None_Match',
    'X_HTTP_Method_Override',
  ])('%s imitates a protected name and is refused', (name) => {
    expect(verdict(withLines(name, 'x'))).toBe('REQUEST_FIELD_INVALID');
  });

  it.each(['__proto__', 'constructor', 'toString', 'X_Custom', 'hasOwnProperty'])(
    '%s is a name like any other',
    (name) => {
      expect(hasField(admitted(withLines(name, 'x')).request.fields, name.toLowerCase())).toBe(true);
    },
  );

  it('that Connection makes hop-by-hop are gone before anything is keyed by them', () => {
    const { fields } = admitted(
      withLines('Connection', 'X-Lang, cookie', 'X-Lang', 'de', 'Cookie', 'a=1', 'TE', 'trailers'),
    ).request;
    expect(fields).toEqual(['host', 'shop.test', 'cookie', 'a=1']);
  });
});

describe('sizes', () => {
  it('as many lines as allowed pass, one more is refused', () => {
    const lines = Array.from({ length: defaultLimits.clientFieldLines - 1 }, (_, i) => [`x-${i}`, '1']).flat();
    expect(verdict(withLines(...lines))).toBe('admitted');
    expect(verdict(withLines(...lines, 'Cookie', 'a'))).toBe('REQUEST_HEAD_TOO_LARGE');
  });

  it('a value as long as allowed passes, a longer one is refused', () => {
    const longest = 'a'.repeat(defaultLimits.clientFieldValueBytes);
    expect(verdict(withLines('X', longest))).toBe('admitted');
    expect(verdict(withLines('X', `${longest}a`))).toBe('REQUEST_HEAD_TOO_LARGE');
  });

  it('a head that is too long as a whole is refused', () => {
    const half = 'a'.repeat(defaultLimits.clientFieldValueBytes);
    expect(verdict(withLines('X', half, 'Y', half))).toBe('REQUEST_HEAD_TOO_LARGE');
  });

  it('a target as long as allowed passes, a longer one is refused', () => {
    const target = `/${'a'.repeat(defaultLimits.clientTargetBytes - 1)}`;
    expect(verdict(head({ target }))).toBe('admitted');
    expect(verdict(head({ target: `${target}a` }))).toBe('REQUEST_TARGET_TOO_LONG');
  });
});

describe('Expect', () => {
  it('100-continue is awaited', () => {
    expect(admitted(withLines('Expect', '100-Continue', 'Content-Length', '3')).awaitsContinue).toBe(true);
    expect(admitted(withLines()).awaitsContinue).toBe(false);
  });

  it.each(['y 100-continue', '100-continue, x', '', '200-ok'])('%j can not be met', (value) => {
    expect(verdict(withLines('Expect', value))).toBe('REQUEST_EXPECTATION_FAILED');
  });

  it('means nothing in HTTP/1.0 (RFC 9110 §10.1.1)', () => {
    expect(admitted({ ...withLines('Expect', '100-continue'), version: '1.0' }).awaitsContinue).toBe(false);
  });
});

function encoding(target: string): RawHead {
  return head({ target, encodeTarget: true });
}

describe('a target that is to be encoded', () => {
  it.each([
    ['/a|b', '/a%7Cb'],
    ['/{a}^`b`?q=<"c">', '/%7Ba%7D%5E%60b%60?q=%3C%22c%22%3E'],
    ['/a\\b', '/a%5Cb'],
    ['/a%7Cb', '/a%7Cb'],
    ['/100%25|', '/100%25%7C'],
    ['http://shop.test/a|b', '/a%7Cb'],
  ])('is encoded once: %s', (target, expected) => {
    expect(admitted(encoding(target)).request.target).toBe(expected);
  });

  it.each(['/a#b', '/a b', '/\u00e9', '/a\\..\\b', '/..\\', '/a%5c%2e%2e', 'http://shop|test/'])(
    'is refused as ever: %j',
    (target) => {
      expect(verdict(encoding(target))).toBe('REQUEST_TARGET_INVALID');
    },
  );

  it('is refused without the option, which the error names', () => {
    const gated = gate(head({ target: '/a|b' }), defaultLimits);
    expect(gated.ok ? '' : gated.error.detail).toContain('--encode-target');
  });
});
