import { describe, expect, it } from 'vitest';
import type { PurgeMode, Selection } from '../../../src/engine/operations.ts';
import { fieldsOf, fieldValue, withLine } from '../../../src/http/fields.ts';
import { stage } from './engine-stage.ts';
import { head, pass, statusOf, store, ways } from './purge-ways.ts';

const url = 'http://example.com/a/1';

const selections: readonly (readonly [string, Selection])[] = [
  ['its URL', { kind: 'url', url }],
  ['a prefix of its URL', { kind: 'prefix', prefix: 'https://EXAMPLE.com:443/a/' }],
  ['its host', { kind: 'host', host: 'example.com' }],
  ['its tag', { kind: 'tag', tag: 'red' }],
  ['everything', { kind: 'all' }],
];

const modes: readonly PurgeMode[] = ['soft', 'hard'];

describe.each(ways)('a purge during $name', ({ before, steps }) => {
  const cases = selections.flatMap(([what, selection]) =>
    modes.flatMap((mode) => steps.map((_, step) => ({ what, selection, mode, step }))),
  );

  it.each(cases)(
    'by $what, $mode, after step $step: what was asked for before it is not used after it',
    async ({ selection, mode, step }) => {
      const play = stage();
      await before(play, () => Promise.resolve());
      for (const [index, act] of steps.entries()) {
        act(play);
        if (index === step) void play.engine.operations.purge(selection, mode);
      }
      for (const arrival of play.origin.arrivals) arrival.end();
      await new Promise(setImmediate);
      const asked = play.origin.arrivals.length;
      play.ask('/a/1');
      expect(play.origin.arrivals.length).toBe(asked + 1);
      for (const record of play.records) expect(record.end).toBe('complete');
    },
  );
});

describe('a purge', () => {
  it('says what it has matched, made stale or removed, and who has done it', async () => {
    const play = stage();
    store(play, ['cache-control', 'max-age=60']);
    const selection = { kind: 'tag', tag: 'green' } as const;
    expect(await play.engine.operations.preview(selection)).toEqual({ matched: 1, sample: [url] });
    expect(await play.engine.operations.purge(selection, 'soft')).toEqual({
      matched: 1,
      stale: 1,
      removed: 0,
      fillsDoomed: 0,
      acknowledged: [{ instance: 'etagere-1', inForceMs: 0, ms: 0 }],
    });
    expect(await play.engine.operations.purge({ kind: 'all' }, 'hard')).toMatchObject({ matched: 1, removed: 1 });
    expect(await play.engine.operations.purge({ kind: 'all' }, 'hard')).toMatchObject({ matched: 0, removed: 0 });
  });

  it('counts the fills that it has doomed, once', async () => {
    const play = stage();
    play.ask('/a/1');
    play.ask('/b');
    const { operations } = play.engine;
    const byPrefix = { kind: 'prefix', prefix: 'http://example.com/a' } as const;
    expect(await operations.purge(byPrefix, 'soft')).toMatchObject({ matched: 0, fillsDoomed: 1 });
    expect(await operations.purge({ kind: 'all' }, 'soft')).toMatchObject({ fillsDoomed: 1 });
  });

  it('that is soft has the origin asked whether it changed, and lets the answer count again', async () => {
    const play = stage();
    store(play, ['cache-control', 'max-age=60']);
    await play.engine.operations.purge({ kind: 'url', url }, 'soft');
    const sink = play.ask('/a/1');
    const arrival = play.origin.arrivals.at(-1);
    expect(fieldValue(arrival?.fields ?? fieldsOf(), 'if-none-match')).toBe('"1"');
    arrival?.head({ ...head(play, ['cache-control', 'max-age=60']), status: 304 });
    arrival?.end();
    expect([sink.text, statusOf(sink)]).toEqual(['old', 'etagere; fwd=stale; fwd-status=304']);
    expect(statusOf(play.ask('/a/1'))).toBe('etagere; hit; ttl=60');
  });

  it('that is soft leaves it there for when the origin fails', async () => {
    const play = stage();
    store(play, ['cache-control', 'max-age=60, stale-if-error=30']);
    await play.engine.operations.purge({ kind: 'url', url }, 'soft');
    await pass(play, 10_000);
    const sink = play.ask('/a/1');
    play.origin.arrivals.at(-1)?.fail('ORIGIN_REFUSED');
    expect([sink.text, statusOf(sink)]).toEqual(['old', expect.stringContaining('detail=stale-if-error')]);
  });

  it('that is soft has the origin asked first, whatever may be served meanwhile or to whom', async () => {
    const play = stage();
    store(play, ['cache-control', 'max-age=60, stale-while-revalidate=600']);
    await pass(play, 70_000);
    await play.engine.operations.purge({ kind: 'url', url }, 'soft');
    const sink = play.ask('/a/1');
    expect(sink.heads).toEqual([]);
    play.origin.arrivals.at(-1)?.head({ ...head(play, ['cache-control', 'max-age=600']), status: 304 });
    play.origin.arrivals.at(-1)?.end();
    expect(statusOf(sink)).toBe('etagere; fwd=stale; fwd-status=304');
    expect((await play.engine.operations.entries({ limit: 1 })).entries[0]?.state).toBe('fresh');
  });

  it('that is hard does not', async () => {
    const play = stage();
    store(play, ['cache-control', 'max-age=60, stale-if-error=30']);
    await play.engine.operations.purge({ kind: 'url', url }, 'hard');
    const sink = play.ask('/a/1');
    play.origin.arrivals.at(-1)?.fail('ORIGIN_REFUSED');
    expect(sink.heads.at(-1)?.status).toBe(502);
  });

  it('leaves others alone', async () => {
    const play = stage();
    store(play, ['cache-control', 'max-age=60']);
    for (const selection of [
      { kind: 'url', url: 'http://example.com/a' },
      { kind: 'prefix', prefix: 'http://example.com/b' },
      { kind: 'host', host: 'example.co' },
      { kind: 'tag', tag: 're' },
      { kind: 'entry', id: '0-99' },
      { kind: 'url', url: 'not a URL' },
    ] satisfies Selection[]) {
      expect(await play.engine.operations.purge(selection, 'hard')).toMatchObject({ matched: 0, fillsDoomed: 0 });
    }
    expect(statusOf(play.ask('/a/1'))).toBe('etagere; hit; ttl=60');
  });
});

describe('a list of what is stored', () => {
  it('says of each what a person wants to know', async () => {
    const play = stage();
    play.ask('/a/1', (exchange) => ({
      ...exchange,
      request: { ...exchange.request, fields: withLine(exchange.request.fields, 'accept-encoding', 'gzip, br') },
    }));
    const arrival = play.origin.arrivals[0];
    arrival?.head(head(play, ['cache-control', 'max-age=60'], ['vary', 'Accept-Encoding, X-Other']));
    arrival?.write(Buffer.from('old'));
    arrival?.end();
    await pass(play, 5_000);
    const { entries } = await play.engine.operations.entries({ limit: 10 });
    expect(entries).toEqual([
      expect.objectContaining({
        url,
        method: 'GET',
        status: 200,
        variant: { 'accept-encoding': 'br,gzip' },
        contentBytes: 3,
        age: 5,
        ttl: 55,
        state: 'fresh',
        validator: '"1"',
        tags: ['red', 'green'],
      }),
    ]);
    const id = entries[0]?.id ?? '';
    expect(await play.engine.operations.purge({ kind: 'entry', id }, 'soft')).toMatchObject({ matched: 1, stale: 1 });
    expect((await play.engine.operations.entries({ limit: 10 })).entries[0]).toMatchObject({ state: 'purged', ttl: 0 });
  });

  it('shows no secrets of those who asked, in lists or previews', async () => {
    const play = stage();
    const secret = 'opensesame';
    play.ask(`/a/1?api_key=${secret}`, (exchange) => ({
      ...exchange,
      request: { ...exchange.request, fields: withLine(exchange.request.fields, 'cookie', `id=${secret}`) },
    }));
    const fields = [
      ['cache-control', 'public, max-age=60'],
      ['vary', 'Cookie'],
      ['x-auth-token', secret],
    ] as const;
    play.origin.arrivals[0]?.head(head(play, ...fields));
    play.origin.arrivals[0]?.end();
    const { entries } = await play.engine.operations.entries({ limit: 10, match: `api_key=${secret}` });
    expect(entries).toMatchObject([{ url: `${url}?api_key=[redacted]`, variant: { cookie: '(13 characters)' } }]);
    expect(entries[0]?.fields).toContainEqual(['x-auth-token', '(10 characters)']);
    const preview = await play.engine.operations.preview({ kind: 'all' });
    expect(preview.matched).toBe(1);
    expect(JSON.stringify({ entries, preview })).not.toContain(secret);
  });

  it.each([
    ['a part of the URL', { match: '/a/' }, 1],
    ['a pattern', { match: 'http://*.com/*1' }, 1],
    ['a pattern that has to fit to its end', { match: 'http://*.com/a' }, 0],
    ['a pattern whose parts would overlap', { match: 'http://example.com/a/*/1' }, 0],
    ['a tag', { tag: 'red' }, 1],
    ['a tag that nothing has', { tag: 'blue' }, 0],
  ])('can be narrowed to %s', async (_what, query, count) => {
    const play = stage();
    store(play, ['cache-control', 'max-age=60']);
    expect((await play.engine.operations.entries({ ...query, limit: 10 })).entries).toHaveLength(count);
  });
});

describe('purges that go over the shelf', () => {
  const tag = { kind: 'tag', tag: 'red' } as const;

  it('are refused beyond their number, and then purge nothing', async () => {
    const play = stage({ maxPurges: 2 });
    const { operations } = play.engine;
    const elsewhere = { kind: 'host', host: 'other.test' } as const;
    const underWay = [operations.purge(elsewhere, 'hard'), operations.purge({ kind: 'tag', tag: 'blue' }, 'hard')];
    store(play, ['cache-control', 'max-age=60']);
    await expect(operations.purge(tag, 'hard')).rejects.toMatchObject({ code: 'PURGES_FULL' });
    await Promise.all(underWay);
    expect(statusOf(play.ask('/a/1'))).toContain('hit');
    expect(await operations.purge(tag, 'hard')).toMatchObject({ matched: 1 });
  });

  it('are counted together with previews', async () => {
    const play = stage({ maxPurges: 1 });
    const { operations } = play.engine;
    store(play, ['cache-control', 'max-age=60']);
    const underWay = operations.preview(tag);
    await expect(operations.purge(tag, 'hard')).rejects.toMatchObject({ code: 'PURGES_FULL' });
    await expect(operations.preview({ kind: 'all' })).rejects.toMatchObject({ code: 'PURGES_FULL' });
    expect(await operations.preview({ kind: 'url', url })).toMatchObject({ matched: 1 });
    expect(await underWay).toMatchObject({ matched: 1 });
    expect(await operations.preview({ kind: 'all' })).toMatchObject({ matched: 1 });
  });

  it('hold up no purge of a URL or an entry', async () => {
    const play = stage({ maxPurges: 1 });
    const { operations } = play.engine;
    store(play, ['cache-control', 'max-age=60']);
    const { entries } = await operations.entries({ limit: 10 });
    const underWay = operations.purge({ kind: 'tag', tag: 'blue' }, 'soft');
    const id = entries[0]?.id ?? '';
    expect(await operations.purge({ kind: 'entry', id }, 'soft')).toMatchObject({ matched: 1 });
    expect(await operations.purge({ kind: 'url', url }, 'hard')).toMatchObject({ matched: 1 });
    await underWay;
  });

  it('make room for others where the shelf fails', async () => {
    const fails = new Error('no shelf');
    const play = stage({ maxPurges: 1 }, (shelf) => Object.assign(shelf, { purge: () => Promise.reject(fails) }));
    for (const _ of [1, 2]) await expect(play.engine.operations.purge(tag, 'soft')).rejects.toBe(fails);
  });
});
