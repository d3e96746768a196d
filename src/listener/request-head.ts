import { isFieldValue, isToken, trimOws } from '../http/fields.ts';

/** The parts of a plain request line: GET or HEAD, a target in origin-form, HTTP/1.1. */
export interface RequestLine {
  readonly method: 'GET' | 'HEAD';
  readonly target: string;
  /** Index of the first field line. */
  readonly end: number;
}

const versionEnd = ' HTTP/1.1';

/** Reads a plain request line (RFC 9112 §3) at the start of `text`; undefined where it is any other, or no request line at all. */
export function readRequestLine(text: string): RequestLine | undefined {
  const method = text.startsWith('GET /') ? 'GET' : text.startsWith('HEAD /') ? 'HEAD' : undefined;
  if (method === undefined) return undefined;
  const lineEnd = text.indexOf('\r\n');
  const targetEnd = lineEnd - versionEnd.length;
  if (targetEnd <= method.length || !text.startsWith(versionEnd, targetEnd)) return undefined;
  return { method, target: text.slice(method.length + 1, targetEnd), end: lineEnd + 2 };
}

/**
 * Reads field lines (RFC 9112 §5), each with its CRLF, into a flat raw list as node:http would give it. Undefined where a line is anything but a
 * token, a colon and a value: what other readers may take for something else is for node:http to look at.
 */
export function readFieldLines(text: string): string[] | undefined {
  const lines: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\r\n', at);
    const colon = text.indexOf(':', at);
    if (end < 0 || colon < 0 || colon > end) return undefined;
    const name = text.slice(at, colon);
    const value = trimOws(text.slice(colon + 1, end));
    if (!isToken(name) || !isFieldValue(value)) return undefined;
    lines.push(name, value);
    at = end + 2;
  }
  return lines;
}
