import { parseDuration } from '../config/quantities.ts';
import { UsageError } from '../config/usage-error.ts';
import { formatHttpDate } from '../http/date.ts';
import type { Body, DateForm, Instants, WrittenValue } from './fixture.ts';

/** `10s`, `500ms`, `2h`, `10d`, with an optional sign, in milliseconds; undefined where it is no duration. */
export function readDuration(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  try {
    return sign * parseDuration(text.replace(/^[+-]/, ''));
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

/** `now-3600s`, `start`, `now+60s as rfc850` are dates; everything else stands for itself. */
export function readValue(text: string): WrittenValue {
  const match = /^(now|start)([+-]\d+[a-z]+)?(?: as (imf-fixdate|rfc850|asctime))?$/.exec(text);
  if (match === null) return { kind: 'text', text };
  const offsetMs = match[2] === undefined ? 0 : readDuration(match[2]);
  if (offsetMs === undefined) return { kind: 'text', text };
  const base = match[1] === 'start' ? 'start' : 'now';
  return { kind: 'date', base, offsetMs, form: (match[3] ?? 'imf-fixdate') as DateForm };
}

/** `2000000 bytes` is content of that length; everything else is the content itself. */
export function readBody(text: string): Body {
  const match = /^(\d{1,9}) bytes$/.exec(text);
  return match === null ? { kind: 'text', text } : { kind: 'bytes', length: Number(match[1]) };
}

/** The value as it goes on the wire at these instants. */
export function valueText(value: WrittenValue, instants: Instants): string {
  if (value.kind === 'text') return value.text;
  return httpDate(instants[value.base] + value.offsetMs, value.form);
}

/** The bytes of a body; the long ones repeat the ten digits, so that a lost or doubled piece shows. */
export function bodyBytes(body: Body): Uint8Array {
  if (body.kind === 'text') return Buffer.from(body.text);
  return Buffer.alloc(body.length, '0123456789');
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** The instant in one of the three forms of RFC 9110 §5.6.7: an origin may be old, so a fixture can speak all of them. */
export function httpDate(epochMs: number, form: DateForm): string {
  const fixdate = formatHttpDate(epochMs);
  if (form === 'imf-fixdate') return fixdate;
  const date = new Date(epochMs);
  const [, day = '', month = '', year = '', time = ''] = fixdate.split(' ');
  if (form === 'rfc850') return `${days[date.getUTCDay()] ?? ''}, ${day}-${month}-${year.slice(2)} ${time} GMT`;
  return `${fixdate.slice(0, 3)} ${month} ${String(date.getUTCDate()).padStart(2)} ${time} ${year}`;
}
