import { describe, expect, it } from 'vitest';
import type { ExchangeRecord } from '../../../src/engine/events.ts';
import type { Exchange } from '../../../src/engine/exchange.ts';
import { fieldsOf, fieldValue, hasField, noFields } from '../../../src/http/fields.ts';
import { as, type Line, shelvedElsewhere, text } from './shelved-elsewhere.ts';

const turn = (): Promise<void> => new Promise(setImmediate);
const tag = ['etag', '"1"'] as const;
const long = ['a', 'b', 'c'].map((letter) => letter.repeat(1_000)).join('');
const rangeOf = (range: string): Line => ['content-range', `bytes ${range}`];

type Play = ReturnType<typeof shelvedElsewhere>;

/** Brings the first piece of what was asked for; the next can't be had. */
async function lose({ content }: Play): Promise<void> {
  content.errands.shift()?.done(true);
  await turn();
  content.errands.shift()?.done(false);
  await turn();
}

/** A request whose client has the first of three pieces when the second can't be had. */
async function interrupted(lines: readonly Line[] = [], change?: (exchange: Exchange) => Exchange) {
  const play = shelvedElsewhere(lines);
  const sink = play.ask('/', change);
  await lose(play);
  /** Answers the request for the rest. */
  const answer = async (status: number, bytes: string, ...fields: readonly Line[]): Promise<void> => {
    const arrival = play.origin.arrivals[1];
    arrival?.head({ status, fields: fieldsOf(play.date, ...fields) });
    arrival?.write(Buffer.from(bytes));
    arrival?.end();
    for (let i = 0; i < 8; i++) await turn();
  };
  const asked = (name: string): string | undefined => fieldValue(play.origin.arrivals[1]?.fields ?? noFields, name);
  return { ...play, sink, answer, asked };
}

const continued: Partial<ExchangeRecord> = {
  end: 'complete',
  rest: 'from-origin',
  error: 'STORE_UNREADABLE',
  contentBytes: text.length,
  cacheStatus: { hit: true, ttl: 60 },
};

describe('content that breaks off on the shelf in the middle of an answer', () => {
  it('goes on from the origin, which is asked for the rest of the same representation', async () => {
    const { sink, answer, asked, records, originAnswers } = await interrupted();
    expect([sink.text, asked('range'), asked('if-range')]).toEqual(['abcd', 'bytes=4-', '"1"']);
    await answer(206, text.slice(4), tag, rangeOf('4-11/12'));
    expect([sink.text, sink.ended, sink.aborted]).toEqual([text, true, false]);
    expect(records.at(-1)).toMatchObject(continued);
    expect(originAnswers.map(({ status }) => status)).toEqual([200, 206]);
  });

  it('is asked for under a strong Last-Modified, where it has no entity-tag', async () => {
    const lastModified = new Date(Date.UTC(2026, 0, 1)).toUTCString();
    const { sink, answer, asked } = await interrupted([
      ['etag', ''],
      ['last-modified', lastModified],
    ]);
    expect([asked('range'), asked('if-range')]).toEqual(['bytes=4-', lastModified]);
    await answer(206, text.slice(4), ['last-modified', lastModified], rangeOf('4-11/12'));
    expect([sink.text, sink.ended]).toEqual([text, true]);
  });

  it('goes on from a whole response that has the same strong validator, without what was sent', async () => {
    const { sink, answer, records } = await interrupted();
    await answer(200, text, tag, ['content-length', '12']);
    expect([sink.text, sink.ended]).toEqual([text, true]);
    expect(records.at(-1)).toMatchObject(continued);
  });

  it('is asked for as its client asks, but for what the client wants of it', async () => {
    const own = as(
      'GET',
      ['range', 'bytes=2-9'],
      ['if-range', '"1"'],
      ['authorization', 'Basic x'],
      ['if-none-match', '"2"'],
    );
    const { asked } = await interrupted([['cache-control', 'public, max-age=60']], own);
    expect([asked('range'), asked('if-range'), asked('authorization'), asked('if-none-match')]).toEqual([
      'bytes=4-9',
      '"1"',
      'Basic x',
      undefined,
    ]);
  });

  it.each([
    [206, text.slice(4, 10), rangeOf('4-9/12')],
    [200, text, ['content-length', '12'] as const],
  ])('gives a client that wanted a part no more than that, from a %i', async (status, bytes, line) => {
    const { sink, answer } = await interrupted([], as('GET', ['range', 'bytes=1-9']));
    await answer(status, bytes, tag, line);
    expect([sink.heads[0]?.status, sink.text, sink.ended]).toEqual([206, text.slice(1, 10), true]);
  });

  it('goes on in each of several parts', async () => {
    const play = shelvedElsewhere([], long);
    const sink = play.ask('/', as('GET', ['range', 'bytes=2000-2009,0-1,500-501']));
    await lose(play);
    for (const [index, range, bytes] of [
      [1, '0-1', 'aa'],
      [2, '500-501', 'bb'],
    ] as const) {
      const arrival = play.origin.arrivals[index];
      expect(fieldValue(arrival?.fields ?? noFields, 'range')).toBe(`bytes=${range}`);
      arrival?.head({ status: 206, fields: fieldsOf(play.date, tag, rangeOf(`${range}/3000`)) });
      arrival?.write(Buffer.from(bytes));
      arrival?.end();
      for (let i = 0; i < 4; i++) await turn();
    }
    expect(sink.text).toMatch(/\r\n\r\ncccccccccc\r\n[^]*\r\n\r\naa\r\n[^]*\r\n\r\nbb\r\n--[^\r]*--\r\n$/);
    expect([sink.ended, play.origin.arrivals.length]).toEqual([true, 3]);
  });

  it('is nothing that is there for the next request', async () => {
    const { ask, answer, origin } = await interrupted();
    await answer(206, text.slice(4), tag, rangeOf('4-11/12'));
    ask('/');
    expect(hasField(origin.arrivals[2]?.fields ?? noFields, 'range')).toBe(false);
  });

  it.each<readonly [string, readonly [number, string, ...Line[]], ExchangeRecord['rest']]>([
    ['begins elsewhere', [206, text.slice(3), tag, rangeOf('3-11/12')], 'changed'],
    ['ends elsewhere', [206, text.slice(4, 8), tag, rangeOf('4-7/12')], 'changed'],
    ['is of another length', [206, text.slice(4), tag, rangeOf('4-11/13')], 'changed'],
    ['is of a length that nobody tells', [206, text.slice(4), tag, rangeOf('4-11/*')], 'changed'],
    ['has another entity-tag', [206, text.slice(4), ['etag', '"2"'], rangeOf('4-11/12')], 'changed'],
    ['has a weak entity-tag', [206, text.slice(4), ['etag', 'W/"1"'], rangeOf('4-11/12')], 'changed'],
    ['has no validator', [206, text.slice(4), rangeOf('4-11/12')], 'changed'],
    ['is framed as another', [206, text.slice(4), tag, rangeOf('4-11/12'), ['content-length', '7']], 'changed'],
    ['is another as a whole', [200, 'ABCDEFGHIJKL', ['etag', '"2"']], 'changed'],
    ['is longer as a whole', [200, `${text}m`, tag, ['content-length', '13']], 'changed'],
    ['is coded as a whole', [200, text, tag, ['content-encoding', 'gzip']], 'changed'],
    ['is gone', [404, 'gone', tag], 'changed'],
    ['is not to be had now', [503, 'later'], 'origin-failed'],
    ['was asked for too often', [429, 'later'], 'origin-failed'],
    ['is more than it says', [206, `${text.slice(4)}m`, tag, rangeOf('4-11/12')], 'origin-failed'],
  ])(
    'and %s at the origin, is broken off, and no byte of that is sent',
    async (_, [status, bytes, ...fields], rest) => {
      const { sink, answer, records } = await interrupted();
      await answer(status, bytes, ...fields);
      expect([text.startsWith(sink.text), sink.ended, sink.aborted]).toEqual([true, false, true]);
      expect(records.at(-1)).toMatchObject({ end: 'broken', error: 'STORE_UNREADABLE', rest });
    },
  );

  it('and at the origin as well, is broken off, however far that came', async () => {
    const { sink, origin, date, records } = await interrupted();
    origin.arrivals[1]?.head({ status: 206, fields: fieldsOf(date, tag, rangeOf('4-11/12')) });
    origin.arrivals[1]?.write(Buffer.from('ef'));
    await turn();
    origin.arrivals[1]?.breakOff();
    for (let i = 0; i < 4; i++) await turn();
    expect([sink.text, sink.ended, sink.aborted]).toEqual(['abcdef', false, true]);
    expect(records.at(-1)).toMatchObject({ end: 'broken', rest: 'origin-failed' });
  });

  it('is broken off where the origin ends too soon, although cleanly', async () => {
    const { sink, answer, records } = await interrupted();
    await answer(206, 'efg', tag, rangeOf('4-11/12'));
    expect([sink.text, sink.ended, sink.aborted]).toEqual(['abcdefg', false, true]);
    expect(records.at(-1)).toMatchObject({ end: 'broken', rest: 'origin-failed' });
  });

  it('is broken off where the origin does not answer', async () => {
    const { sink, origin, records, originAnswers } = await interrupted();
    origin.arrivals[1]?.fail('ORIGIN_REFUSED');
    await turn();
    expect([sink.text, sink.ended, sink.aborted]).toEqual(['abcd', false, true]);
    expect(records.at(-1)).toMatchObject({ end: 'broken', error: 'STORE_UNREADABLE', rest: 'origin-failed' });
    expect(originAnswers.at(-1)).toMatchObject({ status: 0, error: 'ORIGIN_REFUSED' });
  });

  it.each<readonly [string, readonly Line[], readonly Line[], ExchangeRecord['rest']]>([
    ['it has only a weak entity-tag', [['etag', 'W/"1"']], [], 'not-resumable'],
    ['it has none, and a Last-Modified that is no older than its Date', [['etag', '']], [], 'not-resumable'],
    ['its client forbids that', [], [['cache-control', 'only-if-cached']], 'only-if-cached'],
  ])('is broken off without asking the origin where %s', async (_, stored, presented, rest) => {
    const { sink, origin, records } = await interrupted(stored, as('GET', ...presented));
    expect([sink.text, sink.aborted, origin.arrivals.length]).toEqual(['abcd', true, 1]);
    expect(records.at(-1)).toMatchObject({ end: 'broken', error: 'STORE_UNREADABLE', rest });
  });
});

describe('the rest of it', () => {
  it('comes no faster than its client takes it', async () => {
    const { sink, origin, date } = await interrupted();
    sink.full = true;
    const arrival = origin.arrivals[1];
    arrival?.head({ status: 206, fields: fieldsOf(date, tag, rangeOf('4-11/12')) });
    for (const byte of text.slice(4)) arrival?.write(Buffer.from(byte));
    await turn();
    expect(sink.text).toBe('abcde');
    arrival?.end();
    sink.drain();
    for (let i = 0; i < 20; i++) await turn();
    expect([sink.text, sink.ended]).toEqual([text, true]);
  });

  it('leaves a connection to the origin that can be used again', async () => {
    const { sink, origin, date } = await interrupted();
    const arrival = origin.arrivals[1];
    arrival?.head({ status: 206, fields: fieldsOf(date, tag, rangeOf('4-11/12')) });
    arrival?.write(Buffer.from(text.slice(4)));
    for (let i = 0; i < 4; i++) await turn();
    expect([sink.text, sink.ended, arrival?.withdrawn]).toEqual([text, true, false]);
    arrival?.end();
    expect(arrival?.open).toBe(false);
  });

  it('is not asked for any more when its client has gone, nor where that went before', async () => {
    const { sink, origin, records } = await interrupted();
    expect(origin.arrivals[1]?.withdrawn).toBe(false);
    sink.leave();
    expect([origin.arrivals[1]?.withdrawn, records.at(-1)]).toMatchObject([true, { end: 'client-left' }]);
    const play = shelvedElsewhere();
    const other = play.ask('/');
    play.content.errands.shift()?.done(true);
    await turn();
    other.leave();
    play.content.errands.shift()?.done(false);
    await turn();
    expect(play.origin.arrivals).toHaveLength(1);
  });

  it('is asked for by an origin that a reload has left', async () => {
    const play = shelvedElsewhere();
    play.ask('/');
    play.content.errands.shift()?.done(true);
    await turn();
    expect(play.engine.mayAsk(play.origin)).toBe(true);
    play.content.errands.shift()?.done(false);
    await turn();
    play.origin.arrivals[1]?.fail('ORIGIN_REFUSED');
    await turn();
    expect(play.engine.mayAsk(play.origin)).toBe(false);
  });
});

describe('a stored response that was validated', () => {
  it.each<readonly [string, number]>([
    ['confirmed by the origin', 304],
    ['standing in for an error of the origin', 503],
  ])('%s, goes on from there as well', async (_, status) => {
    const play = shelvedElsewhere([['cache-control', 'max-age=60, stale-if-error=60']]);
    await play.clock.advance(61_000, turn);
    const sink = play.ask('/');
    await turn();
    play.content.errands.shift()?.done(true);
    await turn();
    play.origin.arrivals[1]?.head({ status, fields: fieldsOf(play.date, tag) });
    play.origin.arrivals[1]?.end();
    await turn();
    play.content.errands.shift()?.done(false);
    await turn();
    const arrival = play.origin.arrivals[2];
    expect(fieldValue(arrival?.fields ?? noFields, 'range')).toBe('bytes=4-');
    arrival?.head({ status: 206, fields: fieldsOf(play.date, tag, rangeOf('4-11/12')) });
    arrival?.write(Buffer.from(text.slice(4)));
    arrival?.end();
    for (let i = 0; i < 4; i++) await turn();
    expect([sink.text, sink.ended]).toEqual([text, true]);
  });
});
