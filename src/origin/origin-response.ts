import { EtagereError } from '../errors.ts';
import { fieldLines, type Fields, fieldsFrom, trimOws } from '../http/fields.ts';

/** The fields of a head as undici gives them: bytes or latin1 text, with trailing whitespace left on. */
export function decodeFields(raw: unknown): Fields {
  const parts: readonly unknown[] = Array.isArray(raw) ? raw : [];
  return fieldsFrom(
    parts.map((part) => trimOws(part instanceof Uint8Array ? Buffer.from(part).toString('latin1') : String(part))),
  );
}

/**
 * Why a response that the parser let through is refused all the same: another HTTP version than 1.0 or 1.1; a status of no class; a switch of protocols
 * that nobody asked for; a transfer coding other than chunked alone, or any in HTTP/1.0 (RFC 9112 §6.1), because then two readers
 * may see its end at two places.
 *
 * @param version The first eight bytes of the response.
 */
export function responseFault(status: number, fields: Fields, version: string): EtagereError | undefined {
  if (version !== 'HTTP/1.1' && version !== 'HTTP/1.0') return invalid('the response is not of HTTP/1.0 or HTTP/1.1');
  // RFC 9110 §15: what lies outside has no meaning that anyone after us could act on.
  if (status < 100 || status > 599) return invalid('its status is not between 100 and 599');
  if (status === 101) return invalid('the origin switched protocols unasked');
  const codings = fieldLines(fields, 'transfer-encoding');
  if (codings.length === 0) return undefined;
  if (version === 'HTTP/1.0') return invalid('Transfer-Encoding in a response of HTTP/1.0');
  if (codings.length > 1 || codings[0]?.toLowerCase() !== 'chunked')
    return invalid('a transfer coding other than chunked');
  return undefined;
}

function invalid(detail: string): EtagereError {
  return new EtagereError('ORIGIN_RESPONSE_INVALID', detail);
}
