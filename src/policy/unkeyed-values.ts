import { type Fields, listMembers, trimOws } from '../http/fields.ts';
import { isHopByHop } from '../http/hop-by-hop.ts';
import { isKeyedClaim } from '../http/claims.ts';
import type { RequestHead } from '../http/message.ts';
import { formsOf, hostsIn, isCounted, isHost, isInert, leastHostLength, percentDecoded } from './echo-forms.ts';
import type { SoughtText } from './text-automaton.ts';
import { SoughtTexts } from './text-search.ts';
import { isWordByte } from './word-byte.ts';

/**
 * RFC 9111 §7.1: what one client can have an origin say to all others. A field that is forwarded, but that neither the cache key nor Vary holds, makes no difference to whom a stored response
 * answers; so a response that repeats its value is that client's alone.
 */

/** A text of a request that is neither in the key nor nominated. */
export interface UnkeyedValue {
  readonly text: string;
  /** Whether it counts only where no letter or digit follows: `https://a.test/` is not repeated by a link to `https://a.test/page`. */
  readonly ends: boolean;
}

/** `too-many`: more than are looked for. */
export type UnkeyedValues = readonly UnkeyedValue[] | 'too-many';

/** Most texts of one request that are looked for. */
const maxValues = 64;

const none: readonly UnkeyedValue[] = [];

/**
 * What a response to the request must not repeat if it is to answer others: the values of its forwarded fields that neither the key nor `nominated` (lower-case names) holds, as they are and as
 * they stand in a URL or in HTML. Not those that clients send by themselves and that could do nothing in an answer to others, like the media types of Accept; the decision record 0023 has the reasons.
 *
 * @param target What of the request's target the stored response is for: not what No-Vary-Search says does not matter.
 */
export function unkeyedValues(
  request: RequestHead,
  nominated: readonly string[],
  target: string = request.target,
): UnkeyedValues {
  const lines = remarkableLines(request.fields);
  if (lines.length === 0) return none;
  const before = valuesBefore.get(request);
  if (before?.nominated === nominated && before.target === target) return before.values;
  const values = valuesOf(lines, { target, authority: request.authority }, nominated);
  valuesBefore.set(request, { nominated, target, values });
  return values;
}

/** Head and content of one response are looked through for the same. */
const valuesBefore = new WeakMap<
  RequestHead,
  { readonly nominated: readonly string[]; readonly target: string; readonly values: UnkeyedValues }
>();

/** What a stored response is for, as text. */
type Keyed = Pick<RequestHead, 'target' | 'authority'>;

function valuesOf(lines: readonly Line[], keyed: Keyed, nominated: readonly string[]): UnkeyedValues {
  const found: UnkeyedValue[] = [];
  const seen = new Set<string>();
  for (const [name, value] of lines) {
    if (nominated.includes(name) && !isChosenFreely(name)) continue;
    const ends = sites.has(name);
    if (ends && isSameSite(value, keyed.authority)) continue;
    for (const text of textsOf(name, value)) {
      if (isKeyed(text, keyed) || seen.has(text)) continue;
      if (found.length === maxValues) return 'too-many';
      seen.add(text);
      found.push({ text, ends });
    }
  }
  return found;
}

/** Whether the value stands in `text`. */
export function isRepeated({ text: value, ends }: UnkeyedValue, text: string): boolean {
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1))
    if (!ends || !isWordByte(text.charCodeAt(at + value.length))) return true;
  return false;
}

/** Values of so many characters together are looked for one by one; more could have much in common with what they are looked for in. */
const fewCharacters = 256;

/** Whether one of the values stands in one of the texts, which are Latin-1. */
export function areRepeated(values: readonly UnkeyedValue[], texts: readonly string[]): boolean {
  if (values.reduce((sum, { text }) => sum + text.length, 0) <= fewCharacters)
    return values.some((value) => texts.some((text) => isRepeated(value, text)));
  const sought = new SoughtTexts(soughtTexts(values));
  return texts.some((text) => sought.isFoundAtEnd(sought.advance(0, Buffer.from(text, 'latin1'))));
}

/** The values as bytes. */
export function soughtTexts(values: readonly UnkeyedValue[]): readonly SoughtText[] {
  return values.map(({ text, ends }) => ({ bytes: Buffer.from(text, 'latin1'), ends }));
}

type Line = readonly [name: string, value: string];

/** The same list of fields has the same lines: clients repeat themselves. */
const linesBefore = new WeakMap<Fields, readonly Line[]>();

/** The lines of a request that hold more than what every client sends; those of one name as one (RFC 9110 §5.3), as an origin reads them. */
function remarkableLines(fields: Fields): readonly Line[] {
  let lines = linesBefore.get(fields);
  if (lines === undefined) {
    lines = [...combined(fields)].filter(([name, value]) => !isOrdinary(name, value));
    linesBefore.set(fields, lines);
  }
  return lines;
}

function combined(fields: Fields): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (!isForwarded(name)) continue;
    const before = values.get(name);
    const separator = name === 'cookie' ? '; ' : ', ';
    values.set(
      name,
      before === undefined ? (fields[i + 1] as string) : `${before}${separator}${fields[i + 1] as string}`,
    );
  }
  return values;
}

/** What goes to the origin as the client has it, and is not in the key. Cache-Control says the same things of requests and of responses. */
function isForwarded(name: string): boolean {
  return name !== 'host' && name !== 'cache-control' && !isHopByHop(name) && !isKeyedClaim(name);
}

/** Whether a response may answer others although Vary names the field: one in the language that they prefer does (`isPreferredLanguage`). */
function isChosenFreely(name: string): boolean {
  return name === 'accept-language';
}

/** Where a request came from: the scheme and the authority of a site, at least. */
const sites: ReadonlySet<string> = new Set(['referer', 'origin']);

/** Fields whose commas separate nothing. */
const undivided: ReadonlySet<string> = new Set(['referer', 'origin', 'user-agent', 'authorization', 'date']);

const mediaTypes = /^(?!.*\/\/)[\w*+-]+\/[\w*.+-][\w*.+/;=, -]*$/;
const entityTags = /^(?:(?:(?:W\/)?"[^"'<>\\`]*"(?: *, *|$))+|\*)$/;
const date = /^[\w ,:+-]* GMT$/;
const structured = /^(?!.*\/\/)(?:(?:"[\w ().:;?/-]*"|\?[01]|[\d.]+)(?:;v="[\w.]*")?(?:, *|$))*$/;

/** What clients send by themselves: nothing in these forms names a host, or breaks out of where it is written to. Each is matched in linear time. */
const ordinary: ReadonlyMap<string, RegExp> = new Map([
  ['accept', mediaTypes],
  ['content-type', mediaTypes],
  ['accept-encoding', /^(?:(?:x-gzip|gzip|deflate|br|zstd|compress|identity|dcb|dcz|\*)(?:; ?q=[\d.]+)?(?:, *|$))*$/],
  ['accept-language', /^(?:(?:[a-z]{2,3}(?:-[a-z\d]{1,8})*|\*)(?:; ?q=[\d.]+)?(?:, *|$))*$/i],
  ['user-agent', /^[a-z][\w-]*\/\d[\w.]*(?: (?!.*(?:\/\/|\.[a-z]{2}))[\w ./();:,+@[\]-]*)?$/i],
  ['pragma', /^no-cache(?:, *[\w-]+)*$/i],
  ['if-match', entityTags],
  ['if-none-match', entityTags],
  ['if-range', /^(?:(?:W\/)?"[^"'<>\\`]*"|[\w ,:+-]* GMT)$/],
  ['if-modified-since', date],
  ['if-unmodified-since', date],
  ['range', /^bytes=[\d, -]*$/],
  ['sec-fetch-site', /^(?:same-origin|same-site|cross-site)$/],
  ['sec-fetch-mode', /^(?:same-origin|no-cors)$/],
  ['sec-purpose', /^prefetch;[a-z-]+$/],
]);

const harmlessCookie = /^(?!.*\/\/)[^"'<>\\`(){}]*$/;

function isOrdinary(name: string, value: string): boolean {
  if (value.length < leastHostLength || isInert(value)) return true;
  if (name === 'cookie') return cookieTexts(value).every(isHarmlessCookie);
  if (name.startsWith('sec-ch-')) return structured.test(value);
  return ordinary.get(name)?.test(value) === true;
}

/** Nothing of a cookie, nor of what origins decode of it, names a host or breaks out of where it is written to. */
function isHarmlessCookie(text: string): boolean {
  const decoded = percentDecoded(text);
  return harmlessCookie.test(decoded) && !isHost(decoded);
}

/** Names and values, as both are written by whoever sends them. */
function cookieTexts(value: string): string[] {
  return value.split(';').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at < 0 ? [trimOws(pair)] : [trimOws(pair.slice(0, at)), trimOws(pair.slice(at + 1))];
  });
}

/** Whether the URL is one of the site that is asked, or of a site above or beneath it: those know one another. */
function isSameSite(url: string, authority: string): boolean {
  const [, host] = /^https?:\/\/([a-z\d.:-]+)(?:\/[^"'<>\\`{}|^\s]*)?$/i.exec(url) ?? [];
  if (host === undefined) return false;
  const [one, other] = [host.toLowerCase(), authority.toLowerCase()];
  return one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`);
}

/** What of a line is looked for: all of it and its members, as they are and decoded, each in its forms; and the hosts that they name. */
function* textsOf(name: string, value: string): Iterable<string> {
  if (undivided.has(name)) {
    if (isCounted(value)) yield* formsOf(value);
    return;
  }
  for (const whole of wholesOf(name, value)) {
    yield* textsIn(whole);
    const decoded = percentDecoded(whole);
    if (decoded !== whole) yield* textsIn(decoded);
  }
}

function* textsIn(text: string): Iterable<string> {
  if (isCounted(text)) yield* formsOf(text);
  if (text.length >= leastHostLength) yield* hostsIn(text);
}

function wholesOf(name: string, value: string): string[] {
  if (name === 'cookie') return cookieTexts(value).filter((text) => !isHarmlessCookie(text));
  // All of it too, as not every origin reads a list as one; and members may be too short to be looked for.
  return [...listMembers(value).map((member) => /^"(.*)"$/.exec(member)?.[1] ?? member), value];
}

/** Whether the key holds the text already: it is part of what was asked for. */
function isKeyed(text: string, { target, authority }: Keyed): boolean {
  return target.includes(text) || authority.toLowerCase().includes(text.toLowerCase());
}
