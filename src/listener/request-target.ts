import { EtagereError } from '../errors.ts';
import { normalAuthority } from './authority.ts';

/** A request target taken apart. */
export interface RequestTarget {
  /** Path and query, or `*`: the bytes that are keyed, matched and forwarded. */
  readonly target: string;
  /** In normal form, where the target is in absolute-form. */
  readonly authority?: string;
}

/**
 * What may stand in a path and a query: RFC 3986 §3.3 and §3.4, and square brackets, which browsers send as they are. Backslash,
 * quote, angle brackets, caret, braces, pipe and backtick may not: some readers take them for other characters, so that what
 * is stored under one name is another's answer.
 */
const allowedCharacters = /^[0-9A-Za-z\-._~!$&'()*+,;=:@/?%[\]]*$/;

/**
 * `.` and `..` as a whole segment, plain or encoded, also before a path parameter (`/..;x/`). Refused and not resolved: the origin,
 * a rule on paths and a cache key would each resolve them by their own lights (RFC 3986 §6.2.2.3 lets any of them), and a
 * private page could be stored under a public name. An encoded slash or backslash counts as a slash, which it is to some origins.
 * User agents resolve them before they send a request.
 */
const dotSegment = /(?:\/|%2f|%5c)(?:\.|%2e){1,2}(?:[/;]|%2f|%5c|$)/i;

/** A percent sign that begins no encoding. In a query it is an everyday slip (`?q=100%`) and nothing is matched by it. */
const strayPercent = /%(?![0-9A-Fa-f]{2})/;

/** What user agents send as it is although a URI may not have it (RFC 3986 §2): one character at a time. */
const rawCharacter = /[|{}^\\"<>`]/g;

const absoluteForm = /^(https?):\/\/([^/?#]*)(.*)$/is;

/**
 * Reads a request target (RFC 9112 §3.2): origin-form, absolute-form of the scheme over which the request came, or `*` for
 * OPTIONS, which an absolute URI without path also means there (RFC 9112 §3.2.4). Else an empty path counts as `/`
 * (RFC 9110 §4.2.3). Errors: REQUEST_TARGET_INVALID.
 */
export function parseTarget(text: string, method: string, scheme: 'http' | 'https'): RequestTarget | EtagereError {
  if (text === '*') return method === 'OPTIONS' ? { target: '*' } : invalid('* is for OPTIONS only');
  if (text.startsWith('/')) return checked({ target: text });
  const [, targetScheme, rawAuthority, rest] = absoluteForm.exec(text) ?? [];
  if (targetScheme === undefined || rawAuthority === undefined || rest === undefined) {
    return invalid('neither a path nor an absolute URI');
  }
  if (targetScheme.toLowerCase() !== scheme) return invalid('the scheme is not that of the connection');
  const authority = normalAuthority(rawAuthority, scheme);
  if (authority === undefined) return invalid('the authority is not valid');
  if (rest === '' && method === 'OPTIONS') return { target: '*', authority };
  return checked({ target: rest.startsWith('/') ? rest : `/${rest}`, authority });
}

/**
 * The target with every character that user agents leave raw in its percent-encoding (RFC 3986 §2.1). That is done once, before the target is looked at, so that
 * the key and the origin get the same bytes.
 */
export function encoded(target: string): string {
  return target.replace(rawCharacter, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function checked(parsed: RequestTarget): RequestTarget | EtagereError {
  const { target } = parsed;
  if (target.includes('#')) return invalid('a fragment');
  if (!allowedCharacters.test(target)) {
    return invalid(
      'a character that must be percent-encoded; --encode-target has the proxy do that for those that browsers send',
    );
  }
  const query = target.indexOf('?');
  const path = query < 0 ? target : target.slice(0, query);
  if (dotSegment.test(path)) return invalid('a dot segment');
  if (strayPercent.test(path)) return invalid('a percent sign that encodes nothing');
  return parsed;
}

function invalid(detail: string): EtagereError {
  return new EtagereError('REQUEST_TARGET_INVALID', detail);
}
