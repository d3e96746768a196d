import { describe, expect, it } from 'vitest';
import { isBearerToken } from '../../../src/http/bearer.ts';

describe('isBearerToken', () => {
  it.each(['a', 'Az09-._~+/', 'YWJj==', '0123456789abcdef'])('takes %s', (token) => {
    expect(isBearerToken(token)).toBe(true);
  });

  it.each(['', ' a', 'a b', 'a,b', 'a=b', '=', 'tökën', 'a\u2026', 'a\n', '😀'])('refuses %j', (text) => {
    expect(isBearerToken(text)).toBe(false);
  });
});
