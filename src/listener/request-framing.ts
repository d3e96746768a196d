import { EtagereError } from '../errors.ts';
import { fieldLines, type Fields, isToken, trimOws } from '../http/fields.ts';
import type { RequestHead } from '../http/message.ts';

/** How long the content of a request is: a number of bytes (0: none), or until the last chunk. */
export type ContentLength = number | 'chunked';

/**
 * The length of a request's content (RFC 9112 §6.3), stricter than the RFC wherever two readers could differ: never both fields,
 * one Content-Length of digits only, one Transfer-Encoding that is `chunked` and nothing else, and none in HTTP/1.0.
 * Errors: REQUEST_FRAMING_INVALID, and REQUEST_CODING_UNSUPPORTED where chunked follows a coding that we do not undo.
 */
export function contentLength(fields: Fields, version: RequestHead['version']): ContentLength | EtagereError {
  const codings = fieldLines(fields, 'transfer-encoding');
  const lengths = fieldLines(fields, 'content-length');
  if (codings.length > 0 && lengths.length > 0) return ambiguous('Content-Length and Transfer-Encoding');
  if (codings.length > 0) return version === '1.0' ? ambiguous('Transfer-Encoding in HTTP/1.0') : chunked(codings);
  if (lengths.length === 0) return 0;
  return lengths.length > 1 ? ambiguous('more than one Content-Length') : length(lengths[0] ?? '');
}

function chunked(lines: readonly string[]): 'chunked' | EtagereError {
  const value = lines.length === 1 ? (lines[0] ?? '').toLowerCase() : '';
  if (value === 'chunked') return 'chunked';
  const codings = value.split(',').map(trimOws);
  const understood = codings.at(-1) === 'chunked' && codings.indexOf('chunked') === codings.length - 1;
  if (understood && codings.every(isToken)) {
    return new EtagereError('REQUEST_CODING_UNSUPPORTED', 'a transfer coding other than chunked');
  }
  return ambiguous('Transfer-Encoding is not chunked');
}

function length(text: string): number | EtagereError {
  const bytes = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(bytes) ? bytes : ambiguous('Content-Length is not a number of bytes');
}

function ambiguous(detail: string): EtagereError {
  return new EtagereError('REQUEST_FRAMING_INVALID', detail);
}

/** The error of content that is longer than a request's may be. */
export function contentTooLarge(maxBytes: number): EtagereError {
  return new EtagereError('REQUEST_CONTENT_TOO_LARGE', `more than ${maxBytes} bytes`);
}
