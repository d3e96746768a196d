import { fieldValue, type Fields } from '../http/fields.ts';
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

/** Undefined where the field is absent or changes nothing: in doubt every query is another target. */
export function searchVariation(response: Fields): SearchVariation | undefined {
  const value = fieldValue(response, 'no-vary-search');
  const dictionary = value === undefined ? undefined : dictionaryOf(value);
  if (dictionary === undefined) return undefined;
  const keyOrder = dictionary.get('key-order')?.[0] ?? false;
  const [params, except] = [dictionary.get('params'), dictionary.get('except')];
  if (typeof keyOrder !== 'boolean' || (params !== undefined && except !== undefined)) return undefined;
  const listed = params ?? except;
  if (listed === undefined) return keyOrder ? { mode: 'params', names: new Set(), keyOrderMatters: false } : undefined;
  const names = innerStrings(listed);
  if (names === undefined) return undefined;
  const mode = params === undefined ? 'except' : 'params';
  return { mode, names: new Set(names.map(parameterName)), keyOrderMatters: !keyOrder };
}

/** A parameter name as it is compared: decoded like a query (draft §4.3). */
function parameterName(text: string): string {
  return [...new URLSearchParams(`${text.replaceAll('&', '%26').replaceAll('=', '%3D')}=`)][0]?.[0] ?? '';
}

/** The path of a target: what two targets must have in common in any case. */
export function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}

/** A text that two targets share exactly if they are equivalent under this variation (draft §5), their origin apart. */
export function significantTarget(target: string, { mode, names, keyOrderMatters }: SearchVariation): string {
  const path = pathOf(target);
  const matters = ([name]: [string, string]): boolean => names.has(name) === (mode === 'except');
  const pairs = [...new URLSearchParams(target.slice(path.length + 1))].filter(matters);
  if (!keyOrderMatters) pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return JSON.stringify([path, ...pairs]);
}
