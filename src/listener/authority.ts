import { isIPv6 } from 'node:net';

/**
 * `uri-host [ ":" port ]` (RFC 9110 §7.2). Of the registered names of RFC 3986 §3.2.2 only unreserved characters: no name that
 * resolves has a percent-encoding or a sub-delimiter in it, and `a,b` or `a@b` mean two different hosts to two readers.
 */
const authorityPattern = /^(?:\[([0-9a-f:.]+)\]|[0-9a-z._~-]+)(?::([0-9]{0,5}))?$/;

/**
 * The authority in the one form that is keyed and forwarded (RFC 9110 §4.2.3): lower case, without an empty port or the default
 * port of the scheme. Undefined where the text is none: userinfo (RFC 9110 §4.2.4), an empty host and port 0 are refused.
 */
export function normalAuthority(text: string, scheme: 'http' | 'https'): string | undefined {
  const lower = text.toLowerCase();
  const match = authorityPattern.exec(lower);
  if (match === null) return undefined;
  const [, address, port] = match;
  if (address !== undefined && !isIPv6(address)) return undefined;
  if (port === undefined) return lower;
  const host = lower.slice(0, lower.length - port.length - 1);
  if (port === '') return host;
  const number = Number(port);
  if (number === 0 || number > 65_535) return undefined;
  return number === (scheme === 'https' ? 443 : 80) ? host : `${host}:${number}`;
}
