import { isDisguise, isProxyClaim } from './claims.ts';

const protectedNames: ReadonlySet<string> = new Set([
  // Routing and framing.
  'host',
  'via',
  'max-forwards',
  'connection',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'range',
  // Who asks, and on whose behalf.
  'authorization',
  'cookie',
  'set-cookie',
  'origin',
  'referer',
  // What a cache decides by.
  'cache-control',
  'pragma',
  'vary',
  'age',
  'date',
  'expires',
  'etag',
  'last-modified',
  'location',
  'surrogate-control',
  'no-vary-search',
  // What is invalidated and purged together.
  'cache-groups',
  'cache-group-invalidation',
  'surrogate-key',
  'cache-tag',
  'xkey',
  'www-authenticate',
]);

/** The last: for which page a browser asks, as Origin and Referer are. */
const protectedPrefixes = ['content-', 'if-', 'accept', 'sec-fetch-'] as const;

/**
 * Whether the meaning of a message hangs on this field so much that a sender may neither make it disappear by naming it in
 * Connection (RFC 9110 §7.6.1) nor imitate it with underscores for hyphens, which many gateways read as the same name.
 * Targeted cache directives (RFC 9213) are among them. `name` is lower-case.
 */
export function isProtectedField(name: string): boolean {
  return (
    protectedNames.has(name) ||
    name.endsWith('-cache-control') ||
    isDisguise(name) ||
    isProxyClaim(name) ||
    protectedPrefixes.some((prefix) => name.startsWith(prefix))
  );
}
