import { parseList } from 'structured-headers';
import { describe, expect, it } from 'vitest';
import { type CacheStatus, cacheStatusMember, forwardReasons, toldStatus } from '../../../src/http/cache-status.ts';

const everything: CacheStatus = {
  hit: false,
  fwd: 'stale',
  fwdStatus: 304,
  stored: true,
  collapsed: true,
  ttl: -5,
  detail: 'request-no-cache',
};

describe('our member of Cache-Status (RFC 9211 §2)', () => {
  it.each([
    [{ hit: true }, 'etagere; hit'],
    [{ hit: true, ttl: 0 }, 'etagere; hit; ttl=0'],
    [{ hit: false }, 'etagere'],
    [{ hit: false, fwd: 'uri-miss', stored: true }, 'etagere; fwd=uri-miss; stored'],
    [{ hit: false, fwd: 'uri-miss', stored: false, collapsed: false }, 'etagere; fwd=uri-miss'],
    [everything, 'etagere; fwd=stale; fwd-status=304; ttl=-5; stored; collapsed; detail=request-no-cache'],
  ] as const)('%j is %s', (status, member) => {
    expect(cacheStatusMember('etagere', status)).toBe(member);
  });

  it('is a list member of RFC 9651 whose parameters say the same again', () => {
    const [member] = parseList(cacheStatusMember('etagere', everything));
    const parameters = [...(member?.[1] ?? [])].map(([name, value]) => `${name}=${String(value)}`);
    expect(parameters).toEqual([
      'fwd=stale',
      'fwd-status=304',
      'ttl=-5',
      'stored=true',
      'collapsed=true',
      'detail=request-no-cache',
    ]);
  });

  it('knows every reason of RFC 9211 §2.2', () => {
    expect(forwardReasons.map((fwd) => cacheStatusMember('etagere', { hit: false, fwd }))).toEqual(
      ['bypass', 'method', 'uri-miss', 'vary-miss', 'miss', 'request', 'stale', 'partial'].map(
        (fwd) => `etagere; fwd=${fwd}`,
      ),
    );
  });

  it.each([
    ['full', everything, everything],
    ['brief', everything, { hit: false, fwd: 'stale' }],
    ['brief', { hit: true, ttl: 5, detail: 'stale-while-revalidate' }, { hit: true }],
    ['brief', { hit: false, detail: 'purge' }, { hit: false }],
    ['off', everything, undefined],
  ] as const)('is told as far as %s', (mode, status, told) => {
    expect(toldStatus(status, mode)).toEqual(told);
  });
});
