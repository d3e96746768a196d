import { type ErrorCode, EtagereError } from '../errors.ts';

/** How far a request had come: no connection yet, sent but not answered, or inside the content of the response. */
export type Stage = 'connecting' | 'waiting' | 'receiving';

/** What an error means, and how it is told to a client. */
type Meaning = readonly [code: ErrorCode, detail: string];

const unreachable: Meaning = ['ORIGIN_UNREACHABLE', 'there is no route to its address'];
const unresolved: Meaning = ['ORIGIN_NAME_UNKNOWN', 'its name has no address'];
const noDescriptor: Meaning = ['DESCRIPTORS_EXHAUSTED', 'no descriptor is left for a connection to the origin'];
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
  // Of this process, and of the whole system.
  ['EMFILE', noDescriptor],
  ['ENFILE', noDescriptor],
  ['UND_ERR_CONNECT_TIMEOUT', ['ORIGIN_CONNECT_TIMEOUT', 'no connection in the time that is allowed']],
  ['UND_ERR_HEADERS_TIMEOUT', ['ORIGIN_HEAD_TIMEOUT', 'no response in the time that is allowed']],
  ['UND_ERR_BODY_TIMEOUT', ['ORIGIN_BODY_TIMEOUT', 'silent for longer than is allowed']],
  // What undici refuses to send, or finds shorter or longer than its Content-Length.
  ['UND_ERR_INVALID_ARG', badRequest],
  ['UND_ERR_NOT_SUPPORTED', badRequest],
  ['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', badLength],
  // The content of the request was destroyed: we ourselves never end a request by an error that is still told to anyone.
  ['UND_ERR_ABORTED', brokenContent],
]);

/** Errors that end a connection. */
const lost: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT', 'UND_ERR_SOCKET']);

/** Codes of Node and of OpenSSL for a certificate that is not accepted. */
const certificateCode =
  /^(?:ERR_TLS_CERT_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_|ERROR_IN_|HOSTNAME_MISMATCH|PATH_LENGTH_)/;

/** Codes for everything else that goes wrong with TLS. */
const tlsCode = /^(?:ERR_TLS_|ERR_SSL_|EPROTO$)/;

/** What OpenSSL calls an alert that came begins with the version that introduced it. */
const alertCode = /^ERR_SSL_(?:SSLV3|TLSV1|TLSV13|SSL\/TLS)_(?:ALERT_)?([A-Z_]+)$/;
const alertMessage = /:(?:sslv3|tlsv1|tlsv13|ssl\/tls) (?:alert )?([a-z ]+):/;

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
  if (certificateCode.test(code)) return ['ORIGIN_CERTIFICATE_INVALID', certificateDetail(code)];
  if (tlsCode.test(code)) return tlsMeaning(code, message);
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return overflow(stage);
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
  if (reason?.includes('chunk') === true) return ['ORIGIN_CODING_INVALID', `its chunks can not be read: ${reason}`];
  return ['ORIGIN_RESPONSE_INVALID', `what it sent is not HTTP/1.1${reason === undefined ? '' : `: ${reason}`}`];
}

function certificateDetail(code: string): string {
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired';
  if (code === 'CERT_NOT_YET_VALID') return 'its certificate is not valid yet';
  if (code === 'CERT_REVOKED') return 'its certificate was revoked';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'its certificate is for another name';
  if (code === 'DEPTH_ZERO_SELF_SIGNED_CERT') return 'its certificate is not trusted: it is signed by itself';
  if (code === 'SELF_SIGNED_CERT_IN_CHAIN') return 'its certificate is not trusted: nor is the authority above it';
  if (noIssuerCode.test(code)) {
    return 'its certificate is not trusted: what it sends does not lead to an authority that is';
  }
  return 'its certificate is not trusted';
}

/** Who signed the last certificate of the chain is neither in it nor trusted. */
const noIssuerCode = /^UNABLE_TO_(?:GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)/;

/** An alert is the origin's own word (RFC 9209 §2.3.15). It stands in the code, or in the message where it came while something was written. */
function tlsMeaning(code: string, message: string): Meaning {
  const alert = alertCode.exec(code)?.[1] ?? alertMessage.exec(message)?.[1];
  if (alert !== undefined) {
    return ['ORIGIN_TLS_ALERT', `it ended TLS with the alert "${alert.toLowerCase().replaceAll('_', ' ')}"`];
  }
  return ['ORIGIN_TLS_FAILED', handshakeDetail(code)];
}

function handshakeDetail(code: string): string {
  if (code === 'EPROTO') return 'what it sent is not TLS, or not a version in common';
  // Its first bytes are no head of a record, which those of every version of TLS are.
  if (notTlsCode.test(code)) return 'what it sent is not TLS: perhaps it speaks plain HTTP there';
  return 'the handshake failed';
}

const notTlsCode = /^ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/;

/** Undici counts the trailers as it counts the head. */
function overflow(stage: Stage): Meaning {
  return stage === 'receiving'
    ? ['ORIGIN_RESPONSE_INVALID', 'its trailer section is larger than is allowed']
    : ['ORIGIN_HEAD_TOO_LARGE', 'its header section is larger than is allowed'];
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
