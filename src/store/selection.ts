import type { CacheKey } from '../key/cache-key.ts';

/** Of how many responses a preview of a purge names the URL. */
export const sampleSize = 10;

/** Responses that are purged, counted or listed together. */
export type StoreSelection =
  /** All variants under these keys, and the responses to QUERY requests for the same targets. */
  | { readonly kind: 'targets'; readonly keys: readonly CacheKey[] }
  /** All whose key begins with one of these. */
  | { readonly kind: 'beginning'; readonly prefixes: readonly string[] }
  /** All with this tag, or in a group of this name. */
  | { readonly kind: 'tag'; readonly tag: string }
  /** The one that a page named so; `key`, where that is known, is for who does not have it. */
  | { readonly kind: 'one'; readonly id: string; readonly key?: CacheKey }
  | { readonly kind: 'all' };
