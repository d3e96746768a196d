import { assertNever } from '../http/message.ts';
import { type CacheKey, cacheKey, targetKey } from '../key/cache-key.ts';
import { type TargetUri, targetUri } from '../key/target-uri.ts';
import type { StoreSelection } from '../store/selection.ts';
import type { Selection } from './operations.ts';

/** What an operator names so, as a shelf is asked about it. */
export function selectionOf(selection: Exclude<Selection, { kind: 'url' | 'entry' }>): StoreSelection {
  switch (selection.kind) {
    case 'prefix':
      return selectionOfPrefix(targetUri(selection.prefix));
    case 'host': {
      // Every target begins with a slash, but for that of OPTIONS, whose answers are not stored.
      const prefixes = bothSchemes({ scheme: 'http', authority: selection.host, target: '/' });
      return { kind: 'beginning', prefixes };
    }
    case 'tag':
    case 'all':
      return selection;
    default:
      return assertNever(selection);
  }
}

/** The targets of a URL, with those that are known to be equivalent to them (No-Vary-Search); none, where it is no URL. */
export function selectionOfUrl(url: string, equivalentsOf: (key: CacheKey) => readonly CacheKey[]): StoreSelection {
  const uri = targetUri(url);
  if (uri === undefined) return nothing;
  const presented = bothSchemes({ ...uri, target: uri.target === '' ? '/' : uri.target });
  return { kind: 'targets', keys: [...new Set([...presented, ...presented.flatMap((key) => equivalentsOf(key))])] };
}

/** One response; `key`: where it lies, if it is there. */
export function selectionOfEntry(id: string, key: CacheKey | undefined): StoreSelection {
  return key === undefined ? { kind: 'one', id } : { kind: 'one', id, key };
}

/** Whether what is asked for under a key may be meant. Of a tag only the response tells; of one response it is not known which variant a fill will bring: all of the same key are taken for it. */
export function isAboutKey(selection: StoreSelection, key: CacheKey): boolean {
  switch (selection.kind) {
    case 'targets':
      return selection.keys.includes(targetKey(key));
    case 'beginning':
      return selection.prefixes.some((prefix) => key.startsWith(prefix));
    case 'one':
      return key === selection.key;
    case 'tag':
      return false;
    case 'all':
      return true;
    default:
      return assertNever(selection);
  }
}

const nothing: StoreSelection = { kind: 'targets', keys: [] };

function selectionOfPrefix(uri: TargetUri | undefined): StoreSelection {
  return uri === undefined ? nothing : { kind: 'beginning', prefixes: bothSchemes(uri) };
}

/** Behind a proxy that ends TLS and is not trusted, what clients ask for by https is keyed as http: an operator need not know which. */
function bothSchemes(uri: TargetUri): readonly CacheKey[] {
  return [cacheKey({ ...uri, scheme: 'http' }), cacheKey({ ...uri, scheme: 'https' })];
}
