import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseList, Token } from 'structured-headers';
import { type CacheStatus, cacheStatusMember, type ForwardReason } from '../../src/http/cache-status.ts';
import { parseEntityTag, parseEntityTagList, stronglyEqual, weaklyEqual } from '../../src/http/entity-tag.ts';
import { errorTable } from '../../src/errors.ts';
import { type Detail, errorDetail } from '../../src/policy/decision.ts';

const wellFormedTag = fc
  .tuple(fc.boolean(), fc.stringMatching(/^[\x21\x23-\x7e\x80-\xff]{0,8}$/))
  .map(([weak, opaque]) => `${weak ? 'W/' : ''}"${opaque}"`);

/** What may stand between the members of a list (RFC 9110 §5.6.1). */
const separator = fc.constantFrom(',', ', ', ' ,', '\t,\t', ',,', ' , , ');

describe('a list of entity-tags', () => {
  it('is read as it is written, whatever stands in the tags and between them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(wellFormedTag, separator), { maxLength: 6 }), (members) => {
        const tags = parseEntityTagList(members.flat().join(''));
        expect(tags === '*' ? tags : tags.map(({ text }) => text)).toEqual(members.map(([text]) => text));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is the same once it is written and read again, whatever it was', () => {
    const anyList = fc
      .array(fc.constantFrom('"', 'W/', 'w/', 'a', ',', ' ', '\\', '*', '\xff'), { maxLength: 12 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(anyList, (text) => {
        const tags = parseEntityTagList(text);
        if (tags === '*') return;
        expect(parseEntityTagList(tags.map((tag) => tag.text).join(', '))).toEqual(tags);
      }),
      { numRuns: 1_000 },
    );
  });

  it('has members of which the strongly equal are weakly equal, and the weak never strongly', () => {
    fc.assert(
      fc.property(wellFormedTag, wellFormedTag, (a, b) => {
        const [one, other] = [parseEntityTag(a), parseEntityTag(b)];
        if (one === undefined || other === undefined) throw new Error('a well-formed tag is read');
        expect(weaklyEqual(one, other) || !stronglyEqual(one, other)).toBe(true);
        expect(weaklyEqual(one, other)).toBe(a.replace('W/', '') === b.replace('W/', ''));
        expect(stronglyEqual(one, one)).toBe(!a.startsWith('W/'));
      }),
      { numRuns: 500 },
    );
  });
});

const reasons: readonly ForwardReason[] = [
  ...(['bypass', 'method', 'uri-miss', 'vary-miss', 'miss', 'request', 'stale', 'partial'] as const),
];
const details: readonly Detail[] = [
  ...(['no-store', 'request-max-age', 'stale-if-error'] as const),
  ...(Object.keys(errorTable) as (keyof typeof errorTable)[]).map(errorDetail),
];

const cacheStatus: fc.Arbitrary<CacheStatus> = fc.record(
  {
    hit: fc.boolean(),
    fwd: fc.constantFrom(...reasons),
    fwdStatus: fc.integer({ min: 100, max: 599 }),
    stored: fc.boolean(),
    collapsed: fc.boolean(),
    ttl: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
    detail: fc.constantFrom(...details),
  },
  { requiredKeys: ['hit'] },
);

/** The member as a reader of structured fields (RFC 9651) understands it. */
function understood(text: string): unknown {
  const [[name, parameters] = [], ...others] = parseList(text) as [unknown, Map<string, unknown>][];
  const shown = [...(parameters ?? [])].map(([key, value]) => [key, value instanceof Token ? value.toString() : value]);
  return {
    name: name instanceof Token && name.toString(),
    others: others.length,
    parameters: Object.fromEntries(shown),
  };
}

describe('a member of Cache-Status', () => {
  it('is a token with parameters of RFC 9211 that say what the record says', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]{0,9}$/), cacheStatus, (name, status) => {
        const { hit, fwd, fwdStatus, stored, collapsed, ttl, detail } = status;
        const said = {
          ...(hit ? { hit } : {}),
          ...(fwd === undefined ? {} : { fwd }),
          ...(fwdStatus === undefined ? {} : { 'fwd-status': fwdStatus }),
          ...(ttl === undefined ? {} : { ttl }),
          ...(stored === true ? { stored } : {}),
          ...(collapsed === true ? { collapsed } : {}),
          ...(detail === undefined ? {} : { detail }),
        };
        expect(understood(cacheStatusMember(name, status))).toEqual({ name, others: 0, parameters: said });
      }),
      { numRuns: 1_000 },
    );
  });
});
