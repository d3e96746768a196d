import { defaultLimits } from '../../src/engine/limits.ts';
import { deltaSeconds, parseCacheControl, parseDeltaSeconds, qualifiedNames } from '../../src/http/cache-control.ts';
import { parseHttpDate } from '../../src/http/date.ts';
import { parseEntityTag, parseEntityTagList } from '../../src/http/entity-tag.ts';
import { fieldsOf, isFieldValue, isToken, listElements, listMembers, trimOws } from '../../src/http/fields.ts';
import { endToEndFields } from '../../src/http/hop-by-hop.ts';
import { isProtectedField } from '../../src/http/protected-fields.ts';
import { parseContentRange, parseRange } from '../../src/http/range.ts';
import { cacheKey, sameOriginKey } from '../../src/key/cache-key.ts';
import { isPreferredLanguage, preferredLanguage } from '../../src/key/language.ts';
import { nominatedFields, variantKey } from '../../src/key/nominated-fields.ts';
import { normalAuthority } from '../../src/listener/authority.ts';
import { gate, type RawHead } from '../../src/listener/gate.ts';
import { contentLength } from '../../src/listener/request-framing.ts';
import { parseTarget } from '../../src/listener/request-target.ts';
import { cacheGroups } from '../../src/policy/groups.ts';
import { searchVariation, significantTarget } from '../../src/policy/search-variation.ts';
import { responseDates } from '../../src/policy/semantics.ts';
import { responseControl } from '../../src/policy/targeted.ts';
import { unkeyedValues } from '../../src/policy/unkeyed-values.ts';
import { get, wall } from '../unit/policy/messages.ts';

/** Nothing is too large here, so that the gate has to read what it otherwise refuses by its size. */
const noLimits = Object.fromEntries(Object.keys(defaultLimits).map((name) => [name, Number.MAX_SAFE_INTEGER]));

function gateWith(part: Partial<RawHead>): unknown {
  const plain = { method: 'GET', target: '/', version: '1.1', fields: ['host', 'a.test'] };
  const raw: RawHead = { ...plain, scheme: 'http', localAuthority: '127.0.0.1:80', ...part };
  return gate(raw, { ...defaultLimits, ...noLimits });
}

/** What a response must not repeat of a field, which has bytes alone. */
function unkeyed(name: string, value: string): unknown {
  return unkeyedValues(get([name, Buffer.from(value, 'latin1').toString('latin1')]), []);
}

/** Everything that reads text which a client or an origin wrote. */
export const parsers: Readonly<Record<string, (text: string) => unknown>> = {
  parseCacheControl: (text) => {
    const control = parseCacheControl(text);
    for (const name of ['max-age', 'private', 'no-cache']) {
      deltaSeconds(control, name);
      qualifiedNames(control, name);
    }
    return control;
  },
  'parseCacheControl, inside quotes': (text) => qualifiedNames(parseCacheControl(`private="${text}"`), 'private'),
  parseDeltaSeconds,
  parseHttpDate: (text) => parseHttpDate(text, wall),
  parseEntityTag,
  parseEntityTagList,
  listMembers,
  listElements,
  isToken,
  isFieldValue,
  trimOws,
  endToEndFields: (text) => endToEndFields(fieldsOf(['connection', text], ['x-foo', text])),
  isProtectedField,
  parseRange: (text) => parseRange(text, 1000, 4),
  'parseRange, its ranges': (text) => parseRange(`bytes=${text}`, 1000, 4),
  parseContentRange,
  cacheKey: (text) => cacheKey({ scheme: 'http', authority: text, target: text }),
  sameOriginKey: (text) => sameOriginKey(text, get()),
  nominatedFields: (text) => nominatedFields(fieldsOf(['vary', text])),
  'variantKey, any field': (text) => variantKey(['x-foo'], fieldsOf(['x-foo', text])),
  'variantKey, languages': (text) => variantKey(['accept-language'], fieldsOf(['accept-language', text])),
  preferredLanguage: (text) => preferredLanguage(fieldsOf(['accept-language', text])),
  isPreferredLanguage: (text) => {
    const names = ['accept-language', 'x-foo'];
    const request = fieldsOf(['accept-language', 'de'], ['x-foo', text]);
    const fields = fieldsOf(['content-language', text]);
    return isPreferredLanguage({ nominatedFields: names, variant: variantKey(names, request), fields }, request);
  },
  cacheGroups: (text) => cacheGroups(fieldsOf(['cache-groups', text])),
  searchVariation: (text) => searchVariation(fieldsOf(['no-vary-search', text])),
  'searchVariation, its names': (text) => searchVariation(fieldsOf(['no-vary-search', `params=(${text})`])),
  significantTarget: (text) =>
    significantTarget(`/?${text}`, { mode: 'params', names: new Set(['a']), keyOrderMatters: false }),
  responseControl: (text) => responseControl(fieldsOf(['cdn-cache-control', text], ['cache-control', text])),
  responseDates: (text) => responseDates(fieldsOf(['date', text], ['expires', text], ['last-modified', text]), wall),
  'unkeyedValues, Accept': (text) => unkeyed('accept', `a/${text}`),
  'unkeyedValues, Accept-Language': (text) => unkeyed('accept-language', `en;q=${text}`),
  'unkeyedValues, User-Agent': (text) => unkeyed('user-agent', `a/1 ${text}`),
  'unkeyedValues, Referer': (text) => unkeyed('referer', `http://${text}`),
  normalAuthority: (text) => normalAuthority(text, 'http'),
  parseTarget: (text) => parseTarget(text, 'GET', 'http'),
  'parseTarget, a path': (text) => parseTarget(`/${text}`, 'GET', 'http'),
  'parseTarget, a URL': (text) => parseTarget(`http://${text}`, 'OPTIONS', 'http'),
  'contentLength, a length': (text) => contentLength(fieldsOf(['content-length', text]), '1.1'),
  'contentLength, codings': (text) => contentLength(fieldsOf(['transfer-encoding', text]), '1.1'),
  'gate, the method': (text) => gateWith({ method: text }),
  'gate, the target': (text) => gateWith({ target: `/${text}` }),
  'gate, the version': (text) => gateWith({ version: text }),
  'gate, Host': (text) => gateWith({ fields: ['host', text] }),
  'gate, a name': (text) => gateWith({ fields: ['host', 'a.test', text, '1'] }),
  'gate, a value': (text) => gateWith({ fields: ['host', 'a.test', 'connection', text, 'expect', text] }),
};
