import { EtagereError } from '../errors.ts';
import type { TargetUri } from '../key/target-uri.ts';
import { normalAuthority } from '../listener/authority.ts';
import { encoded, parseTarget } from '../listener/request-target.ts';

/**
 * Reads an absolute http(s) URL as the gate reads the target of a request, so that it names the same key: the authority in lower case and without a default
 * port, an empty path as `/`, what user agents send raw percent-encoded, everything else byte by byte.
 *
 * @param place What it is called in the error.
 * @throws EtagereError ADMIN_REQUEST_INVALID
 */
export function parseTargetUri(text: string, place: string): TargetUri {
  const scheme = /^https:/i.test(text) ? 'https' : 'http';
  const parsed = parseTarget(encoded(text), 'GET', scheme);
  if (parsed instanceof EtagereError) throw new EtagereError('ADMIN_REQUEST_INVALID', `${place} has ${parsed.detail}`);
  if (parsed.authority === undefined) {
    throw new EtagereError('ADMIN_REQUEST_INVALID', `${place} must be a whole URL, like http://localhost:8080/`);
  }
  return { scheme, authority: parsed.authority, target: parsed.target };
}

/**
 * The authority that a client asks for, in the form of a key.
 * @throws EtagereError ADMIN_REQUEST_INVALID
 */
export function parseHost(text: string): string {
  const authority = normalAuthority(text, 'http');
  if (authority !== undefined) return authority;
  throw new EtagereError(
    'ADMIN_REQUEST_INVALID',
    'host must be a name or an address, perhaps with a port: example.com:8080',
  );
}
