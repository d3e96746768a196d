import { describe, expect, it } from 'vitest';
import type { RequestHead } from '../../../src/http/message.ts';
import { cacheKey } from '../../../src/key/cache-key.ts';
import { invalidatedKeys } from '../../../src/policy/invalidation.ts';
import { answer, get, type Line } from './messages.ts';

const request = (method: string): RequestHead => ({ ...get(), method });
/** The targets whose keys become invalid. */
function invalidated(method: string, status: number, ...lines: readonly Line[]): string[] {
  const prefix = cacheKey({ ...get(), target: '' });
  return invalidatedKeys(request(method), answer(status, ...lines), (head) => head).map((key) =>
    key.slice(prefix.length),
  );
}

describe('what a response makes invalid (RFC 9111 §4.4)', () => {
  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'FROBNICATE', 'get'])('is the target of %s', (method) => {
    for (const status of [200, 201, 204, 299, 301, 303, 304]) expect(invalidated(method, status)).toEqual(['/a']);
  });

  it.each(['GET', 'HEAD', 'OPTIONS', 'TRACE'])('is nothing for %s', (method) => {
    expect(invalidated(method, 200, ['location', '/b'])).toEqual([]);
  });

  it.each([100, 199, 400, 404, 412, 500, 503])('is nothing after %d', (status) => {
    expect(invalidated('POST', status, ['location', '/b'])).toEqual([]);
  });

  it('is what Location and Content-Location name at the same origin as well', () => {
    expect(invalidated('POST', 201, ['location', 'b'], ['content-location', 'http://shop.test:80/c?d'])).toEqual([
      '/a',
      '/b',
      '/c?d',
    ]);
  });

  it('is every URI once', () => {
    expect(invalidated('PUT', 200, ['location', '/a#x'], ['content-location', './a'])).toEqual(['/a']);
  });

  it.each([
    'http://other.test/b',
    'https://shop.test/b',
    'http://shop.test:81/b',
    '//other.test/b',
    'http://u@shop.test/b',
    'http://[',
  ])('is never at another origin: %s', (reference) => {
    const lines: readonly Line[] = [
      ['location', reference],
      ['content-location', reference],
    ];
    expect(invalidated('POST', 200, ...lines)).toEqual(['/a']);
  });
});
