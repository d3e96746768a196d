import { describe, expect, it } from 'vitest';
import { trustedPeers } from '../../../src/config/trusted-peers.ts';

describe('trustedPeers', () => {
  it('trusts nobody when no network is given', () => {
    expect(trustedPeers([])('127.0.0.1')).toBe(false);
  });

  it('trusts the addresses and networks that are given, and no others', () => {
    const trusts = trustedPeers(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32']);
    expect(trusts('10.200.3.4')).toBe(true);
    expect(trusts('11.0.0.1')).toBe(false);
    expect(trusts('192.0.2.1')).toBe(true);
    expect(trusts('192.0.2.2')).toBe(false);
    expect(trusts('2001:db8::7')).toBe(true);
    expect(trusts('2001:db9::7')).toBe(false);
  });

  it('knows an IPv4 peer on a dual-stack socket', () => {
    const trusts = trustedPeers(['10.0.0.0/8']);
    expect(trusts('::ffff:10.0.0.1')).toBe(true);
    expect(trusts('::FFFF:10.0.0.1')).toBe(true);
    expect(trusts('::ffff:11.0.0.1')).toBe(false);
  });

  it('does not trust what is no address', () => {
    const trusts = trustedPeers(['0.0.0.0/0']);
    expect(trusts('')).toBe(false);
    expect(trusts('localhost')).toBe(false);
    expect(trusts('1.2.3.4')).toBe(true);
  });

  it.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::1/129', 'example.com', '', '10.0.0.0/x'])(
    'refuses the network "%s"',
    (network) => {
      expect(() => trustedPeers([network])).toThrow('is not a network; write an address or a range');
    },
  );
});
