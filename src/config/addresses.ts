import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import type { ListenAddress } from '../listener/node-http.ts';
import { UsageError } from './usage-error.ts';

/**
 * `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`, or only a port (`8080`, `:8080`), which means the loopback address: to be
 * reachable from elsewhere has to be asked for (`0.0.0.0:8080`).
 * @throws UsageError
 */
export function parseListen(text: string): ListenAddress {
  const match = /^(?:(\[[0-9a-f:.]+\]|[a-z0-9.-]*):)?(\d{1,5})$/i.exec(text);
  const host = match?.[1] ?? '';
  const port = Number(match?.[2] ?? Number.NaN);
  const unbracketed = host.startsWith('[') ? host.slice(1, -1) : host;
  if (port <= 65_535 && (unbracketed === host || isIPv6(unbracketed))) {
    return { host: unbracketed === '' ? '127.0.0.1' : unbracketed, port };
  }
  throw new UsageError(`"${text}" is not an address to listen on`, `write ${listenAdvice(text)}`);
}

function listenAdvice(text: string): string {
  // Also an address, but one that nobody has: its last group is meant as the port.
  const [, address = '', port = ''] = /^(.*[0-9a-f:]):(\d{2,5})$/i.exec(text) ?? [];
  if (isIPv6(address)) return `[${address}]:${port}`;
  if (/^\*:\d{1,5}$/.test(text)) return `0.0.0.0${text.slice(1)}`;
  if (isIPv6(text)) return `[${text}]:8080`;
  if (text.startsWith('[') && isIPv6(text.slice(1, -1))) return `${text}:8080`;
  if (/^[a-z][a-z0-9.-]*$/i.test(text) || isIPv4(text)) return `${text}:8080`;
  return 'HOST:PORT, like 127.0.0.1:8080, [::1]:8080 or 0.0.0.0:8080, or only a port up to 65535';
}

/**
 * The same, of clients: with `http://` or `https://` before it, or without.
 * @throws UsageError
 */
export function parseClientListen(text: string): ListenAddress {
  const [, scheme, address = ''] = /^(https?):\/\/([^/]*)\/?$/i.exec(text) ?? [];
  if (scheme === undefined) return parseListen(text);
  return { ...parseListen(address), scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http' };
}

/** The URL of a server that listens there, with an IPv6 address in brackets (RFC 3986 §3.2.2). */
export function urlOf(address: ListenAddress): string {
  return `${address.scheme ?? 'http'}://${hostAndPort(address)}`;
}

/** The same without a scheme, as it is given to `--listen`. */
export function hostAndPort({ host, port }: ListenAddress): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');
loopback.addSubnet('::ffff:127.0.0.0', 104, 'ipv6');

/** Whether an address, without brackets, or a name is that of this machine to itself (RFC 6761 §6.3 for the names). */
export function isLoopback(host: string): boolean {
  const version = isIP(host);
  if (version !== 0) return loopback.check(host, version === 4 ? 'ipv4' : 'ipv6');
  return /^(?:.*\.)?localhost$/i.test(host);
}

/** Whether what is sent to that origin comes to whoever listens there, as far as can be told without asking the system for names. */
export function isSelf(origin: string, { host, port, scheme = 'http' }: ListenAddress): boolean {
  const url = new URL(origin);
  const originPort = Number(url.port === '' ? (scheme === 'https' ? 443 : 80) : url.port);
  if (url.protocol !== `${scheme}:` || port === 0 || originPort !== port) return false;
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const ours = ['localhost', '127.0.0.1', '::1'];
  const isEverywhere = host === '0.0.0.0' || host === '::';
  return name === host || (ours.includes(name) && (isEverywhere || ours.includes(host)));
}

/**
 * The origin's URL without path: `http://localhost:3000`. A path is refused because the target goes on byte by byte; credentials,
 * because they would end up in logs.
 * @throws UsageError
 */
export function parseOrigin(text: string): string {
  const url = httpUrl(text);
  if (url.username !== '' || url.password !== '') {
    throw new UsageError('it holds credentials', `leave them out: ${url.protocol}//${url.host}`);
  }
  if (url.pathname !== '/' || /[?#]/.test(text)) {
    const what = url.pathname === '/' ? 'a query or fragment' : `a path (${url.pathname})`;
    throw new UsageError(`it has ${what}; the paths of requests are forwarded as they are`, `write ${url.origin}`);
  }
  if (url.port === '0')
    throw new UsageError('no server listens on port 0', 'write the port on which the origin listens');
  return url.origin;
}

function httpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  const withScheme = /^\d+$/.test(text) ? `http://localhost:${text}` : `http://${text}`;
  if (!text.includes('://') && /^[a-z0-9.:[\]-]+\/?$/i.test(text) && URL.canParse(withScheme)) {
    throw new UsageError(`"${text}" has no scheme`, `write ${new URL(withScheme).origin}`);
  }
  if (url !== undefined && text.includes('://')) {
    throw new UsageError(`an origin can't be reached by ${url.protocol}//`, 'write an http:// or https:// URL');
  }
  // What stands before an "@" is a user and a password.
  const shown = text.includes('@') ? 'that' : `"${text}"`;
  throw new UsageError(`${shown} is not the URL of an origin`, 'write something like http://localhost:3000');
}
