import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../../src/engine/exchange.ts';
import { fieldsOf, fieldValue, noFields, withLine } from '../../../src/http/fields.ts';
import type { Claim } from '../../../src/store/claims.ts';
import { beginStoring } from '../../store/shelved.ts';
import { adapted } from './adapted-store.ts';
import { stage } from './engine-stage.ts';
import { PastMemory } from './past-memory-writer.ts';
import type { RecordingSink } from './recording-sink.ts';
import { SharedClaims, SharedShelf } from './shared-shelf.ts';

type Line = readonly [string, string];
type Play = ReturnType<typeof stage>;

const fresh: Line = ['cache-control', 'max-age=60'];
const strong: Line = ['etag', '"1"'];
const turn = (): Promise<void> => new Promise(setImmediate);
const statusOf = (sink: RecordingSink): string | undefined =>
  fieldValue(sink.heads.at(-1)?.fields ?? noFields, 'cache-status');

const as =
  (method: string, ...lines: readonly Line[]) =>
  (exchange: Exchange): Exchange => {
    const fields = lines.reduce((all, [name, value]) => withLine(all, name, value), exchange.request.fields);
    return { ...exchange, request: { ...exchange.request, method, fields } };
  };

/** Two engines, each before an origin of its own, over one shelf, which ask one after the other. */
function fleet() {
  const claims = new SharedClaims();
  const shelf = new SharedShelf();
  const join = (): Play => stage({}, (memory) => shelf.over(memory, claims));
  return { claims, shelf, one: join(), two: join() };
}

/** The latest request at an origin is answered. */
async function answer(play: Play, status: number, ...lines: readonly Line[]): Promise<void> {
  const arrival = play.origin.arrivals.at(-1);
  arrival?.head({ status, fields: fieldsOf(play.date, ...lines) });
  if (status === 200 && arrival?.method === 'GET') arrival.write(Buffer.from('text'));
  arrival?.end();
  await turn();
}

async function asked(play: Play, target: string, change?: (exchange: Exchange) => Exchange): Promise<RecordingSink> {
  const sink = play.ask(target, change);
  await turn();
  return sink;
}

const originsAsked = (...plays: readonly Play[]): number[] => plays.map(({ origin }) => origin.arrivals.length);

describe('a miss that another instance asks the origin for', () => {
  it('does not wait for long for a shelf that keeps nothing of it', async () => {
    const { claims, shelf, one } = fleet();
    shelf.keeping = new Promise(() => {});
    await asked(one, '/a');
    await answer(one, 200, fresh);
    await one.clock.advance(999, turn);
    expect(claims.held).toBe(1);
    await one.clock.advance(1, turn);
    expect(claims.held).toBe(0);
  });

  it('waits for that, and is a hit', async () => {
    const { claims, one, two } = fleet();
    const first = await asked(one, '/a');
    const waiting = [await asked(two, '/a'), await asked(two, '/a')];
    expect(originsAsked(one, two)).toEqual([1, 0]);
    await answer(one, 200, fresh);
    expect(statusOf(first)).toBe('etagere; fwd=uri-miss; stored');
    for (const sink of waiting) expect([sink.text, statusOf(sink)]).toEqual(['text', 'etagere; hit; ttl=60']);
    expect([originsAsked(one, two), claims.held]).toEqual([[1, 0], 0]);
  });

  it('has in its record how long it has waited', async () => {
    const { one, two } = fleet();
    await asked(one, '/a');
    await asked(two, '/a');
    await two.clock.advance(250, turn);
    await answer(one, 200, fresh);
    expect(two.records).toMatchObject([{ cacheStatus: { hit: true }, elsewhereMs: 250, durationMs: 250 }]);
    expect(one.records[0]).not.toHaveProperty('elsewhereMs');
  });

  it('goes on by itself where that brings nothing that others may have, at once and without another claim', async () => {
    const { claims, one, two } = fleet();
    await asked(one, '/a');
    await asked(two, '/a');
    one.origin.arrivals[0]?.head({ status: 200, fields: fieldsOf(one.date, ['cache-control', 'private']) });
    await turn();
    expect([originsAsked(one, two), claims.names.length]).toEqual([[1, 1], 2]);
    await answer(two, 200, fresh);
    expect(statusOf(await asked(two, '/a'))).toContain('hit');
  });

  it.each<[string, (play: Play, sink: RecordingSink) => unknown]>([
    ['fails', ({ origin }) => origin.arrivals[0]?.fail('ORIGIN_REFUSED')],
    [
      'breaks off',
      ({ origin, date }) => {
        origin.arrivals[0]?.head({ status: 200, fields: fieldsOf(date, fresh) });
        origin.arrivals[0]?.breakOff();
      },
    ],
    ['is given up, as its client has left,', (_, sink) => sink.leave()],
    [
      'is purged',
      async (play) => {
        await play.engine.operations.purge({ kind: 'all' }, 'hard');
        await answer(play, 200, fresh);
      },
    ],
  ])('goes on by itself where that %s', async (_, trouble) => {
    const { claims, one, two } = fleet();
    const sink = await asked(one, '/a');
    const waiting = await asked(two, '/a');
    await trouble(one, sink);
    await turn();
    expect(originsAsked(two)).toEqual([1]);
    await answer(two, 200, fresh);
    expect([waiting.text, claims.held]).toEqual(['text', 0]);
  });

  it('goes on by itself when it was waited for long enough, and what it brings is shared here', async () => {
    const { claims, one, two } = fleet();
    await asked(one, '/a');
    const waiting = [await asked(two, '/a'), await asked(two, '/a')];
    claims.release(claims.names[0] ?? '');
    await turn();
    expect(originsAsked(one, two)).toEqual([1, 1]);
    await answer(two, 200, fresh);
    expect(waiting.map(({ text }) => text)).toEqual(['text', 'text']);
  });

  it('is not asked for by a client that has left meanwhile', async () => {
    const { claims, one, two } = fleet();
    await asked(one, '/a');
    const waiting = await asked(two, '/a');
    waiting.leave();
    claims.release(claims.names[0] ?? '');
    await turn();
    expect([originsAsked(two), two.records]).toMatchObject([[0], [{ end: 'client-left' }]]);
  });
});

describe('a claim', () => {
  it('is held until the response is on the shelf, not only until it has come', async () => {
    const { claims, shelf, one } = fleet();
    let kept: (() => void) | undefined;
    shelf.keeping = new Promise((resolve) => {
      kept = resolve;
    });
    const sink = await asked(one, '/a');
    await answer(one, 200, fresh);
    expect([sink.ended, claims.held]).toEqual([true, 1]);
    kept?.();
    await turn();
    expect(claims.held).toBe(0);
  });

  it('is let go of as soon as what comes can not be shared any more, since it is larger than memory has room for', async () => {
    const claims = new SharedClaims();
    const play = stage({}, (memory) =>
      adapted(memory, { claims, begin: (head, length) => new PastMemory(beginStoring(memory, head, length)) }),
    );
    await asked(play, '/a');
    play.origin.arrivals[0]?.head({ status: 200, fields: fieldsOf(play.date, fresh) });
    play.origin.arrivals[0]?.write(Buffer.alloc(2 ** 19));
    expect(claims.held).toBe(1);
    for (let i = 0; i < 2; i++) play.origin.arrivals[0]?.write(Buffer.alloc(2 ** 19));
    expect([claims.held, play.records]).toEqual([0, []]);
  });

  it('is not made for what others can not be answered with', async () => {
    const { claims, one } = fleet();
    await asked(one, '/a', as('POST'));
    await asked(one, '/a', as('HEAD'));
    await asked(one, '/a', as('GET', ['range', 'bytes=0-1']));
    expect(claims.names).toEqual([]);
    await asked(one, '/b');
    await asked(one, '/b');
    await answer(one, 200, ['cache-control', 'private']);
    claims.names.length = 0;
    await asked(one, '/b');
    expect(claims.names).toEqual([]);
  });

  it('names each variant that is known to be one, and tells no secret', async () => {
    const { claims, one } = fleet();
    const german = as('GET', ['accept-language', 'de'], ['cache-control', 'no-cache']);
    await asked(one, '/a?token=secret', german);
    await answer(one, 200, fresh, ['vary', 'Accept-Language']);
    await asked(one, '/a?token=secret', as('GET', ['accept-language', 'fr']));
    await asked(one, '/a?token=secret', as('GET', ['accept-language', 'it']));
    expect(new Set(claims.names).size).toBe(3);
    for (const name of claims.names) expect(name).toMatch(/^[\w-]{43}$/);
  });

  it('that comes late is let go of where nobody waits any more', async () => {
    const claims = new SharedClaims();
    let tell: ((claim: Claim) => void) | undefined;
    const late = { claim: () => new Promise<Claim>((resolve) => (tell = resolve)) };
    const play = stage({}, (memory) => new SharedShelf().over(memory, late));
    const sink = await asked(play, '/a');
    sink.leave();
    tell?.(claims.claim('x'));
    await turn();
    expect([originsAsked(play), claims.held]).toEqual([[0], 0]);
  });

  it('that comes after a purge is for a fill of after it', async () => {
    const claims = new SharedClaims();
    const told: ((claim: Claim) => void)[] = [];
    const late = { claim: () => new Promise<Claim>((resolve) => told.push(resolve)) };
    const play = stage({}, (memory) => new SharedShelf().over(memory, late));
    const sink = await asked(play, '/a');
    await play.engine.operations.purge({ kind: 'all' }, 'hard');
    for (let i = 0; i < 2; i++) {
      told[i]?.(claims.claim('x'));
      await turn();
    }
    await answer(play, 200, fresh);
    expect([sink.text, originsAsked(play), claims.held]).toEqual(['text', [1], 0]);
    expect(statusOf(await asked(play, '/a'))).toContain('hit');
  });
});

describe('a validation that another instance has the origin asked for', () => {
  const staleSoon: Line = ['cache-control', 'max-age=1'];

  async function stale(...lines: readonly Line[]) {
    const made = fleet();
    const { one, two } = made;
    await asked(one, '/a');
    await answer(one, 200, ...lines, strong);
    for (const play of [one, two]) await play.clock.advance(5_000, turn);
    return made;
  }

  it('is waited for, and what it has freshened is a hit', async () => {
    const { claims, one, two } = await stale(staleSoon);
    await asked(one, '/a');
    const waiting = await asked(two, '/a');
    expect(originsAsked(one, two)).toEqual([2, 0]);
    await answer(one, 304, fresh, strong);
    expect([waiting.text, originsAsked(two), claims.held]).toEqual(['text', [0], 0]);
    expect(statusOf(waiting)).toContain('hit');
  });

  it('is not waited for longer than until it has failed, however slowly the content of the failure comes', async () => {
    const { claims, one, two } = await stale(['cache-control', 'max-age=1, stale-if-error=60']);
    const served = await asked(one, '/a');
    await asked(two, '/a');
    one.origin.arrivals[1]?.head({ status: 503, fields: fieldsOf(one.date) });
    await turn();
    expect([served.text, originsAsked(two), claims.held]).toEqual(['text', [1], 0]);
  });

  it('in the background is not done twice', async () => {
    const { claims, one, two } = await stale(['cache-control', 'max-age=1, stale-while-revalidate=60']);
    await asked(one, '/a');
    await asked(two, '/a');
    await asked(two, '/a');
    expect(originsAsked(one, two)).toEqual([2, 0]);
    await answer(one, 304, fresh, strong);
    expect(statusOf(await asked(two, '/a'))).not.toContain('stale');
    expect([originsAsked(two), claims.held]).toEqual([[0], 0]);
  });
});
