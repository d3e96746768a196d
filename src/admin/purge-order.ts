import type { PurgeMode, Selection } from '../engine/operations.ts';
import { EtagereError } from '../errors.ts';
import { urlOfTarget } from '../key/target-uri.ts';
import { faultOf, refTo } from './schema.ts';
import { parseHost, parseTargetUri } from './target-uri.ts';
import { schemas } from './vocabulary.ts';

/** What to purge, exactly one of url, entry, prefix, host, tag and all; and how. */
export interface PurgeOrder {
  /** Every variant of this absolute http(s) URL, as clients ask for it, and the responses to its QUERY requests. */
  readonly url?: string;
  /** One stored response, by its `id` in the list of entries. */
  readonly entry?: string;
  /** Every URL that begins with it, compared byte by byte. Without a path it means `/`. */
  readonly prefix?: string;
  /** Everything of a host as clients ask for it, with its port where that is not 80. */
  readonly host?: string;
  /** Everything that named it in Surrogate-Key, Cache-Tag, xkey or Cache-Groups. */
  readonly tag?: string;
  readonly all?: true;
  /** `soft`, unless said: stale from now on, validated before its next use, and still there while the origin fails. `hard`: gone. */
  readonly mode?: PurgeMode;
}

/**
 * Reads an order that nobody has held against the schema Purge.
 * @throws EtagereError ADMIN_REQUEST_INVALID
 */
export function readPurgeOrder(order: unknown): { readonly selection: Selection; readonly mode: PurgeMode } {
  const fault = faultOf(order, refTo('Purge'), schemas);
  if (fault !== undefined) throw new EtagereError('ADMIN_REQUEST_INVALID', fault);
  const { mode = 'soft', ...selected } = order as PurgeOrder;
  return { selection: selectionOf(selected), mode };
}

/**
 * What an order selects that the schema lets pass, its URLs in the form of a key.
 * @throws EtagereError ADMIN_REQUEST_INVALID
 */
export function selectionOf({ url, entry, prefix, host, tag }: PurgeOrder): Selection {
  if (url !== undefined) return { kind: 'url', url: urlOfTarget(parseTargetUri(url, 'url')) };
  if (entry !== undefined) return { kind: 'entry', id: entry };
  if (prefix !== undefined) return { kind: 'prefix', prefix: urlOfTarget(parseTargetUri(prefix, 'prefix')) };
  if (host !== undefined) return { kind: 'host', host: parseHost(host) };
  return tag === undefined ? { kind: 'all' } : { kind: 'tag', tag };
}
