import { STATUS_CODES } from 'node:http';
import { problemResponse, problemToken } from '../http/problem.ts';
import type { EtagereError } from '../errors.ts';
import { cacheStatusMember } from '../http/cache-status.ts';
import { formatHttpDate } from '../http/date.ts';
import { hasField, isFieldValue, isToken, withLine } from '../http/fields.ts';
import { hasContent, type ResponseHead } from '../http/message.ts';

/**
 * The bytes of a head, as latin1 text, for where node:http does not write it. Its fields are valid: what is stored has come through the parser of the origin's
 * side, which lets no name or value pass that would end before its line does.
 *
 * @param framing Lines about the connection, each with its CRLF, that stand behind the others.
 */
export function headText({ status, fields }: ResponseHead, framing: string): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
  for (let i = 0; i < fields.length; i += 2) text += `${fields[i] as string}: ${fields[i + 1] as string}\r\n`;
  return `${text}${framing}\r\n`;
}

/** The same of a head that is nobody's word for it; undefined where one of its fields is not valid: what is written past node:http is not checked by it. */
export function serializeHead(head: ResponseHead, framing = ''): string | undefined {
  const { fields } = head;
  for (let i = 0; i < fields.length; i += 2) {
    if (!isToken(fields[i] as string) || !isFieldValue(fields[i + 1] as string)) return undefined;
  }
  return headText(head, framing);
}

/** Whether the content is sent in chunks, and the line that says so, as node:http writes it: there is content, and nothing else tells its length (RFC 9112 §6.3). */
export function isChunked(method: string, { status, fields }: ResponseHead): boolean {
  return hasContent(method, status) && !hasField(fields, 'content-length');
}

export const chunkedLine = 'Transfer-Encoding: chunked\r\n';
export const lastChunk = '0\r\n\r\n';

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
