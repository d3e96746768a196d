import { describe, expect, it } from 'vitest';
import { redactedTarget } from '../../../src/observe/redaction.ts';

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
    ['/token?a=1', '/token?a=1'],
  ])('shows %s as %s', (target, shown) => {
    expect(redactedTarget(target)).toBe(shown);
  });
});
