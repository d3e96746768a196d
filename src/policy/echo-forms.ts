/** How a value of a request may stand in a response that repeats it (RFC 9111 §7.1): the forms that are looked for, and the hosts in it, which no form changes. Texts are Latin-1: one character for each byte. */

/** Shorter ones are found by chance. */
const leastLength = 8;

/** The same for names of hosts. */
export const leastHostLength = 4;

/**
 * Letters alone are a word of some language, and hexadecimal digits the name of a request or a trace: each client has its own. So are, as proxies in front of us add them to all that is asked, a ULID, a
 * CF-Ray and an X-Amzn-Trace-Id; none of these forms has room for anything else.
 */
const inert =
  /^(?:[a-z]*|[\da-f-]*|[\da-hjkmnp-tv-z]{26}|[\da-f]{16}-[a-z]{3}|(?:(?:root|self|parent|sampled)=[\da-f-]+(?:;|$))+)$/i;

/** Whether a text does nothing wherever it is repeated: a number that is an address (WHATWG URL §3.5) does. */
export function isInert(text: string): boolean {
  return inert.test(text) && !isNumber(text);
}

/** Whether a text is looked for as it is. */
export function isCounted(text: string): boolean {
  return text.length >= leastLength && !inert.test(text);
}

/** Whether all of a text is a host, or one with a port or a path. */
export function isHost(text: string): boolean {
  const [host] = text.split(/[:/]/, 1);
  return host !== undefined && hostsIn(host).includes(host);
}

/** Names, addresses and numbers of hosts in a text, as they are and in lower case. A number is one only where a URL has its host. */
export function hostsIn(text: string): string[] {
  const found: string[] = [];
  for (const run of text.match(/\[[\da-f:.]{2,}\]|[\w.-]+/gi) ?? []) {
    const host = withoutOuterDots(run);
    if (isNumber(host)) found.push(`//${host}`);
    else if (host.startsWith('[') || isName(host) || isAddress(host)) found.push(host, host.toLowerCase());
  }
  return found;
}

/** Not by a regular expression: of many dots inside, it would begin at each. */
function withoutOuterDots(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && text[start] === '.') start++;
  while (start < end && text[end - 1] === '.') end--;
  return text.slice(start, end);
}

function isName(text: string): boolean {
  return text.length >= leastHostLength && /^(?:[\w-]+\.)+(?:[a-z]{2,}|xn--[a-z\d-]+)$/i.test(text);
}

function isAddress(text: string): boolean {
  return /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(text);
}

/** What a URL reads as an address of IPv4 in one number. */
function isNumber(text: string): boolean {
  return /^(?:\d{8,12}|0x[\da-f]{7,8})$/i.test(text);
}

/** As an origin decodes cookies and parameters; the same where nothing is encoded. */
export function percentDecoded(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** How HTML has an apostrophe, by different hands. */
const apostrophes = ['&#39;', '&#039;', '&#x27;'] as const;

/** A text as it is, also where it was read as Latin-1 and written as UTF-8; in a URL; in HTML; and what is long enough between the characters that a string of JSON or a script escapes. */
export function formsOf(text: string): string[] {
  const forms = [text, Buffer.from(text, 'utf8').toString('latin1'), encodeURIComponent(text)];
  for (const apostrophe of apostrophes) forms.push(inHtml(text, apostrophe));
  return [...forms, ...text.split(/["'\\&\x7f-\xff]+/).filter(isCounted)];
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);

function inHtml(text: string, apostrophe: string): string {
  return text.replace(/[&<>"']/g, (sign) => escapes.get(sign) ?? apostrophe);
}
