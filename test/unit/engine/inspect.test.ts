import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../../src/engine/exchange.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import { stage } from './engine-stage.ts';
import { exchangeWith, RecordingSink } from './recording-sink.ts';

type Play = ReturnType<typeof stage>;
type Line = readonly [string, string];

const lasting: Line = ['cache-control', 'max-age=60'];

const as =
  (method: string, ...lines: readonly Line[]) =>
  (exchange: Exchange): Exchange => ({
    ...exchange,
    request: { ...exchange.request, method, fields: fieldsOf(['host', 'example.com'], ...lines) },
  });

/** Whether a request would wait for what the origin is being asked for just now. */
async function isWaitedFor({ engine }: Play, change = as('GET')): Promise<boolean> {
  const { request } = change(exchangeWith(new RecordingSink(), '/a'));
  return (await engine.operations.inspect(request)).fillInProgress;
}

describe('the origin that is being asked just now', () => {
  it('may be waited for by a miss, conditional or not, and read from as the response arrives', async () => {
    const play = stage();
    play.ask('/a');
    expect(await isWaitedFor(play)).toBe(true);
    expect(await isWaitedFor(play, as('GET', ['if-none-match', '"v1"']))).toBe(true);
    play.origin.arrivals[0]?.head({ status: 200, fields: fieldsOf(play.date, lasting) });
    expect(await isWaitedFor(play)).toBe(true);
    play.origin.arrivals[0]?.end();
    expect(await isWaitedFor(play)).toBe(false);
  });

  it.each([
    ['HEAD, which asks by itself', as('HEAD')],
    ['a request that forbids to ask it', as('GET', ['cache-control', 'only-if-cached'])],
    ['a precondition for the origin', as('GET', ['if-match', '"v1"'])],
  ])('is of no use to %s', async (_what, change) => {
    const play = stage();
    play.ask('/a');
    expect(await isWaitedFor(play, change)).toBe(false);
  });

  it('is of no use to a miss where it is asked by another method', async () => {
    const play = stage();
    play.ask('/a', as('POST'));
    expect(await isWaitedFor(play)).toBe(false);
  });

  it('is of no use to a miss where the last response could not be shared', async () => {
    const play = stage();
    play.ask('/a');
    play.ask('/a');
    play.answer(0, ['cache-control', 'private']);
    expect(await isWaitedFor(play)).toBe(false);
  });

  it('is of no use to a stale hit that it is asked about in the background', async () => {
    const play = stage();
    play.ask('/a');
    play.answer(0, ['cache-control', 'max-age=1, stale-while-revalidate=60'], ['etag', '"v1"']);
    await play.clock.advance(5_000, () => Promise.resolve());
    play.ask('/a');
    expect(play.origin.arrivals).toHaveLength(2);
    expect(await isWaitedFor(play)).toBe(false);
    expect(await isWaitedFor(play, as('GET', ['cache-control', 'max-age=1']))).toBe(true);
  });

  it('is of no use to a request beyond those that may wait', async () => {
    const play = stage({ maxFollowers: 1 });
    play.ask('/a');
    play.ask('/a');
    expect(await isWaitedFor(play)).toBe(false);
  });
});
