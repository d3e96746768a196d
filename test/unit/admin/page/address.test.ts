import { describe, expect, it } from 'vitest';
import { addressOf, readAddress } from '../../../../src/admin/page/address.ts';

describe('the address of a view', () => {
  it('is its name where there is nothing more to say', () => {
    expect(addressOf('shelf', { match: '' })).toBe('#shelf');
  });

  it('gives back whatever was put in', () => {
    const url = 'http://a/<img src=x>?b=1&c=é#?d';
    const { name, parameters } = readAddress(addressOf('explain', { url, header: 'a: 1\nb: 2' }));
    expect([name, parameters.get('url'), parameters.get('header')]).toEqual(['explain', url, 'a: 1\nb: 2']);
  });

  it('may be empty', () => {
    expect(readAddress('').name).toBe('');
  });
});
