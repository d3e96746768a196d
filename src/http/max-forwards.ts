import { fieldValue } from './fields.ts';
import type { RequestHead } from './message.ts';

/** The greatest number that is told apart from the next one: what is more is sent on as this (RFC 9110 §7.6.2, b). */
const greatest = Number.MAX_SAFE_INTEGER;

/**
 * How often a request may still be forwarded (RFC 9110 §7.6.2). Undefined where Max-Forwards is absent or no number, and for methods other than OPTIONS:
 * TRACE is not served, and for all others the field means nothing.
 */
export function forwardsLeft({ method, fields }: RequestHead): number | undefined {
  const value = method === 'OPTIONS' ? fieldValue(fields, 'max-forwards') : undefined;
  return value !== undefined && /^\d+$/.test(value) ? Math.min(Number(value), greatest) : undefined;
}
