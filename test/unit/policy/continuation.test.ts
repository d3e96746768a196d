import { describe, expect, it } from 'vitest';
import { fieldValue } from '../../../src/http/fields.ts';
import { continuationOf, surroundings, whyNotContinued } from '../../../src/policy/continuation.ts';
import type { StoredResponse } from '../../../src/policy/stored.ts';
import { answer, date, get, type Line, store } from './messages.ts';

const fresh: Line = ['cache-control', 'max-age=60'];
const strong: Line = ['etag', '"v1"'];
const range = (text: string): Line => ['content-range', `bytes ${text}`];
const long = new Date(Date.UTC(2020, 0, 1)).toUTCString();

const whole = (...lines: readonly Line[]): StoredResponse => store({ response: answer(200, fresh, ...lines) });

/** Bytes 20 to 59 of 100. */
const part = (): StoredResponse =>
  store({
    request: get(['range', 'bytes=20-59']),
    response: answer(206, fresh, strong, ['content-range', 'bytes 20-59/100']),
  });

function asked(stored: StoredResponse, first: number, last: number): (string | undefined)[] {
  const { fields } = continuationOf(stored, { first, last }, 40) ?? {};
  return fields === undefined ? [] : [fieldValue(fields, 'range'), fieldValue(fields, 'if-range')];
}

describe('the rest of stored content (RFC 9110 §14.2, §13.1.5)', () => {
  it('is asked for to the end, or as far as it is wanted', () => {
    expect(asked(whole(strong), 8, 39)).toEqual(['bytes=8-', '"v1"']);
    expect(asked(whole(strong), 8, 38)).toEqual(['bytes=8-38', '"v1"']);
    expect(asked(whole(strong), 0, 39)).toEqual(['bytes=0-', '"v1"']);
  });

  it('of a part is asked for where that lies in the whole', () => {
    expect(asked(part(), 8, 39)).toEqual(['bytes=28-59', '"v1"']);
  });

  it.each<[string, readonly Line[], string | undefined]>([
    ['a strong entity-tag', [strong, ['last-modified', long]], '"v1"'],
    ['a Last-Modified that is strong', [['last-modified', long]], long],
    ['a Last-Modified of the same second as its Date', [['last-modified', date()]], undefined],
    [
      'a weak entity-tag, whatever date is beside it',
      [
        ['etag', 'W/"v1"'],
        ['last-modified', long],
      ],
      undefined,
    ],
    ['an entity-tag without quotes', [['etag', 'v1']], undefined],
    ['no validator', [], undefined],
  ])('is asked for under %s', (_, lines, validator) => {
    const stored = whole(...lines);
    expect(asked(stored, 8, 39)[1]).toBe(validator);
    expect(whyNotContinued(get(), stored)).toBe(validator === undefined ? 'not-resumable' : undefined);
  });

  it('is not asked for against the will of the request, or of what has no ranges', () => {
    expect(whyNotContinued(get(['cache-control', 'only-if-cached']), whole(strong))).toBe('only-if-cached');
    expect(whyNotContinued({ ...get(), method: 'QUERY' }, whole(strong))).toBe('not-resumable');
    expect(whyNotContinued(get(), store({ response: answer(404, fresh, strong) }))).toBe('not-resumable');
  });
});

describe('a response with the rest (RFC 9111 §3.4)', () => {
  it.each<[string, number, readonly Line[], { before: number; after: number } | undefined]>([
    ['just that', 206, [strong, range('28-59/100')], { before: 0, after: 0 }],
    [
      'just that, with its length',
      206,
      [strong, range('28-59/100'), ['content-length', '32']],
      { before: 0, after: 0 },
    ],
    ['more than that', 206, [strong, range('28-60/100')], undefined],
    ['the whole', 200, [strong], { before: 28, after: 40 }],
    ['the whole, with its length', 200, [strong, ['content-length', '100']], { before: 28, after: 40 }],
    ['a whole of another length', 200, [strong, ['content-length', '99']], undefined],
    ['a whole in another coding', 200, [strong, ['content-encoding', 'br']], undefined],
    ['a whole under another tag', 200, [['etag', '"v2"']], undefined],
    ['a whole under the same tag, but weak', 200, [['etag', 'W/"v1"']], undefined],
    ['a whole without a tag', 200, [], undefined],
    ['a whole of another status', 203, [strong], undefined],
    ['nothing of it', 416, [strong, range('*/100')], undefined],
  ])('is taken where it is of the same representation: %s', (_, status, lines, expected) => {
    const stored = part();
    const question = continuationOf(stored, { first: 8, last: 39 }, 40);
    expect(question && surroundings(stored, question, answer(status, ...lines))).toEqual(expected);
  });

  it('tells its coding where it is the whole, as what is stored does', () => {
    const gzip: Line = ['content-encoding', 'gzip'];
    const stored = whole(strong, gzip);
    const question = continuationOf(stored, { first: 8, last: 39 }, 40);
    const taken = (...lines: readonly Line[]): unknown =>
      question && surroundings(stored, question, answer(200, strong, ...lines));
    expect([taken(), taken(gzip)]).toEqual([undefined, { before: 8, after: 0 }]);
  });
});
