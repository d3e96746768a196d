import { describe, expect, it } from 'vitest';
import { eachField, fieldsOf, fieldValue } from '../../../src/http/fields.ts';
import type { RequestHead } from '../../../src/http/message.ts';
import { type PolicyConfig, presets } from '../../../src/policy/config.ts';
import type { Freshening, Outdated } from '../../../src/policy/decision.ts';
import { freshen, freshenIdentified, freshenWithHead } from '../../../src/policy/freshen.ts';
import { updatedFields } from '../../../src/policy/update.ts';
import type { StoredResponse } from '../../../src/policy/stored.ts';
import { after, answer, date, get, type Line, store, stored200, wall } from './messages.ts';

const control = (value: string): Line => ['cache-control', value];
const fresh = control('max-age=60');
const tag = (value: string): Line => ['etag', value];
const modified = (seconds: number): Line => ['last-modified', date(seconds)];
/** The validation comes back so many seconds after the response itself. */
const later = 100;
const laterTimes = { requestTime: after(later), responseTime: after(later), responseWallTime: wall + later * 1000 };

interface Update {
  readonly request?: RequestHead;
  readonly config?: Partial<PolicyConfig>;
}

/** What a 304 with these fields, made when it came, does to the stored response. */
function notModified(
  stored: StoredResponse,
  lines: readonly Line[],
  { request = get(), config }: Update = {},
): Freshening {
  const response = { status: 304, fields: fieldsOf(['date', date(later)], ...lines) };
  return freshen(stored, { request, response, times: laterTimes }, { ...presets.safe, ...config });
}

/** The stored response as freshened; it is an error of the test if it is not. */
function freshened(freshening: Freshening | Outdated): StoredResponse {
  if (freshening.kind !== 'freshened') throw new Error(`not freshened: ${freshening.kind}`);
  return freshening.stored;
}

describe('which response a 304 is about (RFC 9111 §4.3.4)', () => {
  it.each([
    ['the same strong tag', ['"v1"'], '"v1"', true],
    ['another strong tag', ['"v1"'], '"v2"', false],
    ['the same weak tag', ['W/"v1"'], 'W/"v1"', true],
    ['another weak tag', ['W/"v1"'], 'W/"v2"', false],
    ['a weak tag for a strong one', ['"v1"'], 'W/"v1"', true],
    ['a strong tag for a weak one, which is no strong validator', ['W/"v1"'], '"v1"', false],
    ['an ill-formed tag as it was written', ['v1'], 'v1', true],
    ['a well-formed tag for an ill-formed one', ['v1'], '"v1"', false],
    ['a tag for a response without one', [], '"v1"', false],
  ])('with %s', (_what, stored, received, matches) => {
    const freshening = notModified(stored200(fresh, ...stored.map(tag)), [tag(received)]);
    expect(freshening.kind).toBe(matches ? 'freshened' : 'mismatch');
  });

  it.each([
    ['the same date', [modified(-10)], [modified(-10)], true],
    [
      'the same date in another form',
      [['last-modified', 'Sun Nov  6 08:49:37 1994']],
      [['last-modified', 'Sunday, 06-Nov-94 08:49:37 GMT']],
      true,
    ],
    ['another date', [modified(-10)], [modified(-9)], false],
    ['a date that is none', [modified(-10)], [['last-modified', 'x']], false],
    ['a date for a response without one', [], [modified(-10)], true],
    ['another date beside the same tag', [tag('"v1"'), modified(-10)], [tag('"v1"'), modified(-9)], true],
    ['the same date beside another tag', [tag('"v1"'), modified(-10)], [tag('"v2"'), modified(-10)], false],
    ['no validator', [tag('"v1"'), modified(-10)], [], true],
    ['no validator on either side', [], [], true],
  ] as readonly (readonly [string, readonly Line[], readonly Line[], boolean])[])(
    'with %s',
    (_what, stored, received, matches) => {
      expect(notModified(stored200(fresh, ...stored), received).kind).toBe(matches ? 'freshened' : 'mismatch');
    },
  );
});

describe('the fields of a freshened response (RFC 9111 §3.2)', () => {
  it('are those of the 304, and the stored ones that it does not bring', () => {
    const stored = stored200(fresh, ['x-kept', '1'], ['x-replaced', '1'], ['x-replaced', '2'], ['link', '</a>']);
    const { fields } = freshened(
      notModified(stored, [
        ['x-replaced', '3'],
        ['x-new', '4'],
        ['link', '</b>'],
        ['link', '</c>'],
      ]),
    );
    expect(fieldValue(fields, 'x-kept')).toBe('1');
    expect(fieldValue(fields, 'x-replaced')).toBe('3');
    expect(fieldValue(fields, 'x-new')).toBe('4');
    expect(fieldValue(fields, 'link')).toBe('</b>, </c>');
    expect(fieldValue(fields, 'date')).toBe(date(later));
    expect(fieldValue(fields, 'cache-control')).toBe('max-age=60');
  });

  it.each(['content-length', 'content-encoding', 'content-range', 'transfer-encoding'])(
    'keep the stored %s',
    (name) => {
      const stored = stored200(fresh, [name, 'stored']);
      expect(fieldValue(freshened(notModified(stored, [[name, 'received']])).fields, name)).toBe('stored');
      const without = freshened(notModified(stored200(fresh), [[name, 'received']]));
      expect(fieldValue(without.fields, name)).toBeUndefined();
    },
  );

  it('hold neither Age nor Set-Cookie', () => {
    const lines: readonly Line[] = [control('public, max-age=60'), ['set-cookie', 'user=a'], ['age', '5']];
    const names = [...eachField(freshened(notModified(stored200(fresh), lines)).fields)].map(([name]) => name);
    expect(names).toEqual(['date', 'cache-control']);
  });

  it('are merged in linear time, and stay as they were on both sides', () => {
    const many = fieldsOf(...Array.from({ length: 20_000 }, (_, i): Line => [`x-${i}`, 'new']));
    const stored = fieldsOf(['x-1', 'old'], ['y', '1'], ['x-19999', 'old']);
    expect(updatedFields(stored, many)).toEqual(['y', '1', ...many]);
    expect(stored).toHaveLength(6);
  });
});

describe('the life of a freshened response', () => {
  const stored = stored200(control('max-age=60, stale-while-revalidate=5'), tag('"v1"'), ['age', '30']);

  it('begins anew with the 304', () => {
    expect(freshened(notModified(stored, []))).toMatchObject({
      responseTime: after(later),
      correctedInitialAge: 0,
      dateValue: wall + later * 1000,
      freshness: { lifetime: 60, source: 'max-age' },
      generation: 7,
    });
  });

  it('begins with the Age of the 304, where another cache has sent it', () => {
    expect(freshened(notModified(stored, [['age', '20']])).correctedInitialAge).toBe(20);
  });

  it('has the lifetime and the windows that the 304 gives', () => {
    const updated = freshened(notModified(stored, [control('max-age=5, must-revalidate')]));
    expect(updated.freshness).toEqual({ lifetime: 5, source: 'max-age' });
    expect(updated).toMatchObject({ staleProhibited: true, staleWhileRevalidate: 0 });
  });

  it('takes the validators that the 304 brings', () => {
    const updated = freshened(notModified(stored, [['last-modified', date(-5)]]));
    expect(updated.preconditions).toEqual(['if-none-match', '"v1"', 'if-modified-since', date(-5)]);
  });

  it('is always validated once the 304 says no-cache', () => {
    expect(freshened(notModified(stored, [control('no-cache')])).alwaysValidate).toBe(true);
  });

  it('is the same for a validation by HEAD', () => {
    expect(notModified(stored, [], { request: { ...get(), method: 'HEAD' } }).kind).toBe('freshened');
  });
});

describe('a 304 is judged again', () => {
  const stored = stored200(fresh, tag('"v1"'));

  it.each([
    ['private', [control('private, max-age=60')], 'private'],
    ['no-store', [control('no-store')], 'no-store'],
    ['Vary: *', [['vary', '*']], 'vary-star'],
    ['Set-Cookie', [['set-cookie', 'user=a']], 'set-cookie'],
    ['what can not be read', [control('max-age=60, x="')], 'cache-control-malformed'],
  ] as const)('takes the response off the shelf when it brings %s', (_what, lines, reason) => {
    const freshening = notModified(stored, [...lines, ['age', '3'], ['x-new', '1']]);
    expect(freshening).toMatchObject({ kind: 'unstorable', leaves: true, reason });
    const fields = freshening.kind === 'unstorable' ? freshening.stored.fields : fieldsOf();
    expect(fieldValue(fields, 'x-new')).toBe('1');
    expect(fieldValue(fields, 'age')).toBeUndefined();
  });

  it('files the response under the fields that it nominates', () => {
    const request = get(['accept-language', 'de']);
    const updated = freshened(notModified(stored, [['vary', 'Accept-Language']], { request }));
    expect(updated.nominatedFields).toEqual(['accept-language']);
    const original = store({ request, response: answer(200, fresh, ['vary', 'accept-language']) });
    expect(updated.variant).toBe(original.variant);
  });

  it('keeps to the Vary of the stored response where it brings none', () => {
    const request = get(['a', '1']);
    const varying = store({ request, response: answer(200, fresh, ['vary', 'a']) });
    expect(freshened(notModified(varying, [], { request }))).toMatchObject({
      nominatedFields: ['a'],
      variant: varying.variant,
    });
  });

  it.each([
    ['no-store', get(control('no-store')), 'request-no-store'],
    ['a Cache-Control that can not be read', get(control('x="')), 'request-no-store'],
    ['Authorization', get(['authorization', 'Basic eA==']), 'authorization'],
  ])('leaves the shelf alone when only the request forbids: %s', (_what, request, reason) => {
    expect(notModified(stored, [], { request })).toMatchObject({ kind: 'unstorable', leaves: false, reason });
  });
});

/** What a 200 to HEAD with these fields, made when it came, does to a stored response. */
function head(about: StoredResponse, ...lines: readonly Line[]): Freshening | Outdated {
  const response = { status: 200, fields: fieldsOf(['date', date(later)], ...lines) };
  const request = { ...get(), method: 'HEAD' };
  return freshenWithHead(about, { request, response, times: laterTimes }, presets.safe);
}

describe('a 200 to HEAD (RFC 9111 §4.3.5)', () => {
  const stored = stored200(fresh, tag('"v1"'), ['last-modified', date(-10)], ['content-length', '3']);
  it('freshens what agrees with it', () => {
    const updated = freshened(
      head(stored, tag('"v1"'), ['last-modified', date(-10)], ['content-length', '3'], ['x-new', '1']),
    );
    expect(updated.responseTime).toBe(after(later));
    expect(fieldValue(updated.fields, 'x-new')).toBe('1');
    expect(freshened(head(stored)).responseTime).toBe(after(later));
  });

  it.each([
    ['another tag', tag('"v2"')],
    ['a weak tag', tag('W/"v1"')],
    ['another modification date', ['last-modified', date(-9)]],
    ['another length', ['content-length', '4']],
  ] as const)('makes stale what has %s', (_what, line) => {
    expect(head(stored, line)).toEqual({
      kind: 'outdated',
      stored: { ...stored, freshness: { lifetime: 0, source: 'none' }, ended: 'outdated' },
    });
  });

  const untagged = stored200(fresh, ['content-length', '3']);

  it.each([
    ['purged', untagged, []],
    ['outdated', untagged, []],
    ['purged', stored200(fresh, tag('W/"v1"'), ['content-length', '3']), [tag('W/"v1"')]],
    [
      'outdated',
      stored200(fresh, ['last-modified', date(-10)], ['content-length', '3']),
      [['last-modified', date(-10)]],
    ],
  ] as const)('gives no new life to what was %s, where no strong tag is the same', (ended, before, lines) => {
    const stale = { ...before, ended, freshness: { lifetime: 5, source: 'max-age' } } as const;
    const updated = freshened(head(stale, ...lines, ['content-length', '3'], ['x-new', '1']));
    const { freshness, responseTime, correctedInitialAge } = stale;
    expect(updated).toMatchObject({ ended, freshness, responseTime, correctedInitialAge });
    expect(fieldValue(updated.fields, 'x-new')).toBe('1');
  });

  it('makes fresh again what was ended where its strong tag is the same', () => {
    const ended = { ...stored, ended: 'purged', freshness: { lifetime: 0, source: 'max-age' } } as const;
    const updated = freshened(head(ended, fresh, tag('"v1"')));
    expect(updated).toMatchObject({ ended: undefined, responseTime: after(later), freshness: { lifetime: 60 } });
  });

  it('takes what was ended off the shelf where it may not be stored any more', () => {
    const ended = { ...untagged, ended: 'purged' } as const;
    expect(head(ended, control('no-store'))).toMatchObject({ kind: 'unstorable', leaves: true });
  });

  it('is judged again as any update is', () => {
    expect(head(stored, control('private'))).toMatchObject({ kind: 'unstorable', leaves: true, reason: 'private' });
  });
});

describe('an answer to another request than the stored response had (RFC 9111 §4.1)', () => {
  const own = get(['accept', 'a'], ['x-tenant', 'one']);
  const stored = store({ request: own, response: answer(200, fresh, tag('"v1"'), ['vary', 'accept']) });
  const other = get(['accept', 'a'], ['x-tenant', 'two']);
  const update = (vary: string) => {
    const response = { status: 304, fields: fieldsOf(['date', date(later)], tag('"v1"'), ['vary', vary]) };
    return { request: other, response, times: laterTimes };
  };
  const byHead = (vary: string) => freshenWithHead(stored, update(vary), presets.safe);
  const byTag = (vary: string) => freshenIdentified(stored, update(vary), presets.safe);

  it.each([
    ['a HEAD', byHead],
    ['a 304 about another one', byTag],
  ])('leaves it the variant that it is: %s', (_what, freshenedBy) => {
    for (const vary of ['Accept', '']) {
      const { variant, nominatedFields, responseTime } = freshened(freshenedBy(vary) ?? { kind: 'mismatch' });
      expect([variant, nominatedFields, responseTime]).toEqual([stored.variant, ['accept'], after(later)]);
    }
  });

  it.each([
    ['a HEAD', byHead],
    ['a 304 about another one', byTag],
  ])('outdates it where fields begin to count that nobody noted: %s', (_what, freshenedBy) => {
    expect(freshenedBy('Accept, X-Tenant')).toMatchObject({ kind: 'outdated', stored: { variant: stored.variant } });
  });

  it('counts where it is the answer to a question about this very response', () => {
    const { variant } = freshened(freshen(stored, update('Accept, X-Tenant'), presets.safe));
    expect(variant).toContain('x-tenant=3:two');
  });

  it('says nothing where its tag is another or weak', () => {
    const untagged = store({ request: own, response: answer(200, fresh, tag('W/"v1"'), ['vary', 'accept']) });
    expect(freshenIdentified(untagged, update('Accept'), presets.safe)).toBeUndefined();
  });
});
