import { fieldLines } from '../http/fields.ts';
import { isSafe, type RequestHead, type ResponseHead } from '../http/message.ts';
import { type CacheKey, cacheKey, sameOriginTarget } from '../key/cache-key.ts';
import { isNonError } from './status.ts';

/**
 * RFC 9111 §4.4: the keys that a response to an unsafe request makes invalid: its target's, and those that Location and Content-Location name
 * at the same origin. Empty for safe methods and error responses. `asKeyed` makes of a request what is keyed.
 */
export function invalidatedKeys(
  request: RequestHead,
  response: ResponseHead,
  asKeyed: (request: RequestHead) => RequestHead,
): readonly CacheKey[] {
  if (isSafe(request.method) || !isNonError(response.status)) return [];
  const keys = new Set<CacheKey>([cacheKey(request)]);
  for (const name of ['location', 'content-location']) {
    const reference = fieldLines(response.fields, name)[0];
    const target = reference === undefined ? undefined : sameOriginTarget(reference, request);
    if (target !== undefined) keys.add(cacheKey(asKeyed({ ...request, method: 'GET', target })));
  }
  return [...keys];
}
