import { STATUS_CODES } from 'node:http';
import { problemResponse, problemToken } from '../http/problem.ts';
import type { EtagereError } from '../errors.ts';
import { cacheStatusMember } from '../http/cache-status.ts';
import { formatHttpDate } from '../http/date.ts';
import { eachField, isFieldValue, isToken, withLine } from '../http/fields.ts';
import type { ResponseHead } from '../http/message.ts';

/**
 * The bytes of a head, as latin1 text, for where node:http has no means of sending one. Undefined where a name or a value would
 * end before its line does: what is written past node:http is not checked by it.
 */
export function serializeHead(head: ResponseHead): string | undefined {
  let text = `HTTP/1.1 ${head.status} ${STATUS_CODES[head.status] ?? ''}\r\n`;
  for (const [name, value] of eachField(head.fields)) {
    if (!isToken(name) || !isFieldValue(value)) return undefined;
    text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
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
