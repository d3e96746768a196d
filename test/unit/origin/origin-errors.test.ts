import { describe, expect, it } from 'vitest';
import { type ErrorCode, EtagereError } from '../../../src/errors.ts';
import { originError, type Stage } from '../../../src/origin/origin-errors.ts';

function failure(code: string, message = ''): Error {
  return Object.assign(new Error(message), { code });
}

/** As undici reports what its parser can't read. */
function syntax(reason: string): Error {
  const error = new Error(`Response does not match the HTTP/1.1 protocol (${reason})`);
  error.name = 'HTTPParserError';
  return error;
}

describe('originError', () => {
  it.each<[string, Stage, ErrorCode]>([
    ['ENOTFOUND', 'connecting', 'ORIGIN_NAME_UNKNOWN'],
    ['EAI_AGAIN', 'connecting', 'ORIGIN_NAME_UNKNOWN'],
    ['ECONNREFUSED', 'connecting', 'ORIGIN_REFUSED'],
    ['EHOSTUNREACH', 'connecting', 'ORIGIN_UNREACHABLE'],
    ['ENETUNREACH', 'connecting', 'ORIGIN_UNREACHABLE'],
    ['UND_ERR_CONNECT_TIMEOUT', 'connecting', 'ORIGIN_CONNECT_TIMEOUT'],
    ['ETIMEDOUT', 'connecting', 'ORIGIN_CONNECT_TIMEOUT'],
    ['ETIMEDOUT', 'waiting', 'ORIGIN_BROKEN'],
    ['ECONNRESET', 'waiting', 'ORIGIN_BROKEN'],
    ['ECONNRESET', 'receiving', 'ORIGIN_RESPONSE_INCOMPLETE'],
    ['EPIPE', 'waiting', 'ORIGIN_BROKEN'],
    ['UND_ERR_SOCKET', 'waiting', 'ORIGIN_BROKEN'],
    ['UND_ERR_SOCKET', 'receiving', 'ORIGIN_RESPONSE_INCOMPLETE'],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'waiting', 'ORIGIN_RESPONSE_INVALID'],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'receiving', 'ORIGIN_RESPONSE_INCOMPLETE'],
    ['UND_ERR_HEADERS_OVERFLOW', 'waiting', 'ORIGIN_HEAD_TOO_LARGE'],
    ['UND_ERR_HEADERS_OVERFLOW', 'receiving', 'ORIGIN_RESPONSE_INVALID'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'connecting', 'ORIGIN_CERTIFICATE_INVALID'],
    ['CERT_HAS_EXPIRED', 'connecting', 'ORIGIN_CERTIFICATE_INVALID'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'connecting', 'ORIGIN_CERTIFICATE_INVALID'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'connecting', 'ORIGIN_CERTIFICATE_INVALID'],
    ['ERROR_IN_CERT_NOT_AFTER_FIELD', 'connecting', 'ORIGIN_CERTIFICATE_INVALID'],
    ['PATH_LENGTH_EXCEEDED', 'connecting', 'ORIGIN_CERTIFICATE_INVALID'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'connecting', 'ORIGIN_TLS_ALERT'],
    ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'connecting', 'ORIGIN_TLS_ALERT'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'waiting', 'ORIGIN_TLS_ALERT'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'connecting', 'ORIGIN_TLS_FAILED'],
    ['ERR_TLS_INVALID_CONTEXT', 'connecting', 'ORIGIN_TLS_FAILED'],
    ['EPROTO', 'connecting', 'ORIGIN_TLS_FAILED'],
    ['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', 'waiting', 'REQUEST_MALFORMED'],
    ['EMFILE', 'connecting', 'DESCRIPTORS_EXHAUSTED'],
    ['ENFILE', 'connecting', 'DESCRIPTORS_EXHAUSTED'],
    ['EIO', 'connecting', 'INTERNAL'],
    ['__proto__', 'connecting', 'INTERNAL'],
  ])('takes %s while %s for %s, and keeps the cause', (code, stage, expected) => {
    const cause = failure(code);
    const error = originError(cause, stage);
    expect([error.code, error.cause]).toEqual([expected, cause]);
  });

  it('shows no address in its detail', () => {
    expect(originError(failure('ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.5:80'), 'connecting').detail).toBe(
      'nothing listens at its address and port',
    );
  });

  it.each([
    'ENOTFOUND',
    'EAI_AGAIN',
    'EPROTO',
    'UND_ERR_SOCKET',
    'UND_ERR_HEADERS_TIMEOUT',
    'ERR_SSL_X',
    'ERR_SSL_TLSV1_ALERT_ACCESS_DENIED',
    'EMFILE',
  ])('tells %s in words, not in the code of a library', (code) => {
    expect(originError(failure(code), 'waiting').detail).not.toMatch(/[A-Z]{4,}|_/);
  });

  it.each([
    ['CERT_HAS_EXPIRED', 'its certificate has expired'],
    ['CERT_NOT_YET_VALID', 'its certificate is not valid yet'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name'],
    ['CERT_REVOKED', 'its certificate was revoked'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'its certificate is not trusted: nor is the authority above it'],
    ['ERR_SSL_NO_PROTOCOLS_AVAILABLE', 'the handshake failed'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'what it sent is not TLS: perhaps it speaks plain HTTP there'],
    ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'what it sent is not TLS: perhaps it speaks plain HTTP there'],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'the handshake failed'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'it ended TLS with the alert "protocol version"'],
  ])('says of %s that %s', (code, detail) => {
    expect(originError(failure(code), 'connecting').detail).toBe(detail);
  });

  it('finds an alert that came while it was writing, too', () => {
    const message = 'write EPROTO 00:error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:x.c:1:';
    const error = originError(failure('EPROTO', message), 'connecting');
    expect([error.code, error.detail]).toEqual(['ORIGIN_TLS_ALERT', 'it ended TLS with the alert "handshake failure"']);
  });

  it('tells chunks that can not be read from other syntax (RFC 9209 §2.3.24)', () => {
    expect(originError(syntax('Invalid character in chunk size'), 'receiving').code).toBe('ORIGIN_CODING_INVALID');
    expect(originError(syntax('Invalid header token'), 'receiving').code).toBe('ORIGIN_RESPONSE_INVALID');
  });

  it('keeps what the parser complains of, without the words around it', () => {
    expect(originError(syntax('Invalid header token'), 'waiting').detail).toBe(
      'what it sent is not HTTP/1.1: invalid header token',
    );
  });

  it('passes our own errors on', () => {
    const own = new EtagereError('REQUEST_MALFORMED', 'x');
    expect(originError(own, 'waiting')).toBe(own);
  });

  it('takes what is no error for a fault of ours', () => {
    expect(originError('odd', 'waiting').code).toBe('INTERNAL');
  });
});
