import { flat } from '../http/flat-text.ts';
import type { RequestHead } from '../http/message.ts';

declare const cacheKeyBrand: unique symbol;

/** The primary key of a stored response: the target URI (RFC 9111 §2), as an injective string. */
export type CacheKey = string & { readonly [cacheKeyBrand]: true };

/**
 * The key of a target URI. Each part but the last is preceded by its length, so that no two different URIs share a key whatever bytes they
 * hold. The method is not part of it: only GET responses are stored, and HEAD is answered from them (RFC 9110 §9.3.2).
 */
export function cacheKey(uri: Pick<RequestHead, 'scheme' | 'authority' | 'target'>): CacheKey {
  return `${uri.scheme}:${uri.authority.length}:${uri.authority}${uri.target}` as CacheKey;
}

/** The key as a string of its own: it may be a piece of a request's head, and would keep all of that in memory for as long as it is kept. Keys are Latin-1. */
export function flatKey(key: CacheKey): CacheKey {
  return flat(key);
}

/**
 * The key of a URI reference found in Location or Content-Location, resolved against the request's target URI: that of the request target
 * which a client sends who follows it. Undefined where it is no http(s) URI, or has another origin: RFC 9111 §4.4 forbids to invalidate that.
 */
export function sameOriginKey(reference: string, base: RequestHead): CacheKey | undefined {
  const target = sameOriginTarget(reference, base);
  return target === undefined ? undefined : cacheKey({ ...base, target });
}

/** The target of the same request, as the client would send it. */
export function sameOriginTarget(reference: string, base: RequestHead): string | undefined {
  const here = `${base.scheme}://${base.authority}`;
  const octets = percentEncodeOctets(reference);
  if (!URL.canParse(here) || !URL.canParse(octets, `${here}${base.target}`)) return undefined;
  const url = new URL(octets, `${here}${base.target}`);
  if (url.protocol !== `${base.scheme}:` || url.origin !== new URL(here).origin) return undefined;
  if (url.username !== '' || url.password !== '') return undefined;
  url.hash = '';
  // Not pathname + search, which loses the "?" of an empty query: that is another target.
  return url.href.slice(url.origin.length);
}

/** A field value is octets, read as Latin-1; URL would take each for a character and encode it as UTF-8 once more. */
function percentEncodeOctets(text: string): string {
  return text.replace(/[\x80-\xff]/g, (octet) => `%${octet.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The key of a group of responses (RFC 9875) at the origin of a target URI: no target begins with a `#`. */
export function groupKey(key: CacheKey, name: string): CacheKey {
  return `${partsOf(key).origin}#${name}` as CacheKey;
}

/** What a key is made of: its origin, as injective as the key itself, and its target with all that follows. */
export function partsOf(key: CacheKey): { readonly origin: string; readonly target: string } {
  const colon = key.indexOf(':');
  const second = key.indexOf(':', colon + 1);
  const end = second + 1 + Number(key.slice(colon + 1, second));
  return { origin: key.slice(0, end), target: key.slice(end) };
}

/** The key of a QUERY (RFC 10008): its target URI and a digest of its content. No target has a space in it, so that no other key is like it. */
export function queryKey(target: CacheKey, contentDigest: string): CacheKey {
  return `${target} ${contentDigest}` as CacheKey;
}

/** The key of the target URI that a key is about: its own, but for a QUERY. */
export function targetKey(key: CacheKey): CacheKey {
  const end = key.indexOf(' ');
  return end < 0 ? key : (key.slice(0, end) as CacheKey);
}
