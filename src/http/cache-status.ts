import type { Seconds } from './message.ts';

/** Why a request was forwarded (RFC 9211 §2.2). */
export const forwardReasons = [
  'bypass',
  'method',
  'uri-miss',
  'vary-miss',
  'miss',
  'request',
  'stale',
  'partial',
] as const;

export type ForwardReason = (typeof forwardReasons)[number];

/**
 * What became of a request, in the words of RFC 9211 §2. The same record is the Cache-Status field, the log line, the metric label and
 * what a fixture expects.
 */
export interface CacheStatus {
  readonly hit: boolean;
  readonly fwd?: ForwardReason;
  readonly fwdStatus?: number;
  readonly stored?: boolean;
  readonly collapsed?: boolean;
  readonly ttl?: Seconds;
  /** A stable code that says more: kebab-case, one of `policy/decision.ts`. */
  readonly detail?: string;
}

/** How much of it clients are told: all, whether it was a hit or why not, or nothing (RFC 9211 §6). */
export const cacheStatusModes = ['full', 'brief', 'off'] as const;

export type CacheStatusMode = (typeof cacheStatusModes)[number];

/** What clients are told of it; undefined: nothing. */
export function toldStatus(status: CacheStatus, mode: CacheStatusMode): CacheStatus | undefined {
  if (mode === 'full') return status;
  if (mode === 'off') return undefined;
  return status.fwd === undefined ? { hit: status.hit } : { hit: status.hit, fwd: status.fwd };
}

/** The member of the Cache-Status list that this cache adds (RFC 9211 §2; a structured-field token with parameters). */
export function cacheStatusMember(name: string, status: CacheStatus): string {
  let member = name;
  if (status.hit) member += '; hit';
  if (status.fwd !== undefined) member += `; fwd=${status.fwd}`;
  if (status.fwdStatus !== undefined) member += `; fwd-status=${status.fwdStatus}`;
  if (status.ttl !== undefined) member += `; ttl=${status.ttl}`;
  if (status.stored === true) member += '; stored';
  if (status.collapsed === true) member += '; collapsed';
  if (status.detail !== undefined) member += `; detail=${status.detail}`;
  return member;
}
