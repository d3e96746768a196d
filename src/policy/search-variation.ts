import { fieldValue, type Fields } from '../http/fields.ts';
import { type CacheKey, partsOf, targetKey } from '../key/cache-key.ts';
import { dictionaryOf, innerStrings } from './structured.ts';

/**
 * No-Vary-Search (draft-ietf-httpbis-no-vary-search): which query parameters do not matter. A response that says so answers requests whose
 * targets differ in nothing else.
 */
export interface SearchVariation {
  /** The parameters named in `params` do not matter; with `except`, only those named there do. */
  readonly mode: 'params' | 'except';
  readonly names: ReadonlySet<string>;
  readonly keyOrderMatters: boolean;
}

/**
 * Undefined where the field is absent, breaks its rules or changes nothing (draft §5.1): then every query is another target, however it is spelt. With `key-order`
 * alone the draft's algorithm says that nothing changes, and its introduction and examples that order does; its writers can mean only that.
 */
export function searchVariation(response: Fields): SearchVariation | undefined {
  const value = fieldValue(response, 'no-vary-search');
  const dictionary = value === undefined ? undefined : dictionaryOf(value);
  if (dictionary === undefined) return undefined;
  const keyOrder = dictionary.get('key-order')?.[0] ?? false;
  const [params, except] = [dictionary.get('params'), dictionary.get('except')];
  if (typeof keyOrder !== 'boolean' || (params !== undefined && except !== undefined)) return undefined;
  const listed = params ?? except;
  const names = listed === undefined ? [] : innerStrings(listed);
  if (names === undefined) return undefined;
  const mode = except === undefined ? 'params' : 'except';
  // Else two spellings of one query would be the same.
  if (mode === 'params' && names.length === 0 && !keyOrder) return undefined;
  return { mode, names: new Set(names.map(parameterName)), keyOrderMatters: !keyOrder };
}

/** A parameter name as it is compared: decoded like a query (draft §5.3). */
function parameterName(text: string): string {
  return pairsOf(`${text.replaceAll('&', '%26').replaceAll('=', '%3D')}=`)[0]?.[0] ?? '';
}

/** The names and values of a query. Without an ampersand before it, a question mark at its beginning would be left out. */
function pairsOf(query: string): [name: string, value: string][] {
  return [...new URLSearchParams(`&${query}`)];
}

/** The path of a target: what two targets must have in common in any case. */
export function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}

/** The key of all targets that are equivalent to that of `key`, given the text that they share: no target begins with a question mark. */
export function equivalenceKey(key: CacheKey, significant: string): CacheKey {
  return `${partsOf(key).origin}?${significant}` as CacheKey;
}

/** A variation, and what of the target of a stored response matters under it. */
export interface StoredSearch {
  readonly variation: SearchVariation;
  readonly significant: string;
}

/** Whether the No-Vary-Search of a stored response makes its own target equivalent to another one of the same origin. */
export function isEquivalent(target: string, search: StoredSearch | undefined): boolean {
  return search !== undefined && significantTarget(target, search.variation) === search.significant;
}

/** Whether a request for the target that this key is of may be answered with a stored response: it is its own, or equivalent to that. */
export function isOfTarget(
  target: CacheKey,
  { key, search }: { readonly key: CacheKey; readonly search?: StoredSearch | undefined },
): boolean {
  if (targetKey(key) === target) return true;
  if (search === undefined) return false;
  const asked = partsOf(target);
  return partsOf(key).origin === asked.origin && isEquivalent(asked.target, search);
}

/** What of the target of a request its response is for, as text. */
export function storedTarget(target: string, response: Fields): string {
  const variation = searchVariation(response);
  return variation === undefined ? target : significantTarget(target, variation);
}

/** A text that two targets share exactly if they are equivalent under this variation (draft §6), their origin apart. */
export function significantTarget(target: string, { mode, names, keyOrderMatters }: SearchVariation): string {
  const path = pathOf(target);
  const matters = ([name]: [string, string]): boolean => names.has(name) === (mode === 'except');
  const pairs = pairsOf(target.slice(path.length + 1)).filter(matters);
  if (!keyOrderMatters) pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return JSON.stringify([path, ...pairs]);
}
