import type { ErrorCode } from '../errors.ts';
import type { Fields } from '../http/fields.ts';
import type { ForwardReason } from '../http/cache-status.ts';
import type { Seconds } from '../http/message.ts';
import type { Completion } from './combine.ts';
import type { StoredResponse } from './stored.ts';

/**
 * Every outcome that the policy can choose. The reasons are stable words: they are the `detail` of Cache-Status (RFC 9211 §2.8), the field in
 * the log and what fixtures expect.
 */

/** Why a response is not stored (RFC 9111 §3). */
export const notStorableReasons = [
  /** Only responses to GET are stored. */
  'method',
  /** The request had content, which is no part of the key. */
  'request-content',
  /** A rule of the operator sends the request past the shelf. */
  'bypass-rule',
  /** `no-store` in the request (RFC 9111 §5.2.1.5). */
  'request-no-store',
  /** `no-store` in the response (RFC 9111 §5.2.2.5). */
  'no-store',
  /** `private` in the response (RFC 9111 §5.2.2.7). */
  'private',
  /** A request with Authorization, and nothing in the response that allows sharing (RFC 9111 §3.5). */
  'authorization',
  /** A 304: about a response that the client has, and nothing to store by itself. */
  'not-modified',
  /** The status is not final, or is one that this cache does not store. */
  'status',
  /** A 206 that does not say plainly which one run of bytes it brings (RFC 9111 §3.3). */
  'partial',
  /** `must-understand` on a status that this cache does not understand (RFC 9111 §5.2.2.3). */
  'must-understand',
  /** Cache-Control can't be read: in doubt it forbids. */
  'cache-control-malformed',
  /** Set-Cookie, and no `public` or `s-maxage` (RFC 9111 §7.3). */
  'set-cookie',
  /** A request with credentials, and no explicit freshness (RFC 9111 §7.3). */
  'credentials',
  /** `Vary: *` never matches (RFC 9111 §4.1). */
  'vary-star',
  /** Vary nominates a field that this proxy writes itself, like X-Forwarded-For: requests can't be told apart by it. */
  'vary-forwarded',
  /** A proxy before us has told more of the client than its address, and Vary does not nominate it: the response may be made for that. */
  'unkeyed-claim',
  /** It repeats what one client has sent in a field that neither the key nor Vary holds: it would say that to all others (RFC 9111 §7.1). */
  'unkeyed-echo',
  /** It belongs to more groups than are remembered (RFC 9875 §2.1): an invalidation might miss it. */
  'too-many-groups',
  /** It has more tags (Surrogate-Key, Cache-Tag, xkey) than are remembered: a purge might miss it. */
  'too-many-tags',
  /** Vary nominates more fields than are allowed. */
  'vary-too-wide',
  /** Nothing makes it storable: no explicit freshness, no `public`, and the status is not heuristically cacheable. */
  'no-explicit-freshness',
  /** Nothing makes it fresh, and it has no validator. */
  'no-freshness',
  /** The lifetime that the origin gave it is over already, and it has no validator. */
  'expired',
  /** It must be validated before every use (`no-cache`), and has no validator. */
  'no-validator',
] as const;

export type NotStorableReason = (typeof notStorableReasons)[number];

const reasonsOfRequest: ReadonlySet<string> = new Set([
  'method',
  'request-content',
  'bypass-rule',
  'request-no-store',
  'authorization',
  'credentials',
  'unkeyed-claim',
  'unkeyed-echo',
]);

/** Whether a reason not to store lies in the request: then it says nothing of what is stored already, nor of what others will get. */
export function liesInRequest(reason: NotStoredReason): boolean {
  return reasonsOfRequest.has(reason);
}

/** Reasons that tell of what happened while a response was on its way. */
const circumstances: ReadonlySet<NotStoredReason> = new Set([
  'invalidated',
  'superseded',
  'not-admitted',
  'incomplete',
]);

/** Whether that a response is not stored is to be expected of the next one too: it lies neither in the request nor in what came in between. */
export function isDueToResponse(reason: NotStoredReason | undefined): boolean {
  return reason !== undefined && !circumstances.has(reason) && !liesInRequest(reason);
}

/** Why the engine does not store what the policy would have. */
export const storeReasons = [
  /** Larger than one object may be. */
  'too-large',
  /** The target was invalidated, or what is on its way was purged. */
  'invalidated',
  /** A more recent response lies on the shelf by now, or one that has all of it and more (RFC 9111 §4). */
  'superseded',
  /** The shelf is full of what is asked for more often. */
  'not-admitted',
  /** The store had no room or failed. */
  'store-refused',
  /** The origin broke off, or took too long after the clients had gone. */
  'incomplete',
] as const;

export type NotStoredReason = NotStorableReason | (typeof storeReasons)[number];

/** Why a stored response is not reused as it is, or why one is although it is stale. */
export const reuseDetails = [
  /** `no-cache` (or a Pragma that means it) in the request (RFC 9111 §5.2.1.4). */
  'request-no-cache',
  /** Older than the request's `max-age` (RFC 9111 §5.2.1.1). */
  'request-max-age',
  /** Fresh for less time than the request's `min-fresh` (RFC 9111 §5.2.1.3). */
  'request-min-fresh',
  /** The client wanted validation, as others did before within this second more often than is allowed: what is fresh is used as it is (RFC 9111 §5.2.1). */
  'request-too-often',
  /** A request with credentials, and a stored response whose freshness is a guess (RFC 9111 §7.3). */
  'request-credentials',
  /** The request's Cache-Control can't be read: in doubt it asks for validation. */
  'request-malformed',
  /** A precondition that only the origin may evaluate: If-Match, If-Unmodified-Since (RFC 9111 §4.3.2). */
  'request-precondition',
  /** `no-cache` in the stored response (RFC 9111 §5.2.2.4). */
  'no-cache',
  /** Served stale within `stale-while-revalidate` (RFC 5861 §3). */
  'stale-while-revalidate',
  /** Served stale because the request's `max-stale` allows it (RFC 9111 §5.2.1.2). */
  'max-stale',
  /** Served stale because the origin failed, within `stale-if-error` (RFC 5861 §4). */
  'stale-if-error',
] as const;

export type ReuseDetail = (typeof reuseDetails)[number];

const wishes: ReadonlySet<string | undefined> = new Set<ReuseDetail>([
  'request-no-cache',
  'request-max-age',
  'request-min-fresh',
  'request-malformed',
]);

/** Whether nothing but what the client says of freshness has the origin asked (RFC 9111 §5.2.1: what it prefers), where something is stored. */
export function isAskedByWish(reuse: Reuse): boolean {
  return (reuse.kind === 'validate' || reuse.kind === 'forward') && wishes.has(reuse.detail);
}

/** What our own answers that are no errors say: before anything was looked up. */
export const localDetails = [
  /** A PURGE was obeyed. */
  'purge',
  /** OPTIONS that may go no further (RFC 9110 §7.6.2). */
  'max-forwards',
  /** `OPTIONS *` (RFC 9110 §9.3.7). */
  'options-of-server',
] as const;

export type Detail = NotStoredReason | ReuseDetail | ErrorDetail;

type Kebab<Code extends string> = Code extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}-${Kebab<Tail>}`
  : Lowercase<Code>;

/** An error's code as a detail: `origin-refused`. */
export type ErrorDetail = Kebab<ErrorCode>;

export function errorDetail(code: ErrorCode): ErrorDetail {
  return code.toLowerCase().replaceAll('_', '-') as ErrorDetail;
}

/** What to do with a request, given what is on the shelf (RFC 9111 §4). */
export type Reuse =
  | {
      /** Answer with `selected`. */
      readonly kind: 'reuse';
      readonly selected: StoredResponse;
      readonly age: Seconds;
      /** Remaining freshness lifetime; negative when stale. */
      readonly ttl: Seconds;
      /** Set when it is stale, or was to be validated. */
      readonly detail?: 'stale-while-revalidate' | 'max-stale' | 'request-too-often';
    }
  | {
      /** Ask the origin about `selected`, which answers the request if it is still good. */
      readonly kind: 'validate';
      readonly selected: StoredResponse;
      readonly fwd: 'stale' | 'request';
      readonly detail?: ReuseDetail;
    }
  | {
      /** Ask the origin for the bytes that a partial `selected` lacks (RFC 9111 §3.3). */
      readonly kind: 'complete';
      readonly selected: StoredResponse;
      readonly completion: Completion;
      readonly fwd: 'partial';
    }
  | {
      /** Ask the origin; nothing on the shelf can help. */
      readonly kind: 'forward';
      readonly fwd: ForwardReason;
      readonly detail?: ReuseDetail | 'request-content' | 'bypass-rule';
      /** Whether its preconditions may be left out: the whole fills the shelf and tells how to answer them (RFC 9111 §4.3.2). */
      readonly conditional?: true;
      /** Whether the response may answer others who ask the same meanwhile. */
      readonly collapsible: boolean;
    }
  | {
      /** Answer with an error of ours. */
      readonly kind: 'refuse';
      readonly error: 'ONLY_IF_CACHED';
      readonly fwd: ForwardReason;
    };

/** A rule of the policy, as it is told to people. */
export interface RuleName {
  /** What it says of the case that it decides. */
  readonly name: string;
  /** The section that has it. */
  readonly section: string;
}

/** That a response may not be stored, why, and by which rule. */
export interface Refusal {
  readonly storable: false;
  readonly reason: NotStorableReason;
  readonly rule: RuleName;
}

/** Whether a response may be stored (RFC 9111 §3). */
export type Storability = { readonly storable: true; readonly stored: StoredResponse } | Refusal;

/** What a 304 means for the stored response it was asked about (RFC 9111 §4.3.4). */
export type Freshening =
  /** The stored response, updated; `fields` are those for the request that asked, Set-Cookie and all. */
  | { readonly kind: 'freshened'; readonly stored: StoredResponse; readonly fields: Fields }
  /** Good for the request that asked, but not to be kept as updated; `leaves`: the stored response is not to be kept either. */
  | {
      readonly kind: 'unstorable';
      readonly stored: StoredResponse;
      readonly fields: Fields;
      readonly leaves: boolean;
      readonly reason: NotStorableReason;
    }
  /** The 304 is about another representation: ours must not be used. */
  | { readonly kind: 'mismatch' };

/** The stored response is no longer what the origin would send (RFC 9111 §4.3.5). */
export interface Outdated {
  readonly kind: 'outdated';
  readonly stored: StoredResponse;
}
