import { EtagereError } from '../errors.ts';
import { isFieldValue, isToken, trimOws } from '../http/fields.ts';
import { normalAuthority } from './authority.ts';
import type { RawHead } from './gate.ts';

/** The head of a request without its pseudo-header fields, which it must have had. */
type Http2Head = Pick<RawHead, 'method' | 'target' | 'version' | 'fields' | 'scheme'>;

/** RFC 9113 §8.3.1; `:protocol` (RFC 8441) was not offered. */
const pseudoNames: ReadonlySet<string> = new Set([':method', ':scheme', ':authority', ':path']);

/** RFC 9113 §8.2.2; TE may say `trailers`. */
const connectionSpecific: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/**
 * The head of an HTTP/2 request in the shape in which the gate knows them, or what is wrong with it by the rules that HTTP/1.1 does not have (RFC 9113 §8.2, §8.3): what is
 * malformed is not forwarded as anything else (§10.3). The authority stands where Host does; there is one line for the cookies (§8.2.3).
 *
 * @param lines Flat list of names and values, in their order.
 */
export function http2Head(lines: readonly string[]): Http2Head | EtagereError {
  const pseudo = new Map<string, string>();
  const fields: string[] = [];
  const cookies: string[] = [];
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const [name, value] = [lines[i] as string, lines[i + 1] as string];
    const fault = name.startsWith(':') ? pseudoFault(name, pseudo, fields, cookies) : fieldFault(name, value);
    if (fault !== undefined) return fault;
    if (name.startsWith(':')) pseudo.set(name, value);
    else if (name === 'cookie') cookies.push(value);
    else fields.push(name, value);
  }
  if (cookies.length > 0) fields.push('cookie', cookies.join('; '));
  return joined(pseudo, fields);
}

function pseudoFault(
  name: string,
  seen: ReadonlyMap<string, string>,
  ...after: readonly (readonly string[])[]
): EtagereError | undefined {
  if (!pseudoNames.has(name)) return malformed('a pseudo-header field that requests do not have');
  if (seen.has(name)) return malformed('a pseudo-header field twice');
  return after.some(({ length }) => length > 0) ? malformed('a pseudo-header field behind others') : undefined;
}

/** What the gate looks at in all requests is its business. */
function fieldFault(name: string, value: string): EtagereError | undefined {
  if (/[A-Z]/.test(name)) return invalidField('a field name with a capital letter');
  if (connectionSpecific.has(name)) return invalidField('a field about the connection');
  if (name === 'te' && value !== 'trailers') return invalidField('TE says more than trailers');
  return trimOws(value) === value ? undefined : invalidField('whitespace around a value');
}

function joined(pseudo: ReadonlyMap<string, string>, fields: readonly string[]): Http2Head | EtagereError {
  const method = pseudo.get(':method');
  if (method === undefined || !isToken(method)) return malformed('no method');
  const scheme = pseudo.get(':scheme');
  const target = pseudo.get(':path');
  // CONNECT has neither (RFC 9113 §8.5), and is refused as such.
  if (method !== 'CONNECT') {
    if (scheme !== 'https')
      return new EtagereError('REQUEST_TARGET_INVALID', 'the scheme is not that of the connection');
    if (target === undefined || !(target.startsWith('/') || (target === '*' && method === 'OPTIONS'))) {
      return new EtagereError('REQUEST_TARGET_INVALID', 'the path does not begin with a slash');
    }
  }
  const authority = pseudo.get(':authority');
  const named = authority === undefined ? fields : withHost(fields, authority);
  if (named instanceof EtagereError) return named;
  return { method, target: target ?? '', version: '2', fields: named, scheme: 'https' };
}

/** RFC 9113 §8.3.1 has a Host that differs treated as malformed: another reader may go by that. */
function withHost(fields: readonly string[], authority: string): readonly string[] | EtagereError {
  const normal = isFieldValue(authority) ? normalAuthority(authority, 'https') : undefined;
  if (normal === undefined) return new EtagereError('REQUEST_HOST_INVALID', 'the authority is not valid');
  const kept: string[] = ['host', authority];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [name, value] = [fields[i] as string, fields[i + 1] as string];
    if (name !== 'host') kept.push(name, value);
    else if (normalAuthority(value, 'https') !== normal) {
      return new EtagereError('REQUEST_HOST_INVALID', 'Host is not the authority');
    }
  }
  return kept;
}

function malformed(detail: string): EtagereError {
  return new EtagereError('REQUEST_MALFORMED', detail);
}

function invalidField(detail: string): EtagereError {
  return new EtagereError('REQUEST_FIELD_INVALID', detail);
}
