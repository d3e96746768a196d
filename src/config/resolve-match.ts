import type { BypassOptions, MatchOptions } from './options.ts';
import type { Place } from './problems.ts';
import type { BypassRules, RouteMatch } from './settings.ts';
import { isFieldValue, isToken, trimOws } from '../http/fields.ts';
import { UsageError } from './usage-error.ts';
import { readEach } from './values.ts';

/** What a route matches. Nothing given: every request. */
export function resolveMatch(options: MatchOptions | undefined, place: Place): RouteMatch {
  for (const [name, patterns] of Object.entries(options ?? {})) {
    if (Array.isArray(patterns) && patterns.length === 0) {
      place.at(name).refuse('it is empty, and would match nothing', 'write one at least, or leave it out');
    }
  }
  return {
    hosts: readEach(place.at('host'), options?.host, hostPattern),
    paths: readEach(place.at('path'), options?.path, pathPattern),
    methods: readEach(place.at('method'), options?.method, method),
  };
}

export function resolveBypass(options: BypassOptions, place: Place): BypassRules {
  return {
    paths: readEach(place.at('path'), options.path, pathPattern),
    cookies: readEach(place.at('cookie'), options.cookie, cookiePattern),
    fields: readEach(place.at('header'), options.header, fieldPattern),
  };
}

function hostPattern(text: string): string {
  const lower = text.toLowerCase();
  const [, star, name = '', port] = /^(\*\.)?([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/.exec(lower) ?? [];
  if (name === '' || (star !== undefined && name.startsWith('[')))
    throw new UsageError(`"${text}" is not a host`, hostAdvice(lower));
  if (port === '80') {
    throw new UsageError(`80 is the default port, which is in no Host`, `write ${star ?? ''}${name}`);
  }
  return lower;
}

function hostAdvice(text: string): string {
  const [, name] = /^https?:\/\/([^/]+)/.exec(text) ?? [];
  if (name !== undefined) return `write ${name}`;
  if (text === '*') return 'leave host out to match every one';
  if (/^\*[^.]/.test(text)) return 'write "*.example.com" for every name below example.com';
  return 'write something like example.com, "*.example.com" or example.com:8443';
}

/** A path as it stands in targets; a character that none can have would make a pattern that matches nothing. */
function pathPattern(text: string): string {
  if (/[?#]/.test(text))
    throw new UsageError(`"${text}" has a query or fragment`, 'paths are matched without: leave it out');
  if (!/^[/*]/.test(text)) {
    throw new UsageError(`"${text}" begins with neither / nor *`, `write /${text.replace(/^\.?\//, '')}`);
  }
  if (/[^\x21-\x7e]|["<>\\^`{|}]/.test(text)) {
    const encoded = encodeURI(text).replaceAll('%25', '%');
    throw new UsageError(`"${text}" has characters that no path has`, `percent-encode them: ${encoded}`);
  }
  return text;
}

function method(text: string): string {
  if (!isToken(text)) throw new UsageError(`"${text}" is not a method`, 'write something like GET');
  if (text !== text.toUpperCase()) {
    throw new UsageError(
      `"${text}" is in lower case, and methods tell it from upper case`,
      `write ${text.toUpperCase()}`,
    );
  }
  return text;
}

function cookiePattern(text: string): string {
  if (isToken(text)) return text;
  const advice = text.includes('=')
    ? `write the name alone: ${text.slice(0, text.indexOf('='))}`
    : 'write a name like session, or session_*';
  throw new UsageError(`"${text}" is not the name of a cookie`, advice);
}

function fieldPattern(text: string): BypassRules['fields'][number] {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const value = colon < 0 ? undefined : trimOws(text.slice(colon + 1));
  if (!isToken(name) || name.includes('*')) {
    throw new UsageError(
      `"${text}" is not a request field`,
      'write its name, or its name with a value: X-Preview: yes',
    );
  }
  if (value !== undefined && !isFieldValue(value))
    throw new UsageError(`"${text}" has a value that no field has`, 'leave it out');
  return { name: name.toLowerCase(), value };
}
