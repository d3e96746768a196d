import { describe, expect, it } from 'vitest';
import { fieldsOf, fieldValue } from '../../../src/http/fields.ts';
import { stage } from './engine-stage.ts';
import type { RecordingSink } from './recording-sink.ts';

type Play = ReturnType<typeof stage>;

const pass = (play: Play, ms: number): Promise<void> => play.clock.advance(ms, () => Promise.resolve());

const seen = (sink: RecordingSink): readonly unknown[] => {
  const head = sink.heads.at(-1);
  const field = (name: string): string | undefined => fieldValue(head?.fields ?? fieldsOf(), name);
  return [head?.status, field('cache-status'), field('retry-after')];
};

const refused = (fwd: string): readonly unknown[] => [503, `etagere; fwd=${fwd}; detail=overloaded`, '1'];

/** With `/a` on the shelf by these lines, and then too much to do. */
async function overloaded(lines: readonly (readonly [string, string])[], afterMs: number): Promise<Play> {
  const play = stage();
  play.ask('/a');
  play.answer(0, ...lines);
  await pass(play, afterMs);
  play.load.shedsMisses = true;
  return play;
}

describe('while there is too much to do', () => {
  it('a hit is answered, and a miss is refused without asking the origin', async () => {
    const play = await overloaded([['cache-control', 'max-age=60']], 0);
    expect(seen(play.ask('/a'))).toEqual([200, 'etagere; hit; ttl=60', undefined]);
    expect(seen(play.ask('/b'))).toEqual(refused('uri-miss'));
    expect(play.origin.arrivals).toHaveLength(1);
    expect(play.originAnswers).toHaveLength(1);
    expect(play.records.map(({ error }) => error)).toEqual([undefined, undefined, 'OVERLOADED']);
  });

  it('the next miss asks the origin as soon as that is over', async () => {
    const play = await overloaded([], 0);
    play.ask('/b');
    play.load.shedsMisses = false;
    play.ask('/b');
    expect(play.origin.arrivals).toHaveLength(2);
  });

  it('who asks for what is under way already waits for that', async () => {
    const play = await overloaded([], 0);
    play.load.shedsMisses = false;
    play.ask('/b');
    play.load.shedsMisses = true;
    const follower = play.ask('/b');
    play.answer(1, ['cache-control', 'max-age=60']);
    expect(seen(follower)).toEqual([200, 'etagere; fwd=uri-miss; collapsed', undefined]);
  });

  it('what may stand in for an error does', async () => {
    const lines = [['cache-control', 'max-age=1, stale-if-error=60'] as const];
    const play = await overloaded(lines, 3_000);
    expect(seen(play.ask('/a'))).toEqual([200, 'etagere; fwd=stale; ttl=-2; detail=stale-if-error', undefined]);
    expect(play.origin.arrivals).toHaveLength(1);
  });

  it('what must be validated is refused as a thing to try again', async () => {
    const play = await overloaded([['cache-control', 'max-age=1, must-revalidate'] as const], 3_000);
    expect(seen(play.ask('/a'))).toEqual(refused('stale'));
  });

  it('what is served while it is validated is not validated', async () => {
    const play = await overloaded([['cache-control', 'max-age=1, stale-while-revalidate=60'] as const], 3_000);
    expect(seen(play.ask('/a'))).toEqual([200, 'etagere; hit; ttl=-2; detail=stale-while-revalidate', undefined]);
    expect(play.origin.arrivals).toHaveLength(1);
    play.load.shedsMisses = false;
    play.ask('/a');
    expect(play.origin.arrivals).toHaveLength(2);
  });
});
