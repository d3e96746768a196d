/** PURE. What a request carries to the next hop, and what a response brings back from it (RFC 9110 §7.6). */

import {
  eachField,
  fieldLines,
  type Fields,
  fieldsTaken,
  fieldValue,
  hasField,
  isToken,
  listMembers,
  trimOws,
  withField,
  withLine,
  withoutFields,
} from '../http/fields.ts';
import { isDisguise, isKeyedClaim, isProxyClaim } from '../http/claims.ts';
import { endToEndFields } from '../http/hop-by-hop.ts';
import { forwardsLeft } from '../http/max-forwards.ts';
import type { RequestHead, ResponseHead } from '../http/message.ts';
import { plainAddress } from '../http/peer-address.ts';

/** How requests are passed on. */
export interface ForwardingConfig {
  /** The origin's own authority, sent as Host: `example.com:8443`. */
  readonly originAuthority: string;
  /** Whether the authority that the client asked for is sent as Host instead. */
  readonly preserveHost: boolean;
  /** Our pseudonym in Via (RFC 9110 §7.6.3): a token that no other intermediary on the way has. */
  readonly viaName: string;
}

/** Whom we believe. */
export interface Trust {
  /** Whether the forwarding fields of this peer (an IP address) are believed. */
  trusts(peer: string): boolean;
}

/** Written by us on every request. Expect was met when the client was told to send its content; the origin is not asked again. */
const rewritten: ReadonlySet<string> = new Set([
  'host',
  'expect',
  'via',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]);

/** What is left of a list of fields, for those who are trusted and for all others: clients repeat themselves. */
const believedBefore = { trusted: new WeakMap<Fields, Fields>(), others: new WeakMap<Fields, Fields>() };

/**
 * The request as it is keyed, matched, judged and forwarded: without what nobody is to claim, and without what its peer is not trusted to claim. To be called
 * once, before anything is looked up: were a claim dropped only on the way to the origin, it could still choose among stored variants, and have the origin's
 * answer to somebody else stored under its own.
 *
 * The same list of fields gives the same list, and the very same where nothing has to go.
 *
 * @param peer IP address of the client's end of the connection; empty where there is none.
 */
export function believedRequest(request: RequestHead, peer: string, config: Trust): RequestHead {
  const { fields } = request;
  if (!hasClaims(fields)) return request;
  const trusted = config.trusts(peer);
  const before = trusted ? believedBefore.trusted : believedBefore.others;
  let believed = before.get(fields);
  if (believed === undefined) {
    believed = believedFields(fields, trusted);
    before.set(fields, believed);
  }
  return believed === fields ? request : { ...request, fields: believed };
}

function hasClaims(fields: Fields): boolean {
  for (let i = 0; i < fields.length; i += 2) if (isClaim(fields[i] as string)) return true;
  return false;
}

function isClaim(name: string): boolean {
  return isProxyClaim(name) || isDisguise(name);
}

/** Host and scheme are what the cache key holds, whoever claims others: one client could have the response for all made to its wishes. */
function believedFields(fields: Fields, trusted: boolean): Fields {
  const names = new Set<string>();
  for (const [name] of eachField(fields))
    if (isDisguise(name) || isKeyedClaim(name) || (!trusted && isProxyClaim(name))) names.add(name);
  return names.size === 0 ? fields : withoutFields(fields, names);
}

/**
 * The fields of a request as they go to the next hop (RFC 9110 §7.6): end-to-end fields, then Via and the forwarding fields.
 * X-Forwarded-Host and -Proto are what the cache key holds.
 *
 * @param request as it is believed (`believedRequest`): what it still says of the client goes on.
 * @param peer IP address of the client's end of the connection; empty where there is none.
 */
export function forwardedFields(request: RequestHead, peer: string, config: ForwardingConfig): Fields {
  // What counts its forwardings is like no other.
  if (forwardsLeft(request) !== undefined) return forwardedLines(request, peer, config);
  const before = forwardedBefore.get(request.fields);
  if (before !== undefined && isAlike(before, request) && before.peer === peer && before.config === config)
    return before.forwarded;
  const forwarded = forwardedLines(request, peer, config);
  const { authority, scheme, version } = request;
  forwardedBefore.set(request.fields, { authority, scheme, version, peer, config, forwarded });
  return forwarded;
}

/** What of a request, beside its fields, says how these are forwarded. */
type Forwarded = Pick<RequestHead, 'authority' | 'scheme' | 'version'>;

interface ForwardedBefore extends Forwarded {
  readonly peer: string;
  readonly config: ForwardingConfig;
  readonly forwarded: Fields;
}

/** As what a list of fields was forwarded last: a client on a connection that stays open repeats itself. */
const forwardedBefore = new WeakMap<Fields, ForwardedBefore>();

function isAlike(one: Forwarded, other: Forwarded): boolean {
  return one.authority === other.authority && one.scheme === other.scheme && one.version === other.version;
}

function forwardedLines(request: RequestHead, peer: string, config: ForwardingConfig): Fields {
  const left = forwardsLeft(request);
  const lines = ['host', config.preserveHost ? request.authority : config.originAuthority];
  const passed = endToEndFields(request.fields);
  for (let i = 0; i < passed.length; i += 2) {
    const name = passed[i] as string;
    if (rewritten.has(name)) continue;
    // RFC 9110 §7.6.2: this forwarding counts. None left is not forwarded at all.
    lines.push(name, name === 'max-forwards' && left !== undefined ? String(left - 1) : (passed[i + 1] as string));
  }
  const address = plainAddress(peer);
  lines.push('via', `${listStart(request.fields, 'via')}${request.version} ${config.viaName}`);
  lines.push('forwarded', knownNodes(request.fields) + forwardedElement(address, request));
  lines.push('x-forwarded-for', listStart(request.fields, 'x-forwarded-for') + (address === '' ? 'unknown' : address));
  lines.push('x-forwarded-host', request.authority, 'x-forwarded-proto', request.scheme);
  return fieldsTaken(lines);
}

const contentLength: ReadonlySet<string> = new Set(['content-length']);

/**
 * The fields of an origin's response without those about its connection to us (RFC 9110 §7.6.1) or its challenge to a proxy.
 * Content-Length stays, as it is about the content; but a 1xx or 204 has none and may not have the field (RFC 9110 §8.6).
 */
export function receivedFields({ status, fields }: ResponseHead): Fields {
  const received = endToEndFields(fields);
  return status < 200 || status === 204 ? withoutFields(received, contentLength) : received;
}

/** Whether this request has already passed through us: our pseudonym is in Via (RFC 9110 §7.6.3), in whatever letter case. */
export function isLoop(request: RequestHead, config: Pick<ForwardingConfig, 'viaName'>): boolean {
  const name = config.viaName.toLowerCase();
  return fieldLines(request.fields, 'via').some((line) => receivers(line).includes(name));
}

/** The fields of a response to a client with our element added to Via (RFC 9110 §7.6.3). We speak HTTP/1.1 to origins. */
export function withVia(fields: Fields, name: string): Fields {
  if (!hasField(fields, 'via')) return withLine(fields, 'via', `1.1 ${name}`);
  return withField(fields, 'via', `${listStart(fields, 'via')}1.1 ${name}`);
}

/** What stands before our own member of a list field: the members so far and a comma, or nothing. */
function listStart(fields: Fields, name: string): string {
  const value = fieldValue(fields, name);
  return value === undefined || value === '' ? '' : `${value}, `;
}

/**
 * What stands before our own element of Forwarded: the addresses that a trusted peer tells (RFC 7239 §5.1, §5.2). Host and scheme, as in X-Forwarded-Host, are
 * ours to tell, and anything else is in no key. What is not well-formed could swallow our element.
 */
function knownNodes(fields: Fields): string {
  const value = fieldValue(fields, 'forwarded');
  if (value === undefined) return '';
  const elements = listMembers(value)
    .map((element) => (element.match(forwardedPair) ?? []).map(trimOws).filter(isNode).join(';'))
    .filter((element) => element !== '');
  return elements.map((element) => `${element}, `).join('');
}

/** What stands between semicolons, but for those in quoted strings. */
const forwardedPair = /(?:[^;"]|"(?:[^"\\]|\\.)*"?)+/g;

function isNode(pair: string): boolean {
  return /^(?:for|by)=(?:[!#$%&'*+\-.^_`|~\w]+|"(?:[^"\\]|\\.)*")$/i.test(pair);
}

/** One element of Forwarded (RFC 7239 §4): what is no token stands in quotes. */
function forwardedElement(address: string, request: RequestHead): string {
  const host = isToken(request.authority) ? request.authority : `"${request.authority}"`;
  return `for=${forwardedNode(address)};host=${host};proto=${request.scheme}`;
}

/** RFC 7239 §6: IPv6 stands in brackets. */
function forwardedNode(address: string): string {
  if (address === '') return 'unknown';
  return address.includes(':') ? `"[${address}]"` : address;
}

/** The received-by parts of a Via line, in lower case: `1.1 name (comment)` gives `name`. */
function receivers(line: string): string[] {
  return withoutComments(line)
    .split(',')
    .map((element) => element.trim().split(/[ \t]+/, 2)[1] ?? '')
    .map((receiver) => receiver.toLowerCase());
}

/**
 * The text without its comments (RFC 9110 §5.6.5: nested, with quoted pairs). An unterminated comment is no comment: a client
 * could otherwise hide the elements that follow it, ours among them. Linear: the search for an end that does not come is the last.
 */
function withoutComments(text: string): string {
  let kept = '';
  let from = 0;
  for (let open = text.indexOf('('); open >= 0; open = text.indexOf('(', from)) {
    const end = commentEnd(text, open);
    if (end === undefined) break;
    kept += `${text.slice(from, open)} `;
    from = end;
  }
  return kept + text.slice(from);
}

/** Where the comment that opens at `open` ends (exclusive); undefined where it does not. */
function commentEnd(text: string, open: number): number | undefined {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    const char = text[i];
    if (char === '\\') i++;
    else if (char === '(') depth++;
    else if (char === ')') depth--;
    if (depth === 0) return i + 1;
  }
  return undefined;
}
