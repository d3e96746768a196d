import { fieldLines } from '../http/fields.ts';
import type { RequestHead } from '../http/message.ts';
import { anyPattern, pattern } from '../http/pattern.ts';
import { cookieName } from './cookie-rules.ts';
import { comparable } from './percent-encoding.ts';

/** Whether a request is meant. */
export type RequestMatch = (request: RequestHead) => boolean;

/** Every list that is not empty has to match; of a list, one member. */
export interface MatchRules {
  /** Lower case. `example.com`, whatever the port; `example.com:8443`, only that port; `*.example.com`, every name below it, but not itself. */
  readonly hosts: readonly string[];
  /** Patterns for the path, without the query. What is percent-encoded without need counts as what it stands for. */
  readonly paths: readonly string[];
  /** `GET` is HEAD as well. */
  readonly methods: readonly string[];
}

/** A function that tells which requests the rules mean; undefined where they mean every one. */
export function requestMatch({ hosts, paths, methods }: MatchRules): RequestMatch | undefined {
  if (hosts.length + paths.length + methods.length === 0) return undefined;
  const isOfHost = hosts.map(hostMatch);
  const isOfPath = anyPattern(paths.map(comparable));
  const named = new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods);
  return ({ authority, target, method }) =>
    (hosts.length === 0 || isOfHost.some((matches) => matches(authority))) &&
    (paths.length === 0 || isOfPath(pathOf(target))) &&
    (methods.length === 0 || named.has(method));
}

/**
 * A function that tells which authorities a pattern of `MatchRules` means. A pattern in the place of the authority is meant where everything that it means is.
 */
export function hostMatch(host: string): (authority: string) => boolean {
  if (host.startsWith('*.')) {
    const end = host.slice(1);
    return (authority) => {
      const name = portPattern.test(end) ? authority : authority.replace(portPattern, '');
      return name.endsWith(end) && name.length > end.length;
    };
  }
  if (portPattern.test(host)) return (authority) => authority === host;
  return (authority) => authority === host || authority.replace(portPattern, '') === host;
}

const portPattern = /:\d+$/;

function pathOf(target: string): string {
  const end = target.indexOf('?');
  return comparable(end < 0 ? target : target.slice(0, end));
}

/** Requests that go past the shelf; one match is enough. */
export interface Bypasses {
  /** Patterns for the path. */
  readonly paths: readonly string[];
  /** Names of cookies, case-sensitive; `*` stands for any characters. */
  readonly cookies: readonly string[];
  /** Request fields; a value is a pattern, undefined: any. The name is lower case. */
  readonly fields: readonly { readonly name: string; readonly value: string | undefined }[];
}

/** A function that tells which requests these are; undefined where there are none. */
export function bypassMatch({ paths, cookies, fields }: Bypasses): RequestMatch | undefined {
  if (paths.length + cookies.length + fields.length === 0) return undefined;
  const isOfPath = anyPattern(paths.map(comparable));
  const isCookie = anyPattern(cookies);
  const named = fields.map(({ name, value }) => ({ name, matches: pattern(value ?? '*') }));
  return ({ target, fields: presented }) =>
    isOfPath(pathOf(target)) ||
    (cookies.length > 0 && cookieNames(fieldLines(presented, 'cookie')).some(isCookie)) ||
    named.some(({ name, matches }) => fieldLines(presented, name).some(matches));
}

/** The names of the cookies that a request has (RFC 6265 §4.2.1), as far as they can be told. */
function cookieNames(lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split(';')).map(cookieName);
}
