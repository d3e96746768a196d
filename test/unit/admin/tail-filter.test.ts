import { describe, expect, it } from 'vitest';
import { tailFilter } from '../../../src/admin/tail-filter.ts';
import { tailWords } from '../../../src/admin/tail-words.ts';
import { aTailRecord } from './fake-parts.ts';

const words = tailWords(['shop', 'default']);

describe('tailFilter', () => {
  it.each([
    'detail=set-cookie',
    'detail!=private',
    'url~a',
    'url!~b',
    'status>=200',
    'status<=200',
    'status>199',
    'status<201',
    'hit=false',
    'hit!=true',
    'error=',
    'lost=',
    'route=',
    'route!=shop',
    'tier=',
    'tier!=disk',
    'detail!=origin-refused',
    'detail!=purge',
    'error!=ORIGIN_REFUSED',
    'fwd!=stale',
    'detail~cook',
    'ms<0.5',
    'status~20',
    'cache=etagere; fwd=uri-miss; detail=set-cookie',
  ])('lets a record pass of which this is so: %s', (filter) => {
    expect(tailFilter([filter], words)(aTailRecord)).toBe(true);
  });

  it.each(['detail=private', 'detail!=set-cookie', 'url~b', 'url!~a', 'status>200', 'status<200', 'lost>=0', 'lost<1'])(
    'holds back a record of which this is not so: %s',
    (filter) => {
      expect(tailFilter([filter], words)(aTailRecord)).toBe(false);
    },
  );

  it('wants all of them', () => {
    expect(tailFilter([], words)(aTailRecord)).toBe(true);
    expect(tailFilter(['hit=false', 'status=200'], words)(aTailRecord)).toBe(true);
    expect(tailFilter(['hit=false', 'status=304'], words)(aTailRecord)).toBe(false);
  });

  it('takes any name of a route where they are not known', () => {
    expect(tailFilter(['route!=nope'], tailWords(undefined))(aTailRecord)).toBe(true);
  });

  it.each([
    ['set-cookie', 'filter "set-cookie" must be like detail=set-cookie, url~/api/ or status>=500'],
    ['', 'filter "" must be like'],
    ['path=/a', 'filter "path=/a" asks for path; there is time, method, url,'],
    ['constructor=1', 'filter "constructor=1" asks for constructor'],
    ['status>=5xx', 'filter "status>=5xx" must compare status with a number, like status>=500'],
    ['status>=', 'filter "status>=" must compare status with a number, like status>=500'],
    ['ms> ', 'filter "ms> " must compare ms with a number, like ms>500'],
    ['ms>Infinity', 'filter "ms>Infinity" must compare ms with a number'],
    ['ms>1e999', 'filter "ms>1e999" must compare ms with a number'],
    ['status=5xx', 'filter "status=5xx" must compare status with a number, like status=500'],
    [
      'url>5',
      'filter "url>5" asks whether url is more or less than something; only status, bytes, ms, elsewhereMs, lost can be',
    ],
    ['hit>0', 'filter "hit>0" must be hit=true, hit=false, hit!=true or hit!=false'],
    ['hit=yes', 'filter "hit=yes" must be hit=true, hit=false, hit!=true or hit!=false'],
    ['route=shpo', 'filter "route=shpo" asks for a route that there is not; did you mean shop?'],
    ['route!=other', 'filter "route!=other" asks for a route that there is not; there is shop, default'],
    ['fwd=vary', 'filter "fwd=vary" asks for a fwd that there is not; there is bypass, method, uri-miss, vary-miss,'],
    ['detail=setcookie', 'filter "detail=setcookie" asks for a detail that there is not; did you mean set-cookie?'],
    ['detail=x', 'there is method, request-content, bypass-rule, '],
    ['error=ORIGIN_REFUSD', 'asks for an error that there is not; did you mean ORIGIN_REFUSED?'],
    ['tier=memory', 'filter "tier=memory" asks for a tier that there is not; there is disk, redis'],
    ['rest=from-orign', 'filter "rest=from-orign" asks for a rest that there is not; did you mean from-origin?'],
    ['hit~r', 'filter "hit~r" must be hit=true'],
  ])('refuses %j', (filter, fault) => {
    expect(() => tailFilter([filter], words)).toThrow(fault);
  });
});
