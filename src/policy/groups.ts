import { fieldValue, type Fields } from '../http/fields.ts';
import { isSafe, type RequestHead, type ResponseHead } from '../http/message.ts';
import { type CacheKey, originKey } from '../key/cache-key.ts';
import { isNonError } from './status.ts';
import { stringsOf } from './structured.ts';

/** The groups that a response belongs to (RFC 9875 §2), as keys: the same name is another group at another origin. */
export function cacheGroups(request: RequestHead, response: Fields): readonly CacheKey[] {
  return groupKeys(request, fieldValue(response, 'cache-groups'));
}

/** The groups that the response to an unsafe request invalidates (RFC 9875 §3); none for safe methods, and for errors as for the target. */
export function invalidatedGroups(request: RequestHead, response: ResponseHead): readonly CacheKey[] {
  if (isSafe(request.method) || !isNonError(response.status)) return none;
  return groupKeys(request, fieldValue(response.fields, 'cache-group-invalidation'));
}

const none: readonly CacheKey[] = [];

function groupKeys(request: RequestHead, value: string | undefined): readonly CacheKey[] {
  if (value === undefined) return none;
  const names = stringsOf(value) ?? [];
  return names.length === 0 ? none : [...new Set(names)].map((name) => originKey(request, name));
}
