import type { RequestHead } from '../http/message.ts';

/** A target URI taken apart as it is keyed. */
export type TargetUri = Pick<RequestHead, 'scheme' | 'authority' | 'target'>;

const absolute = /^(https?):\/\/([^/?#]+)([^#]*)$/is;

const defaultPorts = { http: ':80', https: ':443' } as const;

/**
 * Takes an absolute http(s) URL apart, as a person writes one for whom a key is meant: scheme and authority in normal form (RFC 9110 §4.2.3), the rest byte by byte as it is; the
 * target may be empty. Undefined where it is none.
 */
export function targetUri(url: string): TargetUri | undefined {
  const [, scheme, authority, target] = absolute.exec(url) ?? [];
  if (scheme === undefined || authority === undefined || target === undefined) return undefined;
  const known = scheme.toLowerCase() === 'https' ? 'https' : 'http';
  const lower = authority.toLowerCase();
  const port = defaultPorts[known];
  return { scheme: known, authority: lower.endsWith(port) ? lower.slice(0, -port.length) : lower, target };
}

/** The URL of a target URI. */
export function urlOfTarget({ scheme, authority, target }: TargetUri): string {
  return `${scheme}://${authority}${target}`;
}
