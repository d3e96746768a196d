import { type ErrorCode, EtagereError } from '../errors.ts';

/** How far a request had come: no connection yet, sent but not answered, or inside the content of the response. */
export type Stage = 'connecting' | 'waiting' | 'receiving';

/** What an error means, and how it is told to a client. */
type Meaning = readonly [code: ErrorCode, detail: string];

const unreachable: Meaning = ['ORIGIN_UNREACHABLE', 'there is no route to its address'];
const unresolved: Meaning = ['ORIGIN_NAME_UNKNOWN', 'its name has no address'];
const badRequest: Meaning = ['REQUEST_MALFORMED', 'the request can not be passed on'];
const badLength: Meaning = ['REQUEST_MALFORMED', 'the content does not match its length'];
const brokenContent: Meaning = ['REQUEST_MALFORMED', 'the content of the request broke off'];

/** Errors that mean the same at every stage. */
const fixed: ReadonlyMap<string, Meaning> = new Map([
  ['ENOTFOUND', unresolved],
  ['ECONNREFUSED', ['ORIGIN_REFUSED', 'nothing listens at its address and port']],
  ['EHOSTUNREACH', unreachable],
  ['EHOSTDOWN', unreachable],
  ['ENETUNREACH', unreachable],
  ['ENETDOWN', unreachable],
  ['EADDRNOTAVAIL', unreachable],
  ['EPROTO', ['ORIGIN_TLS_FAILED', 'what it sent is not TLS, or not a version in common']],
  ['UND_ERR_CONNECT_TIMEOUT', ['ORIGIN_CONNECT_TIMEOUT', 'no connection in the time that is allowed']],
  ['UND_ERR_HEADERS_TIMEOUT', ['ORIGIN_HEAD_TIMEOUT', 'no response in the time that is allowed']],
  ['UND_ERR_BODY_TIMEOUT', ['ORIGIN_BODY_TIMEOUT', 'silent for longer than is allowed']],
  ['UND_ERR_HEADERS_OVERFLOW', ['ORIGIN_RESPONSE_INVALID', 'its header section is larger than is allowed']],
  // What undici refuses to send, or finds shorter or longer than its Content-Length.
  ['UND_ERR_INVALID_ARG', badRequest],
  ['UND_ERR_NOT_SUPPORTED', badRequest],
  ['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', badLength],
  // The content of the request was destroyed: we ourselves never end a request by an error that is still told to anyone.
  ['UND_ERR_ABORTED', brokenContent],
]);

/** Errors that end a connection. */
const lost: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT', 'UND_ERR_SOCKET']);

/** Codes of OpenSSL and of Node for a handshake or a certificate that is not accepted. */
const tlsCode = /^(?:ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_|HOSTNAME_MISMATCH)/;

/**
 * What an error of undici, of its parser or of the system means for a request. The detail is for whoever gets the answer: it has no addresses in it and no
 * words of the libraries below. The error itself is kept as the cause.
 */
export function originError(cause: unknown, stage: Stage): EtagereError {
  if (cause instanceof EtagereError) return cause;
  const { code, name, message } = named(cause);
  const [meant, detail] = name === 'HTTPParserError' ? parserMeaning(message, stage) : meaning(code, message, stage);
  return new EtagereError(meant, detail, { cause });
}

function meaning(code: string, message: string, stage: Stage): Meaning {
  const known = fixed.get(code);
  if (known !== undefined) return known;
  if (code.startsWith('EAI_')) return unresolved;
  if (tlsCode.test(code)) return ['ORIGIN_TLS_FAILED', tlsDetail(code)];
  // Of several faults in a head (two lengths, a length and chunks) undici tells only that the length does not match.
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return brokenResponse(stage);
  // `bad response`, `bad upgrade`: undici's words for 101, and for more bytes than were asked for.
  if (code === 'UND_ERR_SOCKET' && message.startsWith('bad ')) return brokenResponse('waiting');
  if (lost.has(code)) return lostConnection(code, stage);
  return ['INTERNAL', 'the request to the origin failed for a reason that is not known'];
}

/** A parser that meets the end of the stream inside the content says so in these words; everything else is bad syntax. */
function parserMeaning(message: string, stage: Stage): Meaning {
  if (message.includes('Invalid EOF state')) return brokenResponse(stage);
  const reason = /\(([^()]+)\)$/.exec(message)?.[1]?.toLowerCase();
  return ['ORIGIN_RESPONSE_INVALID', `what it sent is not HTTP/1.1${reason === undefined ? '' : `: ${reason}`}`];
}

function tlsDetail(code: string): string {
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired';
  if (code === 'CERT_NOT_YET_VALID') return 'its certificate is not valid yet';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'its certificate is for another name';
  if (code.startsWith('ERR_SSL_')) return 'the handshake failed';
  return 'its certificate is not trusted';
}

function brokenResponse(stage: Stage): Meaning {
  return stage === 'receiving'
    ? ['ORIGIN_RESPONSE_INCOMPLETE', 'its content is shorter than it said']
    : ['ORIGIN_RESPONSE_INVALID', 'what it sent is not one response with one length'];
}

function lostConnection(code: string, stage: Stage): Meaning {
  if (stage === 'receiving') return ['ORIGIN_RESPONSE_INCOMPLETE', 'the connection was lost inside its response'];
  if (stage === 'connecting' && code === 'ETIMEDOUT') {
    return ['ORIGIN_CONNECT_TIMEOUT', 'no connection in the time that the system allows'];
  }
  return ['ORIGIN_BROKEN', 'the connection was closed before a response'];
}

function named(cause: unknown): {
  code: string;
  name: string;
  message: string;
} {
  if (!(cause instanceof Error)) return { code: '', name: 'Error', message: String(cause) };
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return { code, name: cause.name, message: cause.message };
}
