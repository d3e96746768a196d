import { type ErrorCode, EtagereError } from '../errors.ts';

/** How far a request had come: no connection yet, sent but not answered, or inside the content of the response. */
export type Stage = 'connecting' | 'waiting' | 'receiving';

/** Errors that mean the same at every stage. */
const fixed: ReadonlyMap<string, ErrorCode> = new Map([
  ['ENOTFOUND', 'ORIGIN_NAME_UNKNOWN'],
  ['ECONNREFUSED', 'ORIGIN_REFUSED'],
  ['EHOSTUNREACH', 'ORIGIN_UNREACHABLE'],
  ['EHOSTDOWN', 'ORIGIN_UNREACHABLE'],
  ['ENETUNREACH', 'ORIGIN_UNREACHABLE'],
  ['ENETDOWN', 'ORIGIN_UNREACHABLE'],
  ['EADDRNOTAVAIL', 'ORIGIN_UNREACHABLE'],
  ['EPROTO', 'ORIGIN_TLS_FAILED'],
  ['UND_ERR_CONNECT_TIMEOUT', 'ORIGIN_CONNECT_TIMEOUT'],
  ['UND_ERR_HEADERS_TIMEOUT', 'ORIGIN_HEAD_TIMEOUT'],
  ['UND_ERR_BODY_TIMEOUT', 'ORIGIN_BODY_TIMEOUT'],
  ['UND_ERR_HEADERS_OVERFLOW', 'ORIGIN_RESPONSE_INVALID'],
  // What undici refuses to send, or finds shorter or longer than its Content-Length.
  ['UND_ERR_INVALID_ARG', 'REQUEST_MALFORMED'],
  ['UND_ERR_NOT_SUPPORTED', 'REQUEST_MALFORMED'],
  ['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', 'REQUEST_MALFORMED'],
  // The content of the request was destroyed: we ourselves never end a request by an error that is still told to anyone.
  ['UND_ERR_ABORTED', 'REQUEST_MALFORMED'],
]);

/** Errors that end a connection. */
const lost: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT', 'UND_ERR_SOCKET']);

/** Codes of OpenSSL and of Node for a handshake or a certificate that is not accepted. */
const tlsCode = /^(?:ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_|HOSTNAME_MISMATCH)/;

/**
 * What an error of undici, of its parser or of the system means for a request. The detail has no addresses in it: clients see it.
 * The error itself is kept as the cause.
 */
export function originError(cause: unknown, stage: Stage): EtagereError {
  if (cause instanceof EtagereError) return cause;
  const { code, name, message } = named(cause);
  if (name === 'HTTPParserError') return new EtagereError(parserErrorCode(message, stage), message, { cause });
  return new EtagereError(errorCode(code, message, stage), code || name, { cause });
}

function errorCode(code: string, message: string, stage: Stage): ErrorCode {
  const known = fixed.get(code);
  if (known !== undefined) return known;
  if (code.startsWith('EAI_')) return 'ORIGIN_NAME_UNKNOWN';
  if (tlsCode.test(code)) return 'ORIGIN_TLS_FAILED';
  // Of several faults in a head (two lengths, a length and chunks) undici tells only that the length does not match.
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return brokenResponse(stage);
  // `bad response`, `bad upgrade`: undici's words for 100 and 101 that nobody asked for.
  if (code === 'UND_ERR_SOCKET' && message.startsWith('bad ')) return 'ORIGIN_RESPONSE_INVALID';
  if (lost.has(code)) return lostConnection(code, stage);
  return 'INTERNAL';
}

/** A parser that meets the end of the stream inside the content says so in these words; everything else is bad syntax. */
function parserErrorCode(message: string, stage: Stage): ErrorCode {
  return message.includes('Invalid EOF state') ? brokenResponse(stage) : 'ORIGIN_RESPONSE_INVALID';
}

function brokenResponse(stage: Stage): ErrorCode {
  return stage === 'receiving' ? 'ORIGIN_RESPONSE_INCOMPLETE' : 'ORIGIN_RESPONSE_INVALID';
}

function lostConnection(code: string, stage: Stage): ErrorCode {
  if (stage === 'receiving') return 'ORIGIN_RESPONSE_INCOMPLETE';
  return stage === 'connecting' && code === 'ETIMEDOUT' ? 'ORIGIN_CONNECT_TIMEOUT' : 'ORIGIN_BROKEN';
}

function named(cause: unknown): { code: string; name: string; message: string } {
  if (!(cause instanceof Error)) return { code: '', name: 'Error', message: String(cause) };
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return { code, name: cause.name, message: cause.message };
}
