import { EtagereError } from '../errors.ts';
import { fieldsFrom } from './fields.ts';
import type { ResponseHead } from './message.ts';

/** The methods that are served, as Allow shows them (RFC 9110 §10.2.1). CONNECT and TRACE never are. */
export const servedMethods = 'GET, HEAD, QUERY, POST, PUT, PATCH, DELETE, OPTIONS';

/**
 * An error as a client gets it: a problem document (RFC 9457), with Proxy-Status (RFC 9209) where an intermediary has something
 * to report. Not to be stored by anyone: 405, 414 and 501 would be heuristically cacheable (RFC 9110 §15.1). The caller adds
 * Date and Cache-Status.
 *
 * @param cacheName Our name in Proxy-Status: a token.
 */
export function problemResponse(error: EtagereError, cacheName: string): { head: ResponseHead; content: Buffer } {
  const { status, title, retryAfter } = error.row;
  const content = Buffer.from(
    JSON.stringify({
      type: `urn:etagere:problem:${problemToken(error)}`,
      title,
      status,
      detail: error.detail,
      code: error.code,
    }),
  );
  const lines = [
    'content-type',
    'application/problem+json',
    'content-length',
    String(content.length),
    'cache-control',
    'no-store',
  ];
  const told = proxyStatus(error, cacheName);
  if (told !== undefined) lines.push('proxy-status', told);
  if (retryAfter !== undefined) lines.push('retry-after', String(retryAfter));
  if (error.code === 'REQUEST_METHOD_REFUSED') lines.push('allow', servedMethods);
  return { head: { status, fields: fieldsFrom(lines) }, content };
}

/**
 * What Proxy-Status tells of an error on the way to the origin (RFC 9209 §2.3); undefined for errors of the client's making. The error that caused
 * another one is more specific (RFC 9209 §2.1.1).
 */
export function proxyStatus(error: EtagereError, cacheName: string): string | undefined {
  const cause = error.cause instanceof EtagereError ? error.cause.row.proxyError : undefined;
  const proxyError = cause ?? error.row.proxyError;
  return proxyError === undefined ? undefined : `${cacheName}; error=${proxyError}`;
}

/** The code of an error in kebab-case, as it stands in Cache-Status (`detail=`) and in the type of a problem. */
export function problemToken(error: EtagereError): string {
  return error.code.toLowerCase().replaceAll('_', '-');
}
