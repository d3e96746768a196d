import { describe, expect, it } from 'vitest';
import { assertNever, hasContent, isIdempotent, isSafe } from '../../../src/http/message.ts';

describe('methods (RFC 9110 §9.2)', () => {
  it.each([
    ['GET', true, true],
    ['HEAD', true, true],
    ['OPTIONS', true, true],
    ['TRACE', true, true],
    ['PUT', false, true],
    ['DELETE', false, true],
    ['POST', false, false],
    ['PATCH', false, false],
    ['CONNECT', false, false],
    ['FROBNICATE', false, false],
    ['get', false, false],
  ])('%s is safe: %s, idempotent: %s', (method, safe, idempotent) => {
    expect(isSafe(method)).toBe(safe);
    expect(isIdempotent(method)).toBe(idempotent);
  });
});

describe('whether a response has content (RFC 9110 §6.4.1)', () => {
  it.each([
    ['GET', 200, true],
    ['POST', 404, true],
    ['GET', 304, false],
    ['GET', 204, false],
    ['GET', 103, false],
    ['HEAD', 200, false],
    ['HEAD', 404, false],
  ])('%s %d: %s', (method, status, content) => {
    expect(hasContent(method, status)).toBe(content);
  });
});

it('assertNever says what it did not expect', () => {
  expect(() => assertNever('else' as never)).toThrow('unexpected "else"');
});
