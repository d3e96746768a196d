import { describe, expect, it } from 'vitest';
import { problemResponse, problemToken } from '../../../src/http/problem.ts';
import { type ErrorCode, errorTable, EtagereError } from '../../../src/errors.ts';
import { fieldValue, hasField } from '../../../src/http/fields.ts';

const codes = Object.keys(errorTable) as ErrorCode[];

function problem(code: ErrorCode): ReturnType<typeof problemResponse> {
  return problemResponse(new EtagereError(code, 'what happened', { cause: new Error('10.0.0.5 said no') }), 'etagere');
}

/** What Proxy-Status says of a validation that failed for this reason. */
function toldOf(cause: unknown): string | undefined {
  const error = new EtagereError('VALIDATION_IMPOSSIBLE', 'it is stale', { cause });
  return fieldValue(problemResponse(error, 'etagere').head.fields, 'proxy-status');
}

describe('problemResponse', () => {
  it.each(codes)('answers %s with the status of its row and a complete document (RFC 9457 §3.1)', (code) => {
    const { head, content } = problem(code);
    expect(head.status).toBe(errorTable[code].status);
    expect(fieldValue(head.fields, 'content-type')).toBe('application/problem+json');
    expect(fieldValue(head.fields, 'content-length')).toBe(String(content.length));
    expect(JSON.parse(content.toString())).toEqual({
      type: `urn:etagere:problem:${code.toLowerCase().replaceAll('_', '-')}`,
      title: errorTable[code].title,
      status: errorTable[code].status,
      detail: 'what happened',
      code,
    });
  });

  it('is not to be stored by anyone', () => {
    expect(fieldValue(problem('REQUEST_TARGET_TOO_LONG').head.fields, 'cache-control')).toBe('no-store');
  });

  it('tells of the origin in Proxy-Status (RFC 9209 §2.3)', () => {
    expect(fieldValue(problem('ORIGIN_REFUSED').head.fields, 'proxy-status')).toBe('etagere; error=connection_refused');
  });

  it('tells what kept a response from being validated, where that is known (RFC 9209 §2.1.1)', () => {
    expect(toldOf(new EtagereError('ORIGIN_REFUSED', ''))).toBe('etagere; error=connection_refused');
    expect(toldOf(new EtagereError('REQUEST_MALFORMED', ''))).toBe('etagere; error=destination_unavailable');
    expect(toldOf(undefined)).toBe('etagere; error=destination_unavailable');
  });

  it.each<[ErrorCode, string]>([
    ['ORIGIN_CERTIFICATE_INVALID', 'tls_certificate_error'],
    ['ORIGIN_TLS_ALERT', 'tls_alert_received'],
    ['ORIGIN_TLS_FAILED', 'tls_protocol_error'],
    ['ORIGIN_HEAD_TOO_LARGE', 'http_response_header_section_size'],
    ['ORIGIN_CODING_INVALID', 'http_response_transfer_coding'],
    ['ORIGIN_RESPONSE_INVALID', 'http_protocol_error'],
  ])('tells of %s as %s', (code, type) => {
    expect(fieldValue(problem(code).head.fields, 'proxy-status')).toBe(`etagere; error=${type}`);
  });

  it('answers with the status that RFC 9209 §2.3 recommends, but for a loop, a validation that failed and what passes by itself', () => {
    const recommended: Readonly<Record<string, number>> = {
      destination_unavailable: 503,
      connection_limit_reached: 503,
      connection_timeout: 504,
      connection_read_timeout: 504,
      http_response_timeout: 504,
      proxy_internal_error: 500,
    };
    const others = codes.filter((code) => {
      const { proxyError, status } = new EtagereError(code, '').row;
      const free = proxyError === undefined || proxyError === 'proxy_internal_response';
      return !free && status !== (recommended[proxyError] ?? 502);
    });
    expect(others).toEqual(['REQUEST_LOOP', 'VALIDATION_IMPOSSIBLE', 'READER_TOO_SLOW', 'DESCRIPTORS_EXHAUSTED']);
  });

  it('has no Proxy-Status where the client is to blame', () => {
    expect(hasField(problem('REQUEST_MALFORMED').head.fields, 'proxy-status')).toBe(false);
  });

  it('says when to come back where the row says so', () => {
    expect(fieldValue(problem('ORIGIN_BUSY').head.fields, 'retry-after')).toBe('1');
    expect(hasField(problem('ORIGIN_REFUSED').head.fields, 'retry-after')).toBe(false);
  });

  it('lists the methods that are served with a 405 (RFC 9110 §15.5.6)', () => {
    expect(fieldValue(problem('REQUEST_METHOD_REFUSED').head.fields, 'allow')).toBe(
      'GET, HEAD, QUERY, POST, PUT, PATCH, DELETE, OPTIONS',
    );
  });

  it('keeps the cause to ourselves', () => {
    expect(problem('ORIGIN_REFUSED').content.toString()).not.toContain('10.0.0.5');
  });

  it('shows the code as a token in kebab-case', () => {
    expect(problemToken(new EtagereError('ORIGIN_BUSY', ''))).toBe('origin-busy');
  });
});
