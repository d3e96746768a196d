import { fieldValue, type Fields } from '../http/fields.ts';
import { isSafe, type RequestHead, type ResponseHead } from '../http/message.ts';
import { type CacheKey, cacheKey, groupKey } from '../key/cache-key.ts';
import { isNonError } from './status.ts';
import { stringsOf } from './structured.ts';

/** The names of the groups that a response belongs to (RFC 9875 §2), each once. */
export function cacheGroups(response: Fields): readonly string[] {
  return groupNames(fieldValue(response, 'cache-groups'));
}

/** The groups that the response to an unsafe request invalidates (RFC 9875 §3); none for safe methods, and for errors as for the target. */
export function invalidatedGroups(request: RequestHead, response: ResponseHead): readonly CacheKey[] {
  if (isSafe(request.method) || !isNonError(response.status)) return [];
  // The same name is another group at another origin.
  return groupNames(fieldValue(response.fields, 'cache-group-invalidation')).map((name) =>
    groupKey(cacheKey(request), name),
  );
}

const none: readonly string[] = [];

function groupNames(value: string | undefined): readonly string[] {
  const names = value === undefined ? none : (stringsOf(value) ?? none);
  return names.length === 0 ? none : [...new Set(names)];
}

/** Characters of a group's name that are remembered on average; RFC 9875 §2.1 wants at least 32. */
const charactersPerGroup = 64;

/** Whether these are more groups, or of longer names, than are remembered of one response. */
export function areTooMany(names: readonly string[], maxGroups: number): boolean {
  return names.length > maxGroups || names.join('').length > maxGroups * charactersPerGroup;
}
