import { describe, expect, it } from 'vitest';
import { tailFilter } from '../../../src/admin/tail-filter.ts';
import { aTailRecord } from './fake-parts.ts';

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
    'ms<0.5',
    'status~20',
    'cache=etagere; fwd=uri-miss; detail=set-cookie',
  ])('lets a record pass of which this is so: %s', (filter) => {
    expect(tailFilter([filter])(aTailRecord)).toBe(true);
  });

  it.each(['detail=private', 'detail!=set-cookie', 'url~b', 'url!~a', 'status>200', 'status<200', 'lost>=0', 'lost<1'])(
    'holds back a record of which this is not so: %s',
    (filter) => {
      expect(tailFilter([filter])(aTailRecord)).toBe(false);
    },
  );

  it('wants all of them', () => {
    expect(tailFilter([])(aTailRecord)).toBe(true);
    expect(tailFilter(['hit=false', 'status=200'])(aTailRecord)).toBe(true);
    expect(tailFilter(['hit=false', 'status=304'])(aTailRecord)).toBe(false);
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
    ['url>5', 'filter "url>5" asks whether url is more or less than something; only status, bytes, ms, lost can be'],
    ['hit>0', 'filter "hit>0" must be hit=true, hit=false, hit!=true or hit!=false'],
    ['hit=yes', 'filter "hit=yes" must be hit=true, hit=false, hit!=true or hit!=false'],
    ['hit~r', 'filter "hit~r" must be hit=true'],
  ])('refuses %j', (filter, fault) => {
    expect(() => tailFilter([filter])).toThrow(fault);
  });
});
