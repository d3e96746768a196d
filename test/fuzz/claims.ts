import { inspect, isDeepStrictEqual } from 'node:util';
import { deltaSeconds, parseCacheControl, qualifiedNames } from '../../src/http/cache-control.ts';
import { formatHttpDate, parseHttpDate } from '../../src/http/date.ts';
import { parseEntityTagList, stronglyEqual, weaklyEqual } from '../../src/http/entity-tag.ts';
import { fieldsOf, isToken, listElements } from '../../src/http/fields.ts';
import { parseContentRange, parseRange } from '../../src/http/range.ts';
import { cacheKey, partsOf } from '../../src/key/cache-key.ts';
import { nominatedFields, variantKey, variantValues } from '../../src/key/nominated-fields.ts';
import { comparable } from '../../src/key/percent-encoding.ts';
import { queryRewriter } from '../../src/key/query-rules.ts';
import { normalAuthority } from '../../src/listener/authority.ts';
import { encoded, parseTarget } from '../../src/listener/request-target.ts';
import { EtagereError } from '../../src/errors.ts';
import { isEquivalent, searchVariation, significantTarget } from '../../src/policy/search-variation.ts';
import { dictionaryOf } from '../../src/policy/structured.ts';
import { serializeDictionary } from 'structured-headers';
import type { Random } from './random.ts';
import { hold } from './target.ts';

/** What holds of a value, whatever it is; throws a `Counterexample` where it does not. */
type Claim = (value: string, random: Random) => void;

const now = Date.UTC(2026, 10, 23);

/** RFC 9110 §5.6.1, RFC 9111 §5.2, read at once by what their grammar says. */
const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const quotedString = String.raw`"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"`;
const directive = `${token}(?:=(?:${token}|${quotedString}))?`;
const wellFormed = new RegExp(String.raw`^(?:[ \t]*(?:${directive})?[ \t]*(?:,|$))*$`);
const eachDirective = new RegExp(`(${token})(?:=(?:(${token})|(${quotedString})))?`, 'g');

const cacheControl: Claim = (value) => {
  const control = parseCacheControl(value);
  const seconds = deltaSeconds(control, 'max-age');
  hold('delta-seconds are a whole number', seconds === undefined || Number.isSafeInteger(seconds), value);
  const names = qualifiedNames(control, 'private');
  hold('a qualified form names fields', typeof names === 'string' || names.every(isToken), value);
  const outside = value.replaceAll(/"(?:[^"\\]|\\[^])*(?:"|$)/g, '"');
  const says = /(?:^|,)[ \t]*no-store[ \t]*(?:,|$)/i.test(outside);
  hold('no-store is never missed', !says || control.directives.has('no-store') || control.malformed, value);
  // The pattern tries again and again at what is long and broken.
  if (value.length > 200 || !wellFormed.test(value)) return;
  const expected = new Map<string, { value: string; quoted: boolean }[] | null[]>();
  for (const [, name = '', plain, quoted] of value.matchAll(eachDirective)) {
    const text = quoted === undefined ? plain : quoted.slice(1, -1).replaceAll(/\\([^])/g, '$1');
    const occurrence = text === undefined ? null : { value: text, quoted: quoted !== undefined };
    expected.set(name.toLowerCase(), [...(expected.get(name.toLowerCase()) ?? []), occurrence] as never);
  }
  hold('what is well-formed is read as its grammar says', !control.malformed, value);
  hold('each directive is there', isDeepStrictEqual(control.directives, expected), value);
};

const dates: Claim = (value) => {
  const time = parseHttpDate(value, now);
  if (time === undefined) return;
  const year = new Date(time).getUTCFullYear();
  hold('a date is a whole second', Number.isSafeInteger(time / 1_000), value);
  hold('a date that is written is read', year > 9_999 || parseHttpDate(formatHttpDate(time), now) === time, value);
  const isPlain = /, \d\d [A-Za-z]{3} [1-9]\d{3} \d\d:\d\d:[0-5]\d/.test(value);
  hold('another reader reads the same', !isPlain || Date.parse(value) === time, value);
};

const ranges: Claim = (value, random) => {
  const [length, most] = [random.below(2_000), 1 + random.below(8)];
  for (const text of [value, `bytes=${value}`]) {
    const asked = parseRange(text, length, most);
    if (asked.kind !== 'ranges') continue;
    hold('no more ranges than are allowed', asked.ranges.length > 0 && asked.ranges.length <= most, value);
    for (const { first, last } of asked.ranges)
      hold('each range is inside', first >= 0 && first <= last && last < length, { value, length });
  }
  const enclosed = parseContentRange(value);
  if (enclosed === undefined) return;
  const { first, last, length: whole } = enclosed;
  hold('a Content-Range is inside', first <= last && last < (whole ?? Number.POSITIVE_INFINITY), value);
  const written = `bytes ${first}-${last}/${whole ?? '*'}`;
  hold('a Content-Range that is written is read', isDeepStrictEqual(parseContentRange(written), enclosed), value);
};

const entityTags: Claim = (value) => {
  const tags = parseEntityTagList(value);
  if (tags === '*') return;
  const again = parseEntityTagList(tags.map(({ text }) => text).join(', '));
  hold('a list of entity-tags that is written is read', isDeepStrictEqual(again, tags), value);
  for (const tag of tags)
    for (const other of tags)
      hold('strongly equal is weakly equal', !stronglyEqual(tag, other) || weaklyEqual(tag, other), value);
};

const vary: Claim = (value) => {
  const names = nominatedFields(fieldsOf(['vary', value]));
  const members = listElements(value).map((member) => member.toLowerCase());
  hold('* is never missed', !members.includes('*') || names === 'never', value);
  if (names === 'never') return;
  const all = members.filter((member) => member !== '');
  hold('all that is nominated is there', isDeepStrictEqual(names, [...new Set(all)].sort()), value);
  const request = fieldsOf(...names.map((name) => [name, value] as const), ['x-other', value]);
  const key = variantKey([...names, 'x-absent'], request);
  const parts = [...variantValues(key).keys()];
  hold('a variant tells its fields', isDeepStrictEqual(parts, [...names, 'x-absent']), value);
};

const targets: Claim = (value) => {
  for (const text of [value, `/${value}`, encoded(`/${value}`), `http://a.test/${value}`]) {
    const parsed = parseTarget(text, 'GET', 'http');
    if (parsed instanceof EtagereError) continue;
    const { target, authority } = parsed;
    hold('a target is a path', target.startsWith('/') && !/[\s#\\]/.test(target), value);
    hold('its bytes are those that came', text === target || authority !== undefined, value);
    const again = parseTarget(target, 'GET', 'http');
    hold('what passed, passes', !(again instanceof EtagereError) && again.target === target, value);
    const url = new URL(`http://a.test${target}`);
    const resolved = url.href.slice(url.origin.length);
    hold('nobody resolves it to another', withPlainApostrophes(resolved) === withPlainApostrophes(target), value);
    const key = cacheKey({ scheme: 'http', authority: authority ?? 'a.test', target });
    hold('a key tells its target', partsOf(key).target === target, value);
  }
};

/** A browser encodes the apostrophe of a query. */
function withPlainApostrophes(target: string): string {
  return target.replaceAll('%27', "'");
}

const authorities: Claim = (value) => {
  for (const scheme of ['http', 'https'] as const) {
    const authority = normalAuthority(value, scheme);
    if (authority === undefined) continue;
    hold('a normal form has itself for its own', normalAuthority(authority, scheme) === authority, value);
    hold('it has no room for another', !/[\s,@/?#\\]|[A-Z]/.test(authority), value);
    if (!URL.canParse(`${scheme}://${authority}`)) continue;
    const { username, password, pathname } = new URL(`${scheme}://${authority}`);
    hold('to a URL it is a host', username + password === '' && pathname === '/', value);
  }
};

const queries: Claim = (value, random) => {
  const names = ['a', '*', 'utm_*', 'b%2f', value.slice(0, 5)];
  const rules = {
    sortQuery: random.once(2),
    dropQuery: random.once(2) ? [random.pick(names)] : [],
    keepQuery: random.once(2) ? [random.pick(names), 'c'] : undefined,
  };
  const rewrite = queryRewriter(rules);
  if (rewrite === undefined) return;
  const target = `/p?${value}`;
  const input = { value, rules };
  const once = rewrite(target);
  hold('what was rewritten stays', rewrite(once) === once, input);
  hold('the path stays', once === '/p' || once.startsWith('/p?'), input);
  const left = target.slice(3).split('&');
  for (const parameter of once === '/p' ? [] : once.slice(3).split('&')) {
    const at = left.indexOf(parameter);
    hold('nothing comes that was not there', at >= 0, input);
    left.splice(at, 1);
  }
};

const noVarySearch: Claim = (value, random) => {
  for (const text of [value, `params=(${value})`, `except=(${value})`, `key-order, params=("a" ${value})`]) {
    const variation = searchVariation(fieldsOf(['no-vary-search', text]));
    if (variation === undefined) continue;
    const target = `/p?${value}&a=1`;
    const stored = { variation, significant: significantTarget(target, variation) };
    const input = { text, value };
    hold('a target is equivalent to itself', isEquivalent(target, stored), input);
    hold('to none of another path', !isEquivalent(`/q?${value}&a=1`, stored), input);
    const name = random.pick(['a', 'zz', ...variation.names]);
    const more = `${target}&${encodeURIComponent(name)}=2`;
    const matters = variation.names.has(name) === (variation.mode === 'except');
    hold('it is so with a parameter that does not matter, and only then', isEquivalent(more, stored) !== matters, {
      ...input,
      name,
    });
  }
};

/** A value to its last bit, but for the sign of nothing: -0 is read as that, and written as 0 (RFC 9651 §4.1.4). */
function shown(value: unknown): string {
  // In one line: how long a text is must not decide how it is laid out.
  const all = { depth: null, maxArrayLength: null, maxStringLength: null, compact: true, breakLength: Infinity };
  return inspect(value, all).replaceAll(/(?<![\w.])-0(?![\w.])/g, '0');
}

const structuredFields: Claim = (value) => {
  for (const text of [value, `a=${value}`, `a=(${value})`]) {
    const dictionary = dictionaryOf(text);
    if (dictionary === undefined) continue;
    const written = serializeDictionary(dictionary);
    hold('what is read can be written, and read again', shown(dictionaryOf(written)) === shown(dictionary), text);
  }
};

function octets(text: string): string {
  return text.replaceAll(/%[0-9A-Fa-f]{2}/g, (each) => String.fromCharCode(Number.parseInt(each.slice(1), 16)));
}

const encodings: Claim = (value) => {
  const plain = comparable(value);
  hold('what is compared has no other form', comparable(plain) === plain, value);
  hold('it means the same', octets(plain) === octets(value), value);
};

export const claims: Readonly<Record<string, Claim>> = {
  'cache-control': cacheControl,
  dates,
  ranges,
  'entity-tags': entityTags,
  vary,
  targets,
  authorities,
  queries,
  'no-vary-search': noVarySearch,
  'structured-fields': structuredFields,
  encodings,
};
