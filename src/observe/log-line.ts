import { styleText } from 'node:util';
import type { ExchangeRecord, RefusalRecord, ValidationFailure } from '../engine/events.ts';
import { cacheStatusMember } from '../http/cache-status.ts';
import { type EpochMs, presentedTarget } from '../http/message.ts';
import { redactedTarget } from '../http/redaction.ts';
import type { TailRecord } from './statistics.ts';

/** What is told of a request, to the log and to whoever listens; fields of the other kind of line are absent or undefined. */
type LogFields = Omit<TailRecord, 'time' | 'lost'>;

/** The fields of a JSON line, besides `level` and `time`; documented in docs/configuration.md. */
export function logFields(record: ExchangeRecord, cacheName: string): LogFields {
  const { request, cacheStatus } = record;
  return {
    method: request.method,
    url: redactedTarget(presentedTarget(request)),
    host: request.authority,
    status: record.status,
    route: record.route,
    cache: cacheStatusMember(cacheName, cacheStatus),
    hit: cacheStatus.hit,
    fwd: cacheStatus.fwd,
    detail: cacheStatus.detail,
    tier: record.tier,
    bytes: record.contentBytes,
    ms: rounded(record.durationMs),
    elsewhereMs: record.elsewhereMs === undefined ? undefined : rounded(record.elsewhereMs),
    client: record.client.address,
    error: record.error,
    rest: record.rest,
    end: record.end,
  };
}

/**
 * How much an exchange is to worry an operator: `error` for a fault of ours; `warn` where the origin or this cache failed, whether the client noticed it or was
 * helped with a stale response. What clients bring upon themselves is `info`, or they could fill the alarms.
 */
export function logLevel({ status, error }: ExchangeRecord): 'info' | 'warn' | 'error' {
  if (error === 'INTERNAL') return 'error';
  if (error === 'ONLY_IF_CACHED' || error === 'READER_TOO_SLOW') return 'info';
  return status >= 500 || (error !== undefined && !error.startsWith('REQUEST_')) ? 'warn' : 'info';
}

/** One line for a person: `12:57:08 200 GET /time  hit; ttl=9  27 B  0.4 ms`. */
export function prettyLine(record: ExchangeRecord, wall: EpochMs): string {
  const { request, cacheStatus } = record;
  const parts = [
    styleText('gray', new Date(wall).toISOString().slice(11, 19)),
    styledStatus(record.status),
    `${request.method} ${redactedTarget(presentedTarget(request))} `,
    styleText(cacheStatus.hit ? 'green' : 'yellow', `${cacheStatusMember('', cacheStatus).slice(2)} `),
    styleText('gray', `${record.contentBytes} B  ${rounded(record.durationMs)} ms`),
  ];
  if (record.error !== undefined) parts.push(styleText('red', record.error));
  if (record.rest !== undefined) parts.push(styleText('red', record.rest));
  if (record.end !== 'complete') parts.push(styleText('red', record.end));
  return `${parts.join(' ')}\n`;
}

/** The fields of the line for a request that the listener refused: nothing of what the client sent is in it. */
export function refusalFields({ client, error, reason, status }: RefusalRecord): LogFields {
  return { status, client: client.address, error, reason };
}

/** `12:57:08 400 refused  REQUEST_HOST_INVALID: no Host`. */
export function prettyRefusal({ error, reason, status }: RefusalRecord, wall: EpochMs): string {
  const time = styleText('gray', new Date(wall).toISOString().slice(11, 19));
  return `${time} ${styledStatus(status)} refused  ${styleText('red', `${error}: ${reason}`)}\n`;
}

/** The fields of the line for a validation in the background that failed, while a stale response was served. */
export function failureFields({
  request,
  status,
  error,
  route,
}: ValidationFailure): Record<string, string | number | undefined> {
  return {
    background: 'validation-failed',
    method: request.method,
    url: redactedTarget(presentedTarget(request)),
    host: request.authority,
    route,
    status,
    error,
  };
}

/** `12:57:08 503 GET /time  validation in the background failed`. */
export function prettyFailure({ request, status, error }: ValidationFailure, wall: EpochMs): string {
  const time = styleText('gray', new Date(wall).toISOString().slice(11, 19));
  const what = styleText('red', `validation in the background failed${error === undefined ? '' : `: ${error}`}`);
  return `${time} ${styledStatus(status)} ${request.method} ${redactedTarget(presentedTarget(request))}  ${what}\n`;
}

function styledStatus(status: number): string {
  if (status === 0) return styleText('red', '---');
  return styleText(status >= 500 ? 'red' : status >= 400 ? 'yellow' : 'green', String(status));
}

/** Tenths of a millisecond say enough. */
export function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
