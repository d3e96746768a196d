/**
 * Status codes, as far as caching asks (RFC 9110 §15).
 */

/** RFC 9110 §15.1. */
const heuristicallyCacheable: ReadonlySet<number> = new Set([
  200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501,
]);

/** Every final status of RFC 9110 whose caching-related behaviour this cache implements; 304 is no response of its own here. */
const understood: ReadonlySet<number> = new Set([
  200, 201, 202, 203, 204, 205, 206, 300, 301, 302, 303, 305, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408,
  409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 426, 500, 501, 502, 503, 504, 505,
]);

/** RFC 9111 §4.2.2. */
export function isHeuristicallyCacheable(status: number): boolean {
  return heuristicallyCacheable.has(status);
}

/** RFC 9111 §3: recognised, with all specified caching-related behaviour. */
export function isUnderstood(status: number): boolean {
  return understood.has(status);
}

/** About another stored response (304), this very request's range (416), or who asks and how often (RFC 6585 §3 to §6): whatever their fields say. */
const neverStored: ReadonlySet<number> = new Set([304, 416, 428, 429, 431, 511]);

/** RFC 9111 §3: final, and for others as well. */
export function mayBeStored(status: number): boolean {
  return status >= 200 && status <= 599 && !neverStored.has(status);
}

/** RFC 5861 §4: what counts as an error of the origin besides not answering at all. */
export function isOriginError(status: number): boolean {
  return status === 500 || status === 502 || status === 503 || status === 504;
}

/** About this very request, what it brings and how often it comes (RFC 6585 §3 to §5): one with a grown cookie is answered 400 or 431. */
const aboutRequest: ReadonlySet<number> = new Set([400, 408, 428, 429, 431]);

/**
 * Whether a status tells of what lies at the target. An error of the server does not, nor what is about the request alone: such an answer to a validation, not stored itself, does not show
 * that what is stored is no longer right (RFC 9111 §4.3.3), and what others will get is not known by it.
 */
export function isAboutTarget(status: number): boolean {
  return status < 500 && !aboutRequest.has(status);
}

/** A response with which an unsafe request did change something (RFC 9111 §4.4). */
export function isNonError(status: number): boolean {
  return status >= 200 && status <= 399;
}
