import { describe, expect, test } from 'vitest';
import type { StrictMessage } from '../harness/strict-messages.ts';
import { Book } from './book.ts';
import { verdictOf } from './judge.ts';
import { isFlat, type Sample, trendOf } from './samples.ts';
import { trendFailures } from './soak.ts';
import { contentOf, entityTag, resourceAt } from './site.ts';
import type { Wish } from './wishes.ts';

const hot: Wish = {
  kind: 'hot',
  method: 'GET',
  target: '/hot/1',
  language: 'en',
  user: '',
  range: undefined,
  known: undefined,
  content: '',
  manner: 'steady',
};
const generation = 1;

function contentFor(target: string, language: string, user = ''): string {
  const resource = resourceAt(target);
  if (resource === undefined) throw new Error('it is there');
  return contentOf(resource, { language, user, generation });
}

function response(status: string, content: string, fields: readonly (readonly [string, string])[] = []): StrictMessage {
  return { startLine: `HTTP/1.1 ${status}`, fields, content, trailers: [], raw: '' };
}

const tag = ['etag', entityTag({ language: 'en', generation })] as const;
const whole = contentFor('/hot/1', 'en');
const part = { ...hot, kind: 'range', range: 'bytes=10-19' };
const range = ['content-range', `bytes 10-19/${whole.length}`] as const;

/** The kind of the verdict on what the origin has said a second before. */
function verdict(
  wish: Wish,
  answer: StrictMessage,
  saidMs = 0,
  floors: Parameters<typeof verdictOf>[3]['floors'] = [],
): string {
  const book = new Book();
  book.said(generation, saidMs);
  return verdictOf(wish, answer, book, { askedMs: saidMs + 1_000, floors }).kind;
}

describe('an answer in the soak', () => {
  test.each([
    ['all of what was asked for', hot, response('200 OK', whole)],
    ['the part that was asked for', part, response('206 Partial Content', whole.slice(10, 20), [tag, range])],
    ['that what the client has still holds', { ...hot, known: tag[1] }, response('304 Not Modified', '', [tag])],
  ])('is right where it is %s', (_, wish, answer) => {
    expect(verdict(wish, answer)).toBe('right');
  });

  test.each([
    ['is cut off', hot, response('200 OK', whole.slice(0, -1))],
    ['has another byte', hot, response('200 OK', `${whole.slice(0, 200)}~${whole.slice(201)}`)],
    ['is of another target', hot, response('200 OK', contentFor('/hot/3', 'en'))],
    ['is in another language', hot, response('200 OK', contentFor('/hot/1', 'fr'))],
    ['is for somebody', hot, response('200 OK', contentFor('/hot/1', 'en', 'Bearer user-1'))],
    ['is another part', part, response('206 Partial Content', whole.slice(11, 21), [tag, range])],
    [
      'says it is another part',
      part,
      response('206 Partial Content', whole.slice(10, 20), [tag, ['content-range', 'bytes 10-19/*']]),
    ],
    ['says that what is there is not', part, response('416 Range Not Satisfiable', '')],
    ['is a 304 for another tag', { ...hot, known: '"1-fr"' }, response('304 Not Modified', '', [['etag', '"1-fr"']])],
  ])('is wrong where it %s', (_, wish, answer) => {
    expect(verdict(wish, answer)).toBe('wrong');
  });

  test('is an error where the origin has said nothing of the kind', () => {
    expect(verdict(hot, response('502 Bad Gateway', 'a problem'))).toBe('error');
  });

  test.each([
    [6_000, 'etagere; hit; ttl=1', 'right'],
    [8_000, 'etagere; hit; ttl=1', 'wrong'],
    [8_000, 'etagere; fwd=stale; ttl=-3; detail=stale-if-error', 'right'],
    [28_000, 'etagere; fwd=stale; ttl=-23; detail=stale-if-error', 'wrong'],
  ])('that the origin has said %i ms before is, with %s, %s', (ageMs, status, kind) => {
    const book = new Book();
    book.said(generation, 0);
    const answer = response('200 OK', whole, [['cache-status', status]]);
    expect(verdictOf(hot, answer, book, { askedMs: ageMs, floors: [] }).kind).toBe(kind);
  });

  test.each([
    ['hard', 'etagere; hit; ttl=3', 'wrong'],
    ['hard', 'etagere; fwd=stale; ttl=0; detail=stale-if-error', 'wrong'],
    ['softly', 'etagere; hit; ttl=3', 'wrong'],
    ['softly', 'etagere; fwd=stale; ttl=0; detail=stale-if-error', 'right'],
  ])('from before it was purged %s is, with %s, %s', (how, status, kind) => {
    const book = new Book();
    book.raise({ of: { tag: 'tag-1' }, sinceMs: 500, isSoft: how === 'softly' });
    book.raise({ of: { prefix: '/large/' }, sinceMs: 900, isSoft: false });
    const floors = book.floorsOf('/hot/1');
    expect(floors).toHaveLength(1);
    expect(verdict(hot, response('200 OK', whole, [['cache-status', status]]), 0, floors)).toBe(kind);
  });
});

function samples(memoryAt: (second: number) => number): Sample[] {
  return Array.from({ length: 100 }, (_, i) => ({ atMs: i * 36_000, memoryBytes: memoryAt(i), descriptors: 1 }));
}

/** Twenty minutes, a sample every two seconds. */
function twentyMinutes(at: (minute: number) => Partial<Sample>): Sample[] {
  return Array.from({ length: 600 }, (_, i) => ({
    atMs: i * 2_000,
    memoryBytes: 100,
    descriptors: 30,
    ...at(i / 30),
  }));
}

describe('the line through samples', () => {
  test('rises as they do, whatever is between', () => {
    const trend = trendOf(
      samples((i) => 1_000 + i + (i % 2) * 50),
      ({ memoryBytes }) => memoryBytes,
    );
    expect(trend?.rise).toBeCloseTo(99, -1);
    expect(trend?.hours).toBeCloseTo(0.99);
  });

  test.each([
    ['flat', 1, true],
    ['not flat', 2, false],
  ])('is %s where it rises by %i in a thousand for each of a hundred', (_, each, flat) => {
    const trend = trendOf(
      samples((i) => 1_000 + i * each),
      ({ memoryBytes }) => memoryBytes,
    );
    expect(trend === undefined ? undefined : isFlat(trend)).toBe(flat);
  });

  test.each<[string, (minute: number) => Partial<Sample>, number]>([
    [
      'that fills up within five minutes and stays as it is',
      (at) => ({ memoryBytes: Math.min(100 + at * 20, 200) }),
      0,
    ],
    [
      'of which a collector that comes seldom makes waves that fit no line',
      (at) => ({ memoryBytes: 120 + 30 * Math.sin(at + 2) }),
      0,
    ],
    ['that rises all the time', (at) => ({ memoryBytes: 100 + at * 5 }), 1],
    ['with three descriptors more, now and then', (at) => ({ descriptors: 30 + (at / 20) * 3 }), 0],
    ['with more connections for a while, and a longer while', (at) => ({ descriptors: 30 + (at % 1) * 20 * at }), 0],
    ['with a descriptor more for each fault', (at) => ({ descriptors: 30 + Math.floor(at * 2) }), 1],
  ])('of a process %s', (_, at, failures) => {
    expect(trendFailures(twentyMinutes(at), 0, 1)).toHaveLength(failures);
  });

  test('says nothing of less than five minutes after the first five', () => {
    const steep = twentyMinutes((at) => ({ memoryBytes: 100 + at * 50 }));
    expect(trendFailures(steep.slice(0, 295), 0, 1)).toEqual([]);
    expect(trendFailures(steep.slice(0, 305), 0, 1)).toHaveLength(1);
  });
});
