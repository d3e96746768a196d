import { describe, expect, it } from 'vitest';
import { isProtectedField } from '../../../src/http/protected-fields.ts';

describe('a protected field', () => {
  it.each([
    'host',
    'transfer-encoding',
    'content-length',
    'content-type',
    'authorization',
    'cookie',
    'set-cookie',
    'x-forwarded-host',
    'x-original-url',
    'x-http-method-override',
    'if-none-match',
    'if-range',
    'accept',
    'accept-encoding',
    'cache-control',
    'cdn-cache-control',
    'vary',
    'no-vary-search',
    'cache-groups',
    'cache-group-invalidation',
    'surrogate-key',
    'cache-tag',
    'xkey',
    'sec-fetch-site',
  ])('is %s', (name) => {
    expect(isProtectedField(name)).toBe(true);
  });

  it.each([
    'x-foo',
    'x-cookie',
    'close',
    'keep-alive',
    'cache',
    'x-cache-control-hint',
    '__proto__',
    'constructor',
    '',
  ])('is not %j', (name) => {
    expect(isProtectedField(name)).toBe(false);
  });
});
