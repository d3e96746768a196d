import { describe, expect, it } from 'vitest';
import { redactedTarget } from '../../../src/http/redaction.ts';

describe('redactedTarget', () => {
  it.each([
    ['/a', '/a'],
    ['/a?', '/a?'],
    ['/a?page=2&flag', '/a?page=2&flag'],
    ['/a?token=1', '/a?token=[redacted]'],
    ['/a?x=1&api_key=2&y=3', '/a?x=1&api_key=[redacted]&y=3'],
    ['/a?X-Amz-Signature=a=b', '/a?X-Amz-Signature=[redacted]'],
    ['/a?sig=1&design=2', '/a?sig=[redacted]&design=2'],
    ['/a?Authorization=1', '/a?Authorization=[redacted]'],
    ['/a?client_secret=1&PASSWORD=2&passwd=3', '/a?client_secret=[redacted]&PASSWORD=[redacted]&passwd=[redacted]'],
    ['/a?%74oken=1', '/a?%74oken=[redacted]'],
    ['/a?%zz=1', '/a?%zz=[redacted]'],
    ['/a?code=1&state=2', '/a?code=[redacted]&state=2'],
    ['/a?jwt=1&pwd=2&hmac=3', '/a?jwt=[redacted]&pwd=[redacted]&hmac=[redacted]'],
    ['/a?sid=1&PHPSESSID=2&connect.sid=3', '/a?sid=[redacted]&PHPSESSID=[redacted]&connect.sid=[redacted]'],
    ['/a?zipcode=1&side=2&encoding=3', '/a?zipcode=1&side=2&encoding=3'],
    ['/token?a=1', '/token?a=1'],
  ])('shows %s as %s', (target, shown) => {
    expect(redactedTarget(target)).toBe(shown);
  });
});
