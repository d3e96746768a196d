import { formatHttpDate, parseHttpDate } from '../http/date.ts';
import { fieldLines, fieldValue, hasField, withField } from '../http/fields.ts';
import { type EpochMs, hasContent, type RequestHead, type ResponseHead } from '../http/message.ts';

/**
 * RFC 9110 §6.6.1: a response without Date gets the time of its receipt, and one whose Date can't be read may have it replaced; both
 * so that everyone further on counts from the same moment.
 */
export function withDate(response: ResponseHead, receivedAt: EpochMs): ResponseHead {
  const date = fieldLines(response.fields, 'date')[0];
  if (date !== undefined && parseHttpDate(date, receivedAt) !== undefined) return response;
  return { ...response, fields: withField(response.fields, 'date', formatHttpDate(receivedAt)) };
}

/**
 * RFC 9112 §6.3: whether nothing but the end of its connection tells where the content of a response ends. A part says in Content-Range how much it brings,
 * and is held to that. `fields` are as received, framing and all.
 */
export function isCloseDelimited({ method }: RequestHead, { status, fields }: ResponseHead): boolean {
  if (status === 206 || !hasContent(method, status) || hasField(fields, 'content-length')) return false;
  return fieldValue(fields, 'transfer-encoding')?.toLowerCase() !== 'chunked';
}
