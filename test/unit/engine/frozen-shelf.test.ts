import { describe, expect, it } from 'vitest';
import { fieldValue, noFields } from '../../../src/http/fields.ts';
import { as, shelvedElsewhere, text } from './shelved-elsewhere.ts';

const turn = (): Promise<void> => new Promise(setImmediate);
const fresh = ['cache-control', 'max-age=60'] as const;
const long = 'abc'.repeat(1_000);

describe('a shelf that is frozen', () => {
  it('is not waited for in the middle of an answer longer than for a look-up', async () => {
    const play = shelvedElsewhere();
    const sink = play.ask('/');
    play.content.errands.shift()?.done(true);
    await turn();
    await play.clock.advance(49, turn);
    expect(play.origin.arrivals).toHaveLength(1);
    await play.clock.advance(1, turn);
    expect(fieldValue(play.origin.arrivals[1]?.fields ?? noFields, 'range')).toBe('bytes=4-');
    // What comes too late, is of no use any more.
    play.content.errands.shift()?.done(true);
    await turn();
    expect([sink.text, play.content.errands.length]).toEqual(['abcd', 0]);
  });

  it('has what it has still, for the next request', async () => {
    const play = shelvedElsewhere();
    play.ask('/');
    play.content.errands.shift()?.done(true);
    await turn();
    await play.clock.advance(50, turn);
    play.content.errands.shift();
    const next = play.ask('/');
    await play.content.bring();
    expect([next.text, next.ended]).toEqual([text, true]);
  });

  it.each([
    ['the whole', undefined],
    ['several parts', 'bytes=0-1,8-9'],
  ])('is a miss before the head is out, in the same time, for %s', async (_, range) => {
    const play = shelvedElsewhere([['etag', 'W/"1"']], long);
    const sink = play.ask('/', range === undefined ? undefined : as('GET', ['range', range]));
    await play.clock.advance(50, turn);
    expect([sink.heads.length, play.origin.arrivals.length]).toEqual([0, 2]);
    play.answer(1, fresh, ['etag', 'W/"1"']);
    expect([sink.ended, sink.aborted]).toEqual([true, false]);
  });
});
