import { fieldLines } from '../http/fields.ts';
import { isSafe, type RequestHead, type ResponseHead } from '../http/message.ts';
import { type CacheKey, cacheKey, sameOriginKey } from '../key/cache-key.ts';
import { isNonError } from './status.ts';

/**
 * RFC 9111 §4.4: the keys that a response to an unsafe request makes invalid: its target's, and those that Location and Content-Location name
 * at the same origin. Empty for safe methods and error responses.
 */
export function invalidatedKeys(request: RequestHead, response: ResponseHead): readonly CacheKey[] {
  if (isSafe(request.method) || !isNonError(response.status)) return [];
  const keys = new Set<CacheKey>([cacheKey(request)]);
  for (const name of ['location', 'content-location']) {
    const reference = fieldLines(response.fields, name)[0];
    const key = reference === undefined ? undefined : sameOriginKey(reference, request);
    if (key !== undefined) keys.add(key);
  }
  return [...keys];
}
