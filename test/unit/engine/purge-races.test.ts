import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../../src/engine/exchange.ts';
import { onlyRoute } from '../../../src/engine/route.ts';
import { type Fields, fieldsOf, fieldValue, withLine } from '../../../src/http/fields.ts';
import { presets } from '../../../src/policy/config.ts';
import { stage } from './engine-stage.ts';
import type { RecordingSink } from './recording-sink.ts';

const url = 'http://example.com/a';
const lasting = ['cache-control', 'max-age=60'] as const;
const strong = ['etag', '"1"'] as const;
const red = ['surrogate-key', 'red'] as const;

type Play = ReturnType<typeof stage>;
type Line = readonly [string, string];

const statusOf = (sink: RecordingSink): string | undefined =>
  fieldValue(sink.heads.at(-1)?.fields ?? fieldsOf(), 'cache-status');

const pass = (play: Play, ms: number): Promise<void> => play.clock.advance(ms, () => Promise.resolve());

/** A request with another method or more fields. */
const as =
  (method: string, ...lines: readonly Line[]) =>
  (exchange: Exchange): Exchange => {
    const fields = lines.reduce((all: Fields, [name, value]) => withLine(all, name, value), exchange.request.fields);
    return { ...exchange, request: { ...exchange.request, method, fields } };
  };

/** Answers the latest request at the origin. */
function answer(play: Play, status: number, ...lines: readonly Line[]): void {
  const arrival = play.origin.arrivals.at(-1);
  arrival?.head({ status, fields: fieldsOf(play.date, ...lines) });
  if (status === 200 && arrival?.method === 'GET') arrival.write(Buffer.from('old'));
  arrival?.end();
}

function store(play: Play, target: string, ...lines: readonly Line[]): void {
  play.ask(target);
  answer(play, 200, ...lines);
}

async function idOfFirst(play: Play): Promise<string> {
  return (await play.engine.operations.entries({ limit: 1 })).entries[0]?.id ?? '';
}

describe('a purge by tag', () => {
  it('reaches a response whose head names it as a group only when that comes', async () => {
    const play = stage();
    play.ask('/a');
    await play.engine.operations.purge({ kind: 'tag', tag: 'red' }, 'soft');
    answer(play, 200, lasting, ['cache-groups', '"red"']);
    play.ask('/a');
    expect(play.origin.arrivals).toHaveLength(2);
  });

  it('is not undone by a 304 about another stored response with the same entity-tag', async () => {
    const play = stage();
    const [one, two] = [as('GET', ['x-kind', 'one']), as('GET', ['x-kind', 'two'])];
    play.ask('/a', two);
    answer(play, 200, lasting, ['vary', 'X-Other'], strong, red);
    await pass(play, 1_000);
    play.ask('/a', as('GET', ['x-kind', 'one'], ['x-other', 'yes']));
    answer(play, 200, ['cache-control', 'max-age=1'], ['vary', 'X-Kind'], strong);
    await pass(play, 5_000);
    play.ask('/a', as('GET', ['x-kind', 'one'], ['cache-control', 'no-cache']));
    await play.engine.operations.purge({ kind: 'tag', tag: 'red' }, 'soft');
    answer(play, 304, lasting, strong);
    expect(statusOf(play.ask('/a', one))).toContain('hit');
    play.ask('/a', two);
    expect(play.origin.arrivals).toHaveLength(4);
  });

  it('reaches a stored part through the request for the rest of it', async () => {
    const play = stage();
    play.ask('/a', as('GET', ['range', 'bytes=5-']));
    const [part] = play.origin.arrivals;
    part?.head({
      status: 206,
      fields: fieldsOf(play.date, strong, lasting, red, ['content-range', 'bytes 5-9/10']),
    });
    part?.write(Buffer.from('FGHIJ'));
    part?.end();
    const sink = play.ask('/a');
    expect(await play.engine.operations.purge({ kind: 'tag', tag: 'red' }, 'hard')).toMatchObject({ fillsDoomed: 1 });
    const rest = play.origin.arrivals[1];
    rest?.head({ status: 206, fields: fieldsOf(play.date, strong, lasting, ['content-range', 'bytes 0-4/10']) });
    rest?.write(Buffer.from('abcde'));
    rest?.end();
    expect(sink.text).toBe('abcdeFGHIJ');
    play.ask('/a');
    expect(play.origin.arrivals).toHaveLength(3);
  });

  it('has those who asked after it wait for an answer of after it, where a 304 brings the tag', async () => {
    const play = stage();
    store(play, '/a', ['cache-control', 'max-age=1'], strong);
    await pass(play, 5_000);
    play.ask('/a');
    await play.engine.operations.purge({ kind: 'tag', tag: 'red' }, 'soft');
    const followers = [play.ask('/a'), play.ask('/a')];
    answer(play, 304, lasting, strong, red);
    expect(play.origin.arrivals).toHaveLength(3);
    answer(play, 304, lasting, strong, red);
    for (const sink of followers) expect(sink.text).toBe('old');
  });

  it('is not undone by what a POST has invalidated itself', async () => {
    const play = stage();
    const { origin } = play;
    const forwarding = { originAuthority: 'origin.test', preserveHost: false, viaName: 'etagere-1' };
    play.engine.reroute(onlyRoute({ origin, policy: { ...presets.rfc, storePost: true }, forwarding }));
    const located = ['content-location', url] as const;
    play.ask('/a', as('POST'));
    answer(play, 200, lasting, located, red);
    expect(statusOf(play.ask('/a'))).toContain('hit');
    play.ask('/a', as('POST'));
    await play.engine.operations.purge({ kind: 'tag', tag: 'red' }, 'soft');
    answer(play, 200, lasting, located, red);
    play.ask('/a');
    expect(play.origin.arrivals).toHaveLength(3);
  });
});

describe('a soft purge', () => {
  it('is not undone by a HEAD that was asked before it', async () => {
    const play = stage();
    store(play, '/a', lasting);
    play.ask('/a', as('HEAD', ['cache-control', 'no-cache']));
    await play.engine.operations.purge({ kind: 'url', url }, 'soft');
    answer(play, 200, lasting);
    play.ask('/a');
    expect(play.origin.arrivals).toHaveLength(3);
  });

  it('is not undone by a HEAD after it that shows no more than the same length', async () => {
    const play = stage();
    const sized = ['content-length', '3'] as const;
    store(play, '/a', lasting, sized);
    await pass(play, 1_000);
    await play.engine.operations.purge({ kind: 'url', url }, 'soft');
    await pass(play, 1_000);
    play.ask('/a', as('HEAD'));
    answer(play, 200, lasting, sized);
    play.ask('/a');
    expect(play.origin.arrivals.map(({ method }) => method)).toEqual(['GET', 'HEAD', 'GET']);
  });

  it('makes stale, and counts, what an equivalent target shares, and leaves it there for when the origin fails', async () => {
    const play = stage();
    const search = ['no-vary-search', 'params=("u")'] as const;
    store(play, '/a?u=2', ['cache-control', 'max-age=60, stale-if-error=30'], search);
    expect(await play.engine.operations.purge({ kind: 'url', url: `${url}?u=1` }, 'soft')).toMatchObject({ stale: 1 });
    const sink = play.ask('/a?u=1');
    play.origin.arrivals.at(-1)?.fail('ORIGIN_REFUSED');
    expect([sink.text, statusOf(sink)]).toEqual(['old', expect.stringContaining('detail=stale-if-error')]);
  });

  it.each([
    ['one of them', '?u=1'],
    ['another equivalent target', '?u=4'],
  ])(
    'of %s makes stale all equivalent targets that were stored before it was known that they are',
    async (_of, query) => {
      const play = stage();
      const targets = ['/a?u=1', '/a?u=2', '/a?u=3'];
      for (const target of targets) play.ask(target);
      for (const index of targets.keys()) play.answer(index, lasting, ['no-vary-search', 'params=("u")']);
      expect(await play.engine.operations.purge({ kind: 'url', url: url + query }, 'soft')).toMatchObject({ stale: 3 });
      for (const target of targets) expect(statusOf(play.ask(target)) ?? '').not.toContain('hit');
    },
  );

  it('reaches equivalent targets, too, of which the key is forgotten', async () => {
    const play = stage();
    const targets = Array.from({ length: 20 }, (_, index) => `/a?u=${index}`);
    for (const target of targets) play.ask(target);
    const lines = [
      ['cache-control', 'max-age=60, stale-if-error=30'],
      ['no-vary-search', 'params=("u")'],
    ] as const;
    for (const index of targets.keys()) play.answer(index, ...lines);
    expect(await play.engine.operations.purge({ kind: 'url', url }, 'soft')).toMatchObject({ stale: 16 });
    for (const target of targets) expect(statusOf(play.ask(target)) ?? '').not.toContain('hit');
    play.origin.arrivals.at(-1)?.fail('ORIGIN_REFUSED');
    expect(play.records.at(-1)?.cacheStatus).toMatchObject({ detail: 'stale-if-error' });
  });

  it('followed by a hard one leaves nothing to stand in for the origin', async () => {
    const play = stage();
    store(play, '/a', ['cache-control', 'max-age=1, stale-if-error=60'], strong);
    await pass(play, 5_000);
    const sink = play.ask('/a');
    const { operations } = play.engine;
    expect(await operations.purge({ kind: 'url', url }, 'soft')).toMatchObject({ fillsDoomed: 1 });
    expect(await operations.purge({ kind: 'url', url }, 'hard')).toMatchObject({ fillsDoomed: 0, removed: 1 });
    play.origin.arrivals.at(-1)?.fail('ORIGIN_REFUSED');
    expect(sink.heads.at(-1)?.status).toBe(502);
  });

  it('during a refresh in the background has the next client wait for an answer of after it', async () => {
    const play = stage();
    store(play, '/a', ['cache-control', 'max-age=1, stale-while-revalidate=60'], strong);
    await pass(play, 5_000);
    play.ask('/a');
    await play.engine.operations.purge({ kind: 'url', url }, 'soft');
    answer(play, 304, lasting, strong);
    const sink = play.ask('/a');
    expect(sink.heads).toHaveLength(0);
    answer(play, 304, lasting, strong);
    expect([sink.text, statusOf(sink)]).toEqual(['old', 'etagere; fwd=stale; fwd-status=304']);
  });
});

describe('a purge of one response', () => {
  const patient = ['cache-control', 'max-age=1, stale-if-error=60'] as const;

  async function validating(): Promise<{ play: Play; sink: RecordingSink; id: string }> {
    const play = stage();
    store(play, '/a', patient, strong);
    const id = await idOfFirst(play);
    await pass(play, 5_000);
    return { play, sink: play.ask('/a'), id };
  }

  it('that is soft, during its validation: the 304 does not make it fresh', async () => {
    const { play, id } = await validating();
    expect(await play.engine.operations.purge({ kind: 'entry', id }, 'soft')).toMatchObject({ fillsDoomed: 1 });
    answer(play, 304, lasting, strong);
    play.ask('/a');
    expect(play.origin.arrivals).toHaveLength(3);
  });

  it('that is hard, during its validation: the response is not stored in its place', async () => {
    const { play, id } = await validating();
    await play.engine.operations.purge({ kind: 'entry', id }, 'hard');
    answer(play, 200, lasting);
    play.ask('/a');
    expect(play.origin.arrivals).toHaveLength(3);
  });

  it('that is hard, during its validation: it does not stand in for the origin', async () => {
    const { play, sink, id } = await validating();
    await play.engine.operations.purge({ kind: 'entry', id }, 'hard');
    play.origin.arrivals.at(-1)?.fail('ORIGIN_REFUSED');
    expect(sink.heads.at(-1)?.status).toBe(502);
  });
});

describe('a purge by URL', () => {
  it('reaches a response under way that only its head says to be equivalent', async () => {
    const play = stage();
    const search = ['no-vary-search', 'params=("u")'] as const;
    const sink = play.ask('/a?u=2');
    await play.engine.operations.purge({ kind: 'url', url: `${url}?u=1` }, 'hard');
    answer(play, 200, lasting, search);
    expect(statusOf(sink)).toBe('etagere; fwd=uri-miss; detail=invalidated');
    play.ask('/a?u=1');
    expect(play.origin.arrivals).toHaveLength(2);
  });

  it('has all who wait share one request that begins after it', async () => {
    const play = stage();
    play.ask('/a');
    const before = [play.ask('/a'), play.ask('/a'), play.ask('/a')];
    await play.engine.operations.purge({ kind: 'url', url }, 'soft');
    answer(play, 200, lasting);
    const after = [play.ask('/a'), play.ask('/a')];
    expect(play.origin.arrivals).toHaveLength(2);
    answer(play, 200, lasting);
    for (const sink of [...before, ...after]) expect(sink.text).toBe('old');
    expect(play.origin.arrivals).toHaveLength(2);
  });

  it('counts no request under way whose answer is not for the shelf', async () => {
    const play = stage();
    play.ask('/a', as('POST'));
    play.ask('/a', as('HEAD'));
    expect(await play.engine.operations.purge({ kind: 'url', url }, 'hard')).toMatchObject({ fillsDoomed: 0 });
  });
});
