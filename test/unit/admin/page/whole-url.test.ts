import { describe, expect, it } from 'vitest';
import { missingOf } from '../../../../src/admin/page/whole-url.ts';
import { redactedTarget } from '../../../../src/http/redaction.ts';

describe('missingOf', () => {
  it('tells a URL that is shortened, or has a secret left out, from a whole one', () => {
    expect(missingOf('http://a/b…')).toMatch(/^Shortened here/);
    expect(missingOf(`http://a${redactedTarget('/b?token=t0p&c=d')}`)).toBe('A secret is left out of its URL.');
    expect(missingOf('http://a/b?c=d')).toBeUndefined();
  });
});
