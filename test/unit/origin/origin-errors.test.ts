import { describe, expect, it } from 'vitest';
import { type ErrorCode, EtagereError } from '../../../src/errors.ts';
import { originError, type Stage } from '../../../src/origin/origin-errors.ts';

function failure(code: string, message = ''): Error {
  return Object.assign(new Error(message), { code });
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
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'connecting', 'ORIGIN_TLS_FAILED'],
    ['CERT_HAS_EXPIRED', 'connecting', 'ORIGIN_TLS_FAILED'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'connecting', 'ORIGIN_TLS_FAILED'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'connecting', 'ORIGIN_TLS_FAILED'],
    ['EPROTO', 'connecting', 'ORIGIN_TLS_FAILED'],
    ['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', 'waiting', 'REQUEST_MALFORMED'],
    ['EMFILE', 'connecting', 'INTERNAL'],
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

  it.each(['ENOTFOUND', 'EAI_AGAIN', 'EPROTO', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT', 'ERR_SSL_X', 'EMFILE'])(
    'tells %s in words, not in the code of a library',
    (code) => {
      expect(originError(failure(code), 'waiting').detail).not.toMatch(/[A-Z]{4,}|_/);
    },
  );

  it('keeps what the parser complains of, without the words around it', () => {
    const error = new Error('Response does not match the HTTP/1.1 protocol (Invalid header token)');
    error.name = 'HTTPParserError';
    expect(originError(error, 'waiting').detail).toBe('what it sent is not HTTP/1.1: invalid header token');
  });

  it('passes our own errors on', () => {
    const own = new EtagereError('REQUEST_MALFORMED', 'x');
    expect(originError(own, 'waiting')).toBe(own);
  });

  it('takes what is no error for a fault of ours', () => {
    expect(originError('odd', 'waiting').code).toBe('INTERNAL');
  });
});
