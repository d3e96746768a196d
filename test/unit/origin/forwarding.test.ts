import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eachField, fieldLines, type Fields, fieldsOf, fieldValue, hasField } from '../../../src/http/fields.ts';
import type { RequestHead } from '../../../src/http/message.ts';
import {
  believedRequest,
  type ForwardingConfig,
  forwardedFields,
  isLoop,
  receivedFields,
  type Trust,
  withVia,
} from '../../../src/origin/forwarding.ts';

const config: ForwardingConfig & Trust = {
  originAuthority: 'origin.test:3000',
  preserveHost: false,
  viaName: 'etagere-1f2e3d',
  trusts: (peer) => peer === '10.0.0.1',
};

function request(...lines: (readonly [string, string])[]): RequestHead {
  return {
    method: 'GET',
    scheme: 'http',
    authority: 'shop.test',
    target: '/',
    version: '1.1',
    fields: fieldsOf(['Host', 'shop.test'], ...lines),
  };
}

function forwarded(head: RequestHead, peer = '192.0.2.7', overrides: Partial<ForwardingConfig> = {}): Fields {
  return forwardedFields(believedRequest(head, peer, config), peer, { ...config, ...overrides });
}

describe('what Connection does to a request', () => {
  it('removes the hop-by-hop fields, named or not', () => {
    const fields = forwarded(
      request(
        ['Keep-Alive', 'timeout=5'],
        ['Proxy-Connection', 'keep-alive'],
        ['Proxy-Authorization', 'Basic eA=='],
        ['Proxy-Authenticate', 'Basic'],
        ['TE', 'trailers'],
        ['Trailer', 'x'],
        ['Transfer-Encoding', 'chunked'],
        ['Upgrade', 'h2c'],
        ['Accept', 'text/html'],
      ),
    );
    const names = [...eachField(fields)].map(([name]) => name);
    expect(names).toEqual([
      'host',
      'accept',
      'via',
      'forwarded',
      'x-forwarded-for',
      'x-forwarded-host',
      'x-forwarded-proto',
    ]);
  });

  it('removes what Connection names, in any letter case and on any of its lines', () => {
    const fields = forwarded(
      request(
        ['Connection', 'X-Foo, KEEP-alive'],
        ['connection', 'x-BAR'],
        ['x-foo', '1'],
        ['X-Bar', '2'],
        ['X-Baz', '3'],
      ),
    );
    expect(hasField(fields, 'x-foo')).toBe(false);
    expect(hasField(fields, 'x-bar')).toBe(false);
    expect(fieldValue(fields, 'x-baz')).toBe('3');
  });

  it.each([
    'authorization',
    'cookie',
    'cache-control',
    'content-type',
    'content-length',
    'range',
    'if-none-match',
    'accept-language',
  ])('keeps %s even if Connection names it', (name) => {
    const fields = forwarded(request(['Connection', `close, ${name}`], [name, 'kept']));
    expect(fieldValue(fields, name)).toBe('kept');
  });

  it.each(['host', 'via', 'forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'])(
    'writes %s even if Connection names it',
    (name) => {
      expect(fieldLines(forwarded(request(['Connection', name])), name)).toHaveLength(1);
    },
  );

  it('takes names of object properties for names like any other', () => {
    const fields = forwarded(request(['Connection', '__proto__, constructor'], ['__proto__', '1'], ['toString', '2']));
    expect(hasField(fields, '__proto__')).toBe(false);
    expect(fieldValue(fields, 'tostring')).toBe('2');
  });

  it('never lets a field pass that Connection names and that is not protected', () => {
    const name = fc.stringMatching(/^x-[a-z]{1,8}$/).filter((text) => !text.startsWith('x-forwarded-'));
    fc.assert(
      fc.property(fc.array(name, { maxLength: 6 }), fc.array(name, { maxLength: 6 }), (named, present) => {
        const head = request(['Connection', named.join(' , ').toUpperCase()], ...present.map((n) => [n, 'v'] as const));
        const fields = forwarded(head);
        for (const n of present) expect(hasField(fields, n)).toBe(!named.includes(n));
      }),
    );
  });
});

const believed = (head: RequestHead, peer = '192.0.2.7'): RequestHead => believedRequest(head, peer, config);

describe('who is believed', () => {
  const claims = [
    'Forwarded',
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'X-Forwarded-Proto',
    'X-Forwarded-Port',
    'X-Forwarded-Prefix',
    'X-Real-IP',
  ];
  const disguises = ['X-Original-URL', 'X-Rewrite-URL', 'X-HTTP-Method', 'X-HTTP-Method-Override', 'X-Method-Override'];

  it.each([...claims, ...disguises])('takes %s from an untrusted peer, for the key as for the origin', (name) => {
    expect(believed(request([name, 'canary'])).fields).toEqual(request().fields);
    expect(forwarded(request([name, 'canary']))).toEqual(forwarded(request()));
  });

  it.each([...disguises, 'X-Forwarded-Host', 'X-Forwarded-Proto'])('takes %s from a trusted peer, too', (name) => {
    expect(believed(request([name, 'canary']), '10.0.0.1').fields).toEqual(request().fields);
  });

  it('gives the same list of fields for the same list, and the very same where nothing has to go', () => {
    const [plain, claiming] = [
      request(['X-A', '1']),
      request(['X-Forwarded-User', 'alice'], ['X-Forwarded-Host', 'a']),
    ];
    expect(believed(plain)).toBe(plain);
    expect(believed(plain, '10.0.0.1')).toBe(plain);
    for (const peer of ['192.0.2.7', '10.0.0.1'])
      expect(believed({ ...claiming }, peer).fields).toBe(believed({ ...claiming }, peer).fields);
    expect(believed(claiming).fields).toEqual(request().fields);
    expect(believed(claiming, '10.0.0.1').fields).toEqual(request(['X-Forwarded-User', 'alice']).fields);
  });

  it('appends to what a trusted peer says of the client', () => {
    const fields = forwarded(
      request(['Forwarded', 'for=198.51.100.1'], ['X-Forwarded-For', '198.51.100.1'], ['X-Real-IP', '198.51.100.1']),
      '10.0.0.1',
    );
    expect(fieldLines(fields, 'forwarded')).toEqual(['for=198.51.100.1, for=10.0.0.1;host=shop.test;proto=http']);
    expect(fieldLines(fields, 'x-forwarded-for')).toEqual(['198.51.100.1, 10.0.0.1']);
    expect(fieldValue(fields, 'x-real-ip')).toBe('198.51.100.1');
  });

  it.each([
    ['for=198.51.100.1;host=evil.test;proto=https', 'for=198.51.100.1, '],
    ['For="[2001:db8::1]:80" ; BY=_proxy;secret=1, for=unknown', 'For="[2001:db8::1]:80";BY=_proxy, for=unknown, '],
    ['host=evil.test', ''],
    ['for="a;host=b, c", for=d', 'for="a;host=b, c", for=d, '],
    ['for="never closed', ''],
    ['for="never closed\\', ''],
    ['for=a b', ''],
    ['', ''],
  ])('passes on of a trusted Forwarded %s only addresses (RFC 7239 §5)', (value, before) => {
    const fields = forwarded(request(['Forwarded', value]), '10.0.0.1');
    expect(fieldLines(fields, 'forwarded')).toEqual([`${before}for=10.0.0.1;host=shop.test;proto=http`]);
  });

  it('reads a hostile Forwarded in linear time', () => {
    const fields = forwarded(request(['Forwarded', `for="${'\\'.repeat(50_001)}`]), '10.0.0.1');
    expect(fieldLines(fields, 'forwarded')).toEqual(['for=10.0.0.1;host=shop.test;proto=http']);
  });

  it('sends the authority and scheme of the key, whatever even a trusted peer says', () => {
    const fields = forwarded(request(['X-Forwarded-Host', 'evil.test'], ['X-Forwarded-Proto', 'https']), '10.0.0.1');
    expect(fieldLines(fields, 'x-forwarded-host')).toEqual(['shop.test']);
    expect(fieldLines(fields, 'x-forwarded-proto')).toEqual(['http']);
  });
});

describe('what is written', () => {
  it('sends the authority of the origin as the one Host', () => {
    expect(fieldLines(forwarded(request()), 'host')).toEqual(['origin.test:3000']);
  });

  it('sends the authority that the client asked for where Host is preserved', () => {
    expect(fieldLines(forwarded(request(), '192.0.2.7', { preserveHost: true }), 'host')).toEqual(['shop.test']);
  });

  it('names the client, the authority and the scheme (RFC 7239)', () => {
    const fields = forwarded(request());
    expect(fieldValue(fields, 'forwarded')).toBe('for=192.0.2.7;host=shop.test;proto=http');
    expect(fieldValue(fields, 'x-forwarded-for')).toBe('192.0.2.7');
  });

  it('quotes an IPv6 address and an authority with a port (RFC 7239 §6)', () => {
    const fields = forwarded({ ...request(), authority: 'shop.test:8080' }, '2001:db8::1%eth0');
    expect(fieldValue(fields, 'forwarded')).toBe('for="[2001:db8::1]";host="shop.test:8080";proto=http');
    expect(fieldValue(fields, 'x-forwarded-for')).toBe('2001:db8::1');
  });

  it('shows an IPv4 peer of a dual-stack socket as IPv4', () => {
    expect(fieldValue(forwarded(request(), '::ffff:192.0.2.7'), 'forwarded')).toContain('for=192.0.2.7;');
  });

  it('says unknown where there is no address', () => {
    expect(fieldValue(forwarded(request(), ''), 'forwarded')).toContain('for=unknown;');
    expect(fieldValue(forwarded(request(), ''), 'x-forwarded-for')).toBe('unknown');
  });

  it('appends to Via, with the version that was received', () => {
    expect(fieldLines(forwarded(request(['Via', '1.1 a'], ['Via', '1.1 b'])), 'via')).toEqual([
      '1.1 a, 1.1 b, 1.1 etagere-1f2e3d',
    ]);
    expect(fieldValue(forwarded({ ...request(), version: '1.0' }), 'via')).toBe('1.0 etagere-1f2e3d');
  });

  it('keeps Content-Length and drops Expect', () => {
    const fields = forwarded(request(['Content-Length', '3'], ['Expect', '100-continue']));
    expect(fieldValue(fields, 'content-length')).toBe('3');
    expect(hasField(fields, 'expect')).toBe(false);
  });

  it.each([
    ['7', '6'],
    ['1', '0'],
    ['9'.repeat(400), '9007199254740990'],
    ['-1', '-1'],
    ['1.5', '1.5'],
    ['', ''],
  ])('sends Max-Forwards %j of OPTIONS as %j (RFC 9110 §7.6.2)', (value, sent) => {
    const options = { ...request(['Connection', 'max-forwards'], ['Max-Forwards', value]), method: 'OPTIONS' };
    expect(fieldLines(forwarded(options), 'max-forwards')).toEqual([sent]);
  });

  it('leaves Max-Forwards of other methods alone, and writes none', () => {
    expect(fieldLines(forwarded(request(['Max-Forwards', '7'])), 'max-forwards')).toEqual(['7']);
    expect(hasField(forwarded({ ...request(), method: 'OPTIONS' }), 'max-forwards')).toBe(false);
  });

  it('is the same list for the same fields of the same peer', () => {
    const head = request(['Accept', '*/*']);
    const again = { ...head, target: '/other' };
    expect(forwardedFields(again, '192.0.2.7', config)).toBe(forwardedFields(head, '192.0.2.7', config));
  });

  it.each<[string, Partial<RequestHead>, string, Partial<ForwardingConfig>, string, string]>([
    ['peer', {}, '192.0.2.8', {}, 'x-forwarded-for', '192.0.2.8'],
    ['authority', { authority: 'other.test' }, '192.0.2.7', {}, 'x-forwarded-host', 'other.test'],
    ['scheme', { scheme: 'https' }, '192.0.2.7', {}, 'x-forwarded-proto', 'https'],
    ['version', { version: '1.0' }, '192.0.2.7', {}, 'via', '1.0 etagere-1f2e3d'],
    ['name of ours', {}, '192.0.2.7', { viaName: 'other' }, 'via', '1.1 other'],
    ['count of forwardings', { method: 'OPTIONS' }, '192.0.2.7', {}, 'max-forwards', '4'],
  ])('is told apart by the %s, whatever the same fields were forwarded as before', (...row) => {
    const [, other, peer, overrides, name, value] = row;
    const head = request(['Max-Forwards', '5']);
    const before = forwardedFields(head, '192.0.2.7', config);
    expect(fieldLines(forwardedFields({ ...head, ...other }, peer, { ...config, ...overrides }), name)).toEqual([
      value,
    ]);
    expect(forwardedFields(head, '192.0.2.7', config)).toEqual(before);
  });

  it('keeps several lines of a field and their order', () => {
    expect(fieldLines(forwarded(request(['X-A', '1'], ['X-A', '2'])), 'x-a')).toEqual(['1', '2']);
  });
});

/** What is taken from a 200 with these fields. */
function received(...lines: (readonly [string, string])[]): Fields {
  return receivedFields({ status: 200, fields: fieldsOf(...lines) });
}

describe('what is taken from a response', () => {
  it('drops hop-by-hop fields, those that Connection names, and challenges to a proxy', () => {
    const fields = received(
      ['Connection', 'close, X-Foo'],
      ['X-Foo', '1'],
      ['Keep-Alive', 'timeout=5'],
      ['Transfer-Encoding', 'chunked'],
      ['Trailer', 'x'],
      ['Upgrade', 'h2c'],
      ['Proxy-Authenticate', 'Basic'],
      ['Proxy-Authentication-Info', 'x'],
      ['Content-Length', '3'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    );
    expect(fields).toEqual(fieldsOf(['content-length', '3'], ['set-cookie', 'a=1'], ['set-cookie', 'b=2']));
  });

  it.each(['cache-control', 'cdn-cache-control', 'vary', 'set-cookie', 'expires', 'etag'])(
    'keeps %s even if Connection names it',
    (name) => {
      expect(fieldValue(received(['Connection', name], [name, 'kept']), name)).toBe('kept');
    },
  );

  it.each([100, 103, 204])('has no Content-Length in a %d (RFC 9110 §8.6)', (status) => {
    const fields = fieldsOf(['Content-Length', '5'], ['X-A', '1']);
    expect(receivedFields({ status, fields })).toEqual(fieldsOf(['x-a', '1']));
  });

  it.each([200, 205, 304])('keeps Content-Length in a %d', (status) => {
    const fields = fieldsOf(['Content-Length', '0']);
    expect(receivedFields({ status, fields })).toEqual(fields);
  });

  it('reads a hostile Connection field in linear time', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `x-${i}`);
    const fields = received(['connection', names.join(',')], ...names.map((name) => [name, '1'] as const));
    expect(fields).toHaveLength(0);
  });

  it('adds our element to Via on the way to the client', () => {
    expect(fieldLines(withVia(fieldsOf(['via', '1.1 a']), 'me'), 'via')).toEqual(['1.1 a, 1.1 me']);
    expect(fieldLines(withVia(fieldsOf(), 'me'), 'via')).toEqual(['1.1 me']);
  });
});

describe('loops', () => {
  it.each([
    '1.1 etagere-1f2e3d',
    '1.0 fred, 1.1 ETAGERE-1F2E3D',
    'HTTP/1.1   etagere-1f2e3d (a comment, with a comma)',
    '1.1 x (a (nested\\) comment), here), 1.1 etagere-1f2e3d',
    '1.1 x (never closed, 1.1 etagere-1f2e3d',
    '1.1 "x, 1.1 etagere-1f2e3d',
  ])('finds our name in %s', (via) => {
    expect(isLoop(request(['Via', via]), config)).toBe(true);
  });

  it.each(['1.1 other', '1.1 x (1.1 etagere-1f2e3d)', '1.1 x (a, 1.1 etagere-1f2e3d, b)', 'etagere-1f2e3d', ''])(
    'finds no loop in %s',
    (via) => {
      expect(isLoop(request(['Via', via]), config)).toBe(false);
    },
  );

  it('finds our name on a later line', () => {
    expect(isLoop(request(['Via', '1.1 x'], ['Via', '1.1 etagere-1f2e3d']), config)).toBe(true);
  });

  it('recognises what it wrote itself, whatever stood in Via before', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '(', ')', '"', '\\', ',', ' '), maxLength: 12 }), (via) => {
        expect(isLoop({ ...request(), fields: forwarded(request(['Via', via])) }, config)).toBe(true);
      }),
    );
  });
});
