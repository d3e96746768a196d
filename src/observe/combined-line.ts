import type { ExchangeRecord, RefusalRecord } from '../engine/events.ts';
import { cacheStatusMember } from '../http/cache-status.ts';
import { fieldValue } from '../http/fields.ts';
import { type EpochMs, presentedTarget } from '../http/message.ts';
import { redactedTarget } from '../http/redaction.ts';

/** What a log has for a client that left before there was a status: programs that read logs want three digits, and know these from nginx. */
const statusOfLeft = 499;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** What would end a quoted text, or a line, and what is no ASCII. Every character of a field is one byte of it. */
// oxlint-disable-next-line no-control-regex
const unsafe = /["\\\u0000-\u001f\u007f-\u00ff]/g;

/**
 * A line in the combined log format of NCSA and Apache, with the member of Cache-Status in quotes at its end:
 * `192.0.2.7 - - [02/Jan/2026:03:04:05 +0000] "GET /a HTTP/1.1" 200 27 "-" "curl/8.5.0" "etagere; hit; ttl=9"`.
 */
export function combinedLine(record: ExchangeRecord, cacheName: string, stamp: string): string {
  const { request, client, status, contentBytes, cacheStatus } = record;
  const { method, version, fields } = request;
  const referer = fieldValue(fields, 'referer');
  return line([
    client.address,
    stamp,
    // Who reads this format has `2.0` there.
    quoted(`${method} ${redactedTarget(presentedTarget(request))} HTTP/${version === '2' ? '2.0' : version}`),
    status === 0 ? statusOfLeft : status,
    contentBytes === 0 ? '-' : contentBytes,
    quoted(referer === undefined ? undefined : redactedTarget(referer)),
    quoted(fieldValue(fields, 'user-agent')),
    quoted(cacheStatusMember(cacheName, cacheStatus)),
  ]);
}

/** The line for a request that the listener refused: nothing of what the client sent is in it. */
export function combinedRefusal({ client, error, status }: RefusalRecord, stamp: string): string {
  const nothing = quoted(undefined);
  return line([client.address, stamp, nothing, status, '-', nothing, nothing, quoted(error)]);
}

function line([address, ...rest]: readonly (string | number)[]): string {
  return `${address} - - ${rest.join(' ')}\n`;
}

function quoted(text: string | undefined): string {
  return text === undefined || text === '' ? '"-"' : `"${text.replace(unsafe, escaped)}"`;
}

/** As Apache does it: `\"`, `\\`, `\xc3`. */
function escaped(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** The time as such lines have it, `[02/Jan/2026:03:04:05 +0000]`: made once for each second. */
export function combinedStamps(wall: () => EpochMs): () => string {
  let last = Number.NaN;
  let text = '';
  return () => {
    const second = Math.floor(wall() / 1000);
    if (second === last) return text;
    last = second;
    const date = new Date(second * 1000);
    const day = String(date.getUTCDate()).padStart(2, '0');
    const clock = date.toISOString().slice(11, 19);
    text = `[${day}/${months[date.getUTCMonth()]}/${date.getUTCFullYear()}:${clock} +0000]`;
    return text;
  };
}
