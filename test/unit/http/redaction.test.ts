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
    ['/a;jsessionid=1/b;v=2?x=3', '/a;jsessionid=[redacted]/b;v=2?x=3'],
    ['/a?x=1;token=2;y=3', '/a?x=1;token=[redacted];y=3'],
    ['/a?token=1?2/3;4&y=5', '/a?token=[redacted]&y=5'],
    ['/a?next=/b?token=1&y=2', '/a?next=/b?token=[redacted]&y=2'],
    ['/a?next=%2fb%3ftoken%3d1%2526%26y%3d2&z=3', '/a?next=%2fb%3ftoken%3d[redacted]%26y%3d2&z=3'],
    ['/a?next=%2Fb%3Bjsessionid%3D1%2Fc', '/a?next=%2Fb%3Bjsessionid%3D[redacted]%2Fc'],
    ['https://a.test/in#state=1&access_token=2', 'https://a.test/in#state=1&access_token=[redacted]'],
    ['</a?b=1&sig=2>; rel=next, </c?key=3>', '</a?b=1&sig=[redacted]>; rel=next, </c?key=[redacted]>'],
    ['/a?%zztoken', '/a?%zztoken'],
  ])('shows %s as %s', (target, shown) => {
    expect(redactedTarget(target)).toBe(shown);
  });

  it('takes no longer than a text is long, whatever it is made of', () => {
    for (const piece of ['?a', '?a=', ';', '%3F', '%3Fa%3D', '&token', '?token=a;', '%2']) {
      expect(redactedTarget(`/token${piece.repeat(200_000)}`)).toMatch(/^\/token/);
    }
  });
});
