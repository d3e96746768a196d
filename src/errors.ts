/**
 * Every error that can reach a client or an operator, in one table. `docs/errors.md` shows the same rows, held by a test.
 * Expected trouble is a value; `EtagereError` is that value, and is thrown only at the edges.
 */

export type ErrorSource = 'client' | 'origin' | 'store' | 'internal';

interface ErrorRow {
  readonly source: ErrorSource;
  readonly status: number;
  /** The title of the problem document (RFC 9457 §3.1.4): the same for every occurrence. */
  readonly title: string;
  /** The error type of Proxy-Status (RFC 9209 §2.3); absent for errors of the client's making. */
  readonly proxyError?: string;
  /** Seconds for Retry-After (RFC 9110 §10.2.3). */
  readonly retryAfter?: number;
}

export const errorTable = {
  // The gate (RFC 9112): the connection closes after any of these and nothing reaches the origin.
  REQUEST_MALFORMED: { source: 'client', status: 400, title: 'The request is not valid HTTP' },
  REQUEST_TARGET_INVALID: { source: 'client', status: 400, title: 'The request target is not acceptable' },
  REQUEST_HOST_INVALID: { source: 'client', status: 400, title: 'The request needs exactly one valid Host' },
  REQUEST_FRAMING_INVALID: { source: 'client', status: 400, title: 'The length of the request content is ambiguous' },
  REQUEST_FIELD_INVALID: { source: 'client', status: 400, title: 'A header field is not acceptable' },
  REQUEST_HEAD_TOO_LARGE: { source: 'client', status: 431, title: 'The header section is too large' },
  REQUEST_TARGET_TOO_LONG: { source: 'client', status: 414, title: 'The request target is too long' },
  REQUEST_CONTENT_TOO_LARGE: { source: 'client', status: 413, title: 'The request content is too large' },
  REQUEST_METHOD_REFUSED: { source: 'client', status: 405, title: 'This method is not served here' },
  REQUEST_METHOD_UNKNOWN: { source: 'client', status: 501, title: 'This method is not known here' },
  REQUEST_CODING_UNSUPPORTED: { source: 'client', status: 501, title: 'The transfer coding is not supported' },
  REQUEST_VERSION_UNSUPPORTED: { source: 'client', status: 505, title: 'The HTTP version is not supported' },
  REQUEST_EXPECTATION_FAILED: { source: 'client', status: 417, title: 'The expectation can not be met' },
  REQUEST_NOT_TLS: { source: 'client', status: 400, title: 'Plain HTTP was sent to a port for HTTPS' },
  REQUEST_TIMEOUT: { source: 'client', status: 408, title: 'The request did not arrive in time' },
  REQUEST_FLOOD: { source: 'client', status: 429, title: 'Too much comes over this connection that asks for nothing' },
  REQUEST_LOOP: {
    source: 'client',
    status: 508,
    title: 'The request has been here before',
    proxyError: 'proxy_loop_detected',
  },
  ONLY_IF_CACHED: { source: 'client', status: 504, title: 'Nothing on the shelf answers this only-if-cached request' },
  // The origin.
  ORIGIN_NAME_UNKNOWN: {
    source: 'origin',
    status: 502,
    title: 'The name of the origin can not be resolved',
    proxyError: 'dns_error',
  },
  ORIGIN_REFUSED: {
    source: 'origin',
    status: 502,
    title: 'The origin refused the connection',
    proxyError: 'connection_refused',
  },
  ORIGIN_UNREACHABLE: {
    source: 'origin',
    status: 502,
    title: 'The origin can not be reached',
    proxyError: 'destination_ip_unroutable',
  },
  ORIGIN_TLS_FAILED: {
    source: 'origin',
    status: 502,
    title: 'TLS with the origin failed',
    proxyError: 'tls_protocol_error',
  },
  ORIGIN_TLS_ALERT: {
    source: 'origin',
    status: 502,
    title: 'The origin refused TLS',
    proxyError: 'tls_alert_received',
  },
  ORIGIN_CERTIFICATE_INVALID: {
    source: 'origin',
    status: 502,
    title: 'The certificate of the origin is not accepted',
    proxyError: 'tls_certificate_error',
  },
  ORIGIN_BROKEN: {
    source: 'origin',
    status: 502,
    title: 'The origin closed the connection before it answered',
    proxyError: 'connection_terminated',
  },
  ORIGIN_RESPONSE_INVALID: {
    source: 'origin',
    status: 502,
    title: 'The origin sent something that is not HTTP/1.1',
    proxyError: 'http_protocol_error',
  },
  ORIGIN_HEAD_TOO_LARGE: {
    source: 'origin',
    status: 502,
    title: 'The header section of the response is too large',
    proxyError: 'http_response_header_section_size',
  },
  ORIGIN_CODING_INVALID: {
    source: 'origin',
    status: 502,
    title: 'The transfer coding of the response can not be undone',
    proxyError: 'http_response_transfer_coding',
  },
  ORIGIN_RESPONSE_INCOMPLETE: {
    source: 'origin',
    status: 502,
    title: 'The origin broke off inside its response',
    proxyError: 'http_response_incomplete',
  },
  ORIGIN_CONNECT_TIMEOUT: {
    source: 'origin',
    status: 504,
    title: 'The origin did not accept a connection in time',
    proxyError: 'connection_timeout',
  },
  ORIGIN_HEAD_TIMEOUT: {
    source: 'origin',
    status: 504,
    title: 'The origin did not answer in time',
    proxyError: 'http_response_timeout',
  },
  ORIGIN_BODY_TIMEOUT: {
    source: 'origin',
    status: 504,
    title: 'The origin fell silent inside its response',
    proxyError: 'connection_read_timeout',
  },
  ORIGIN_BUSY: {
    source: 'origin',
    status: 503,
    title: 'Too many requests wait for the origin',
    proxyError: 'connection_limit_reached',
    retryAfter: 1,
  },
  ORIGIN_FAILING: {
    source: 'origin',
    status: 503,
    title: 'The origin fails the requests for this',
    proxyError: 'destination_unavailable',
    retryAfter: 1,
  },
  VALIDATION_IMPOSSIBLE: {
    source: 'origin',
    status: 504,
    title: 'The stored response must be validated, and the origin gave no answer',
    proxyError: 'destination_unavailable',
  },
  // Purging by method.
  PURGE_OFF: { source: 'client', status: 501, title: 'Purging by method is off here' },
  PURGE_FORBIDDEN: { source: 'client', status: 403, title: 'This client may not purge' },
  PURGE_MODE_UNKNOWN: { source: 'client', status: 400, title: 'There is no such way to purge' },
  // The admin listener.
  ADMIN_TOKEN_REQUIRED: { source: 'client', status: 401, title: 'A valid token is needed' },
  ADMIN_TOKEN_TRIES: { source: 'client', status: 429, title: 'Too many wrong tokens', retryAfter: 1 },
  ADMIN_CLIENT_REFUSED: { source: 'client', status: 403, title: 'Without a token only this machine may ask' },
  ADMIN_HOST_REFUSED: { source: 'client', status: 403, title: 'This listener does not go by that name' },
  ADMIN_CROSS_SITE: { source: 'client', status: 403, title: 'Other web sites may not ask' },
  ADMIN_PATH_UNKNOWN: { source: 'client', status: 404, title: 'There is nothing at this path' },
  ADMIN_ENTRY_UNKNOWN: { source: 'client', status: 404, title: 'No stored response has this id' },
  ADMIN_METHOD_REFUSED: { source: 'client', status: 405, title: 'This method is not served at this path' },
  ADMIN_CONTENT_TYPE: { source: 'client', status: 415, title: 'The content must be JSON' },
  ADMIN_REQUEST_INVALID: { source: 'client', status: 400, title: 'The request is not understood' },
  CONFIGURATION_REFUSED: { source: 'client', status: 422, title: 'The configuration has mistakes; the old one stays' },
  ADMIN_UNAVAILABLE: { source: 'internal', status: 501, title: 'This is not available here' },
  ADMIN_BUSY: { source: 'internal', status: 503, title: 'Too many clients do this already', retryAfter: 1 },
  PURGES_FULL: { source: 'internal', status: 503, title: 'Too many purges are under way', retryAfter: 1 },
  NOT_READY: { source: 'internal', status: 503, title: 'Requests are not welcome here', retryAfter: 1 },
  // Ourselves.
  READER_TOO_SLOW: {
    source: 'internal',
    status: 503,
    title: 'The client reads too slowly for a response that it shares with others',
    proxyError: 'proxy_internal_error',
  },
  STORE_UNREADABLE: {
    source: 'store',
    status: 500,
    title: 'What is stored can not be read to its end',
    proxyError: 'proxy_internal_error',
  },
  WAITERS_FULL: {
    source: 'internal',
    status: 503,
    title: 'Too many requests wait for the same response',
    proxyError: 'proxy_internal_response',
    retryAfter: 1,
  },
  OVERLOADED: {
    source: 'internal',
    status: 503,
    title: 'This cache has too much to do to ask the origin',
    proxyError: 'proxy_internal_response',
    retryAfter: 1,
  },
  DESCRIPTORS_EXHAUSTED: {
    source: 'internal',
    status: 503,
    title: 'This cache can open no more connections',
    proxyError: 'proxy_internal_error',
    retryAfter: 1,
  },
  CLOSING: {
    source: 'internal',
    status: 503,
    title: 'This cache is being shut down',
    proxyError: 'proxy_internal_response',
    retryAfter: 1,
  },
  INTERNAL: { source: 'internal', status: 500, title: 'A fault inside the cache', proxyError: 'proxy_internal_error' },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

/** An error with its row. `detail` is for this occurrence; `cause` is what the library below said. */
export class EtagereError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;

  constructor(code: ErrorCode, detail: string, options?: { cause?: unknown }) {
    super(`${code}: ${detail}`, options);
    this.name = 'EtagereError';
    this.code = code;
    this.detail = detail;
  }

  get row(): ErrorRow {
    return errorTable[this.code];
  }
}
