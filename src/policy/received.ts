import { formatHttpDate, parseHttpDate } from '../http/date.ts';
import { fieldLines, withField } from '../http/fields.ts';
import type { EpochMs, ResponseHead } from '../http/message.ts';

/**
 * RFC 9110 §6.6.1: a response without Date gets the time of its receipt, and one whose Date can't be read may have it replaced; both
 * so that everyone further on counts from the same moment.
 */
export function withDate(response: ResponseHead, receivedAt: EpochMs): ResponseHead {
  const date = fieldLines(response.fields, 'date')[0];
  if (date !== undefined && parseHttpDate(date, receivedAt) !== undefined) return response;
  return { ...response, fields: withField(response.fields, 'date', formatHttpDate(receivedAt)) };
}
