import type { IncomingHttpHeaders } from 'node:http';
import { EtagereError } from '../errors.ts';
import { fieldLines, type Fields, fieldsTaken, isToken, trimOws } from '../http/fields.ts';

/** Whether a response with a transfer coding that is not registered is refused, or taken for one without. */
export type UnknownCodings = 'refuse' | 'pass';

/**
 * The fields of a head as undici gives them: by names in lower case, with trailing whitespace left on values. Lines of one name stand together, in their
 * order; that of different names means nothing (RFC 9110 §5.3).
 */
export function fieldsReceived(headers: IncomingHttpHeaders): Fields {
  const lines: string[] = [];
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (typeof value === 'string') lines.push(name, trimOws(value));
    else for (const line of value ?? []) lines.push(name, trimOws(line));
  }
  return fieldsTaken(lines);
}

/** The first line of a response. */
export interface StatusLine {
  /** The first eight bytes. */
  readonly version: string;
  readonly status: number;
  readonly reason: string;
}

/** RFC 9112 §4: no control characters but the tab. */
// eslint-disable-next-line no-control-regex -- what is looked for
const controls = /[\0-\x08\x0a-\x1f\x7f]/;

/**
 * Why a response that the parser let through is refused all the same: another HTTP version than 1.0 or 1.1; a status of no class; a switch of protocols
 * that nobody asked for; a reason with control characters; a transfer coding other than chunked alone, or any in HTTP/1.0 (RFC 9112 §6.1), because then two readers
 * may see its end at two places.
 *
 * @param codings What to do about a transfer coding that is not registered: `pass` takes it for none, with a content that ends with the connection
 *   (RFC 9112 §6.3), as it is where an origin wrote the field by mistake.
 */
export function responseFault(
  { version, status, reason }: StatusLine,
  fields: Fields,
  codings: UnknownCodings = 'refuse',
): EtagereError | undefined {
  if (version !== 'HTTP/1.1' && version !== 'HTTP/1.0') return invalid('the response is not of HTTP/1.0 or HTTP/1.1');
  // RFC 9110 §15: what lies outside has no meaning that anyone after us could act on.
  if (status < 100 || status > 599) return invalid('its status is not between 100 and 599');
  if (status === 101) return invalid('the origin switched protocols unasked');
  if (controls.test(reason)) return invalid('its first line has control characters');
  const lines = fieldLines(fields, 'transfer-encoding');
  if (lines.length === 0) return undefined;
  if (version === 'HTTP/1.0') return invalid('Transfer-Encoding in a response of HTTP/1.0');
  const coding = lines.length === 1 ? (lines[0] ?? '').toLowerCase() : '';
  const unregistered = codings === 'pass' && isToken(coding) && !registeredCodings.has(coding);
  return coding === 'chunked' || unregistered
    ? undefined
    : new EtagereError('ORIGIN_CODING_INVALID', 'a transfer coding other than chunked');
}

/** RFC 9112 §7: codings that stand for something, and would have to be undone. */
const registeredCodings: ReadonlySet<string> = new Set([
  'chunked',
  'compress',
  'x-compress',
  'deflate',
  'gzip',
  'x-gzip',
  'trailers',
]);

function invalid(detail: string): EtagereError {
  return new EtagereError('ORIGIN_RESPONSE_INVALID', detail);
}
