import { describe, expect, it } from 'vitest';
import { type Access, Doorkeeper } from '../../../src/admin/access.ts';
import type { ErrorCode } from '../../../src/errors.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import { ManualClock } from '../../../src/play/manual-clock.ts';
import { maxWrongTokens } from '../../../src/admin/limits.ts';
import { WrongTokens } from '../../../src/admin/wrong-tokens.ts';

const token = 'correct-horse-battery';

interface Asker {
  readonly host?: string;
  readonly peer?: string;
  readonly access?: Access;
  readonly fields?: Lines;
}

function doorkeeperWith(held: () => string | undefined): Doorkeeper {
  return new Doorkeeper(held, new WrongTokens(new ManualClock(0), () => undefined));
}

function refusal(doorkeeper: Doorkeeper, asker: Asker): ErrorCode | undefined {
  const { host = 'localhost:8081', peer = '127.0.0.1', access = 'guarded', fields = [] } = asker;
  const request = {
    method: 'GET',
    scheme: 'http',
    authority: host,
    target: '/v1/stats',
    version: '1.1',
    fields: fieldsOf(['host', host], ...fields),
  } as const;
  return doorkeeper.refusal(request, peer, access)?.code;
}

type Lines = readonly (readonly [string, string])[];

const crossSite: readonly { readonly lines: Lines }[] = [
  { lines: [['sec-fetch-site', 'cross-site']] },
  { lines: [['sec-fetch-site', 'same-site']] },
  { lines: [['origin', 'https://evil.example']] },
  { lines: [['origin', 'http://localhost:3000']] },
  { lines: [['origin', 'null']] },
  {
    lines: [
      ['sec-fetch-site', 'same-origin'],
      ['origin', 'http://evil.example'],
    ],
  },
];

const sameOrigin: readonly { readonly lines: Lines }[] = [
  { lines: [['sec-fetch-site', 'same-origin']] },
  { lines: [['sec-fetch-site', 'none']] },
  { lines: [['origin', 'http://localhost:8081']] },
  { lines: [['origin', 'https://localhost:8081']] },
];

describe('without a token', () => {
  const doorkeeper = doorkeeperWith(() => undefined);

  it.each(['localhost', 'LOCALHOST:9', 'a.localhost:8081', '127.0.0.1:8081', '127.9.9.9', '[::1]:8081', '[::1]'])(
    'lets in who asks this machine for %s',
    (host) => {
      expect(refusal(doorkeeper, { host })).toBeUndefined();
    },
  );

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1:8081',
    '[2001:db8::1]',
    '0.0.0.0:8081',
  ])('refuses a Host that is no loopback name, as after DNS rebinding: %s', (host) => {
    expect(refusal(doorkeeper, { host })).toBe('ADMIN_HOST_REFUSED');
    expect(refusal(doorkeeper, { host, access: 'page' })).toBe('ADMIN_HOST_REFUSED');
  });

  it.each(['::1', '::ffff:127.0.0.1', '127.8.8.8'])('takes the peer %s for this machine', (peer) => {
    expect(refusal(doorkeeper, { peer })).toBeUndefined();
  });

  it.each(['10.0.0.1', '2001:db8::1', '::ffff:10.0.0.1', ''])('refuses the peer %j', (peer) => {
    expect(refusal(doorkeeper, { peer })).toBe('ADMIN_CLIENT_REFUSED');
  });

  it.each(['via', 'forwarded', 'x-forwarded-for', 'x-real-ip'])(
    'refuses what a proxy brings, who says so by %s',
    (name) => {
      expect(refusal(doorkeeper, { fields: [[name, '1.1 proxy']] })).toBe('ADMIN_CLIENT_REFUSED');
    },
  );

  it('lets anyone probe', () => {
    expect(refusal(doorkeeper, { access: 'open', peer: '10.0.0.1', host: 'pod' })).toBeUndefined();
  });
});

describe('with a token', () => {
  const doorkeeper = doorkeeperWith(() => token);

  it.each([`Bearer ${token}`, `bearer  ${token}`])('lets in who has it, from wherever: %s', (authorization) => {
    const fields = [['authorization', authorization]] as const;
    expect(refusal(doorkeeper, { peer: '10.0.0.1', host: 'cache.example', fields })).toBeUndefined();
  });

  it.each([
    '',
    token,
    'Bearer',
    `Bearer ${token}x`,
    `Bearer ${token.slice(0, -1)}`,
    `Bearer ${token.toUpperCase()}`,
    `Basic ${token}`,
    `Bearer ${token}, Bearer x`,
  ])('refuses any other Authorization, also on this machine: %j', (authorization) => {
    expect(refusal(doorkeeper, { fields: [['authorization', authorization]] })).toBe('ADMIN_TOKEN_REQUIRED');
  });

  it('refuses who says nothing, or says it twice', () => {
    const twice = [
      ['authorization', `Bearer ${token}`],
      ['authorization', `Bearer ${token}`],
    ] as const;
    expect(refusal(doorkeeper, {})).toBe('ADMIN_TOKEN_REQUIRED');
    expect(refusal(doorkeeper, { fields: twice })).toBe('ADMIN_TOKEN_REQUIRED');
  });

  it('takes another token from when it is another', () => {
    let current = token;
    const keeper = doorkeeperWith(() => current);
    const fields = [['authorization', `Bearer ${token}`]] as const;
    expect(refusal(keeper, { fields })).toBeUndefined();
    current = `${token}-2`;
    expect(refusal(keeper, { fields })).toBe('ADMIN_TOKEN_REQUIRED');
  });

  it('tells a peer to wait that has sent too many wrong ones, and lets in who has the right one, from there too', () => {
    const keeper = doorkeeperWith(() => token);
    const [wrong = [], right = []] = ['nonsense', token].map((sent) => [['authorization', `Bearer ${sent}`]] as const);
    for (let i = 0; i < maxWrongTokens; i++) {
      expect(refusal(keeper, {})).toBe('ADMIN_TOKEN_REQUIRED');
      expect(refusal(keeper, { fields: wrong })).toBe('ADMIN_TOKEN_REQUIRED');
    }
    expect(refusal(keeper, { fields: wrong })).toBe('ADMIN_TOKEN_TRIES');
    expect(refusal(keeper, { fields: right })).toBeUndefined();
    expect(refusal(keeper, { fields: wrong })).toBe('ADMIN_TOKEN_TRIES');
    expect(refusal(keeper, {})).toBe('ADMIN_TOKEN_REQUIRED');
    expect(refusal(keeper, { fields: wrong, peer: '10.0.0.9' })).toBe('ADMIN_TOKEN_REQUIRED');
  });

  it('gives the page to anyone, as a browser can not send it before it has the page', () => {
    expect(refusal(doorkeeper, { access: 'page', peer: '10.0.0.1', host: 'cache.example' })).toBeUndefined();
  });
});

describe.each([undefined, token])('with the token %s, a browser', (held) => {
  const doorkeeper = doorkeeperWith(() => held);
  const authorization = [['authorization', `Bearer ${token}`]] as const;

  it.each(crossSite)('may not ask for a page of another origin: $lines', ({ lines }) => {
    expect(refusal(doorkeeper, { fields: [...lines, ...authorization] })).toBe('ADMIN_CROSS_SITE');
    expect(refusal(doorkeeper, { fields: lines, access: 'page' })).toBe('ADMIN_CROSS_SITE');
  });

  it.each(sameOrigin)('may ask for our own page, or for its user: $lines', ({ lines }) => {
    expect(refusal(doorkeeper, { fields: [...lines, ...authorization] })).toBeUndefined();
  });

  it('may follow a link to the page, and to nothing else', () => {
    const navigation = [
      ['sec-fetch-site', 'cross-site'],
      ['sec-fetch-mode', 'navigate'],
      ['sec-fetch-dest', 'document'],
    ] as const;
    expect(refusal(doorkeeper, { fields: navigation, access: 'page' })).toBeUndefined();
    expect(refusal(doorkeeper, { fields: [...navigation, ...authorization] })).toBe('ADMIN_CROSS_SITE');
    const framed = [navigation[0], navigation[1], ['sec-fetch-dest', 'iframe']] as const;
    expect(refusal(doorkeeper, { fields: framed, access: 'page' })).toBe('ADMIN_CROSS_SITE');
  });
});
