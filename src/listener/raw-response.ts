import { STATUS_CODES } from 'node:http';
import { problemResponse, problemToken } from '../http/problem.ts';
import type { EtagereError } from '../errors.ts';
import { cacheStatusMember } from '../http/cache-status.ts';
import { formatHttpDate } from '../http/date.ts';
import { isFieldValue, isToken, withLine } from '../http/fields.ts';
import type { ResponseHead } from '../http/message.ts';

/**
 * The bytes of a head, as latin1 text, for where node:http does not write it. Undefined where a name or a value would
 * end before its line does: what is written past node:http is not checked by it.
 *
 * @param framing Lines about the connection, each with its CRLF, that stand behind the others.
 */
export function serializeHead({ status, fields }: ResponseHead, framing = ''): string | undefined {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
  for (let i = 0; i < fields.length; i += 2) {
    const [name, value] = [fields[i] as string, fields[i + 1] as string];
    if (!isToken(name) || !isFieldValue(value)) return undefined;
    text += `${name}: ${value}\r\n`;
  }
  return `${text}${framing}\r\n`;
}

/** The answer of the listener itself to a request that it refuses: the problem document, Date and Cache-Status. */
export function refusal(error: EtagereError, cacheName: string): { head: ResponseHead; content: Buffer } {
  const { head, content } = problemResponse(error, cacheName);
  return { head: locally(head, cacheName, problemToken(error)), content };
}

/** A response made here, with the fields that the engine would have added. `detail` says why nobody else was asked. */
export function locally(head: ResponseHead, cacheName: string, detail: string): ResponseHead {
  const dated = withLine(head.fields, 'date', formatHttpDate(Date.now()));
  const fields = withLine(dated, 'cache-status', cacheStatusMember(cacheName, { hit: false, detail }));
  return { status: head.status, fields };
}
