import type { Fields } from './fields.ts';

/**
 * Fields by which a request claims to know better than its own head: who asks, and what is asked for. Origins answer by them, and no cache key holds
 * them. `name` is lower-case throughout.
 */

/** What is asked for, in another guise. */
const disguises: ReadonlySet<string> = new Set([
  'x-original-url',
  'x-rewrite-url',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
]);

/** Whether the field puts another target or method in the place of the request's own. */
export function isDisguise(name: string): boolean {
  return disguises.has(name);
}

/** Whether the field is one by which a proxy tells of the client that it serves (RFC 7239, and what came before it). */
export function isProxyClaim(name: string): boolean {
  return name === 'forwarded' || name === 'x-real-ip' || name.startsWith('x-forwarded-');
}

/** What is in the key, and so always written by us, whatever anybody claims. */
const keyed: ReadonlySet<string> = new Set(['x-forwarded-host', 'x-forwarded-proto']);

/** Whether the field claims something that is part of the key: the authority or the scheme. */
export function isKeyedClaim(name: string): boolean {
  return keyed.has(name);
}

/** The address of the client, in three spellings. */
const addresses: ReadonlySet<string> = new Set(['forwarded', 'x-forwarded-for', 'x-real-ip']);

/** Whether the field is a claim on which a response may depend that is neither the address of the client nor part of the key. */
export function isUnkeyedClaim(name: string): boolean {
  return isProxyClaim(name) && !keyed.has(name) && !addresses.has(name);
}

/** Whether a proxy says that it has passed the request on: then its peer is not the client. That no proxy says so proves nothing. */
export function wasForwarded(fields: Fields): boolean {
  return fields.some((name, i) => i % 2 === 0 && (name === 'via' || isProxyClaim(name)));
}
