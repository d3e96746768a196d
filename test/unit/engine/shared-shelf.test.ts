import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../../src/engine/exchange.ts';
import { fieldsOf, fieldValue, noFields, withLine } from '../../../src/http/fields.ts';
import { cacheKey, groupKey } from '../../../src/key/cache-key.ts';
import { adapted } from './adapted-store.ts';
import { stage } from './engine-stage.ts';
import { exchangeWith, RecordingSink } from './recording-sink.ts';
import { SharedShelf } from './shared-shelf.ts';

type Line = readonly [string, string];
type Play = ReturnType<typeof stage>;

const fresh: Line = ['cache-control', 'max-age=60'];
const strong: Line = ['etag', '"1"'];
const turn = (): Promise<void> => new Promise(setImmediate);
const pass = (play: Play, ms: number): Promise<void> => play.clock.advance(ms, turn);
const statusOf = (sink: RecordingSink): string | undefined =>
  fieldValue(sink.heads.at(-1)?.fields ?? noFields, 'cache-status');
const keyOf = (target: string) => cacheKey({ scheme: 'http', authority: 'example.com', target });

const as =
  (method: string, ...lines: readonly Line[]) =>
  (exchange: Exchange): Exchange => {
    const fields = lines.reduce((all, [name, value]) => withLine(all, name, value), exchange.request.fields);
    return { ...exchange, request: { ...exchange.request, method, fields } };
  };

/** Two engines, each before an origin of its own, over one shelf. */
function fleet() {
  const shelf = new SharedShelf();
  const join = (): Play => stage({}, (memory) => shelf.over(memory));
  return { shelf, one: join(), two: join() };
}

/** Has an engine store what its origin answers. */
async function store(play: Play, target: string, ...lines: readonly Line[]): Promise<void> {
  play.ask(target);
  await turn();
  const arrival = play.origin.arrivals.at(-1);
  arrival?.head({ status: 200, fields: fieldsOf(play.date, ...lines) });
  arrival?.write(Buffer.from('text'));
  arrival?.end();
  await turn();
}

/** Lets five seconds pass, and one engine have its origin confirm what lies on the shelf. */
async function freshenedBy(one: Play, two: Play, target: string): Promise<void> {
  await pass(one, 5_000);
  await pass(two, 5_000);
  one.ask(target);
  await turn();
  one.origin.arrivals.at(-1)?.head({ status: 304, fields: fieldsOf(one.date, fresh, strong) });
  one.origin.arrivals.at(-1)?.end();
  await turn();
}

describe('a response that another instance has stored', () => {
  it('answers, without asking the origin', async () => {
    const { one, two } = fleet();
    await store(one, '/a', fresh);
    const sink = two.ask('/a');
    await turn();
    expect([sink.text, statusOf(sink), two.origin.arrivals.length]).toEqual(['text', 'etagere; hit; ttl=60', 0]);
  });

  it('answers only-if-cached, too', async () => {
    const { one, two } = fleet();
    await store(one, '/a', fresh);
    const sink = two.ask('/a', as('GET', ['cache-control', 'only-if-cached']));
    await turn();
    expect(sink.heads[0]?.status).toBe(200);
  });

  it('is not looked for where memory answers, nor by what nothing stored can answer, nor in the fast lane', async () => {
    const { shelf, one } = fleet();
    await store(one, '/a', fresh);
    shelf.asked.length = 0;
    const { request, client } = exchangeWith(new RecordingSink(), '/a');
    one.ask('/a');
    one.ask('/a', as('POST'));
    expect(one.engine.hit(request, client)?.head.status).toBe(200);
    expect(one.engine.hit({ ...request, target: '/b' }, client)).toBeUndefined();
    expect([shelf.asked.length, one.origin.arrivals.length]).toEqual([0, 2]);
  });

  it('answers where what memory has of it is stale', async () => {
    const { one, two } = fleet();
    await store(two, '/a', ['cache-control', 'max-age=1'], strong);
    await freshenedBy(one, two, '/a');
    const sink = two.ask('/a');
    await turn();
    expect([statusOf(sink), two.origin.arrivals.length]).toEqual([expect.stringContaining('hit'), 1]);
  });

  it('is found by an equivalent target, once it was met (No-Vary-Search)', async () => {
    const { one, two } = fleet();
    await store(one, '/a?u=1', fresh, ['no-vary-search', 'params=("u")']);
    two.ask('/a?u=1');
    await turn();
    const sink = two.ask('/a?u=2');
    await turn();
    expect([sink.text, two.origin.arrivals.length]).toEqual(['text', 0]);
  });

  it('is shown to those who explain', async () => {
    const { one, two } = fleet();
    await store(one, '/a', fresh);
    const [record] = one.records;
    const inspection = record && (await two.engine.operations.inspect(record.request));
    expect(inspection?.candidates).toHaveLength(1);
  });

  it('is nothing for a client that has left before it was found', async () => {
    const { shelf, two } = fleet();
    shelf.isSlow = true;
    const sink = two.ask('/a');
    sink.leave();
    shelf.answer();
    await turn();
    expect([two.origin.arrivals.length, two.records]).toMatchObject([0, [{ end: 'client-left' }]]);
  });
});

describe('a stale response that is served while it is validated', () => {
  const lines = [['cache-control', 'max-age=1, stale-while-revalidate=60'], strong] as const;

  it('is not validated where another instance has freshened it', async () => {
    const { one, two } = fleet();
    await store(two, '/a', ...lines);
    await freshenedBy(one, two, '/a');
    const sink = two.ask('/a');
    await turn();
    expect([statusOf(sink), two.origin.arrivals.length]).toEqual([
      expect.stringContaining('stale-while-revalidate'),
      1,
    ]);
  });

  it('is validated once, however many are answered with it meanwhile', async () => {
    const { shelf, one } = fleet();
    await store(one, '/a', ...lines);
    await pass(one, 5_000);
    shelf.isSlow = true;
    for (let i = 0; i < 3; i++) expect(one.ask('/a').text).toBe('text');
    shelf.answer();
    await turn();
    expect(one.origin.arrivals).toHaveLength(2);
    for (let i = 0; i < 3; i++) one.ask('/a');
    shelf.answer();
    await turn();
    expect(one.origin.arrivals).toHaveLength(2);
  });
});

/** What may come while an answer of the shared shelf is on its way that was read before. */
const changes: readonly (readonly [string, (play: Play, shelf: SharedShelf) => unknown])[] = [
  ['a purge here', ({ engine }) => engine.operations.purge({ kind: 'url', url: 'http://example.com/a' }, 'soft')],
  ['an unsafe request here', (play) => play.ask('/a', as('POST'))],
  [
    'a purge elsewhere',
    (_, shelf) => shelf.give({ kind: 'purge', selection: { kind: 'targets', keys: [keyOf('/a')] } }),
  ],
  ['a purge by tag elsewhere', (_, shelf) => shelf.give({ kind: 'purge', selection: { kind: 'tag', tag: 'red' } })],
  ['an invalidation elsewhere', (_, shelf) => shelf.give({ kind: 'invalidate', key: keyOf('/a') })],
  [
    'an invalidation of its group elsewhere',
    (_, shelf) => shelf.give({ kind: 'invalidate-group', group: groupKey(keyOf('/a'), 'g') }),
  ],
];

describe('what was read of a shared shelf', () => {
  it.each(changes)('before %s is not used after it', async (_, change) => {
    const { shelf, one, two } = fleet();
    await store(one, '/a', fresh, ['cache-groups', '"g"']);
    shelf.isSlow = true;
    const sink = two.ask('/a');
    change(two, shelf);
    for (const arrival of two.origin.arrivals) {
      arrival.head({ status: 200, fields: fieldsOf(two.date) });
      arrival.end();
    }
    const asked = two.origin.arrivals.length;
    for (let i = 0; i < 4; i++) {
      shelf.answer();
      await turn();
    }
    expect([sink.heads.length, two.origin.arrivals.length]).toEqual([0, asked + 1]);
  });

  it('has the generation of when it was asked, so that what is invalidated later is newer', async () => {
    const { shelf, one, two } = fleet();
    await store(one, '/a', fresh, ['cache-groups', '"g"']);
    const post = (index: number): void => {
      const arrival = two.origin.arrivals[index];
      arrival?.head({ status: 200, fields: fieldsOf(two.date, ['cache-group-invalidation', '"g"']) });
      arrival?.end();
    };
    two.ask('/other', as('POST'));
    post(0);
    await turn();
    const before = two.ask('/a');
    await turn();
    expect(statusOf(before)).toContain('hit');
    shelf.isSlow = true;
    const sink = two.ask('/a');
    two.ask('/other', as('POST'));
    post(1);
    shelf.answer();
    await turn();
    expect([sink.heads.length, two.origin.arrivals.length]).toEqual([0, 3]);
  });
});

describe('what is invalidated here', () => {
  it('is told to those who share the shelf: the target, and the groups of what lay there', async () => {
    const { shelf, one, two } = fleet();
    await store(one, '/a', fresh, ['cache-groups', '"g"']);
    two.ask('/a', as('POST'));
    two.origin.arrivals[0]?.head({ status: 200, fields: fieldsOf(two.date, ['cache-group-invalidation', '"h"']) });
    await turn();
    expect(shelf.orders).toEqual([
      { kind: 'invalidate-group', group: groupKey(keyOf('/a'), 'h') },
      { kind: 'invalidate-group', group: groupKey(keyOf('/a'), 'g') },
      { kind: 'invalidate', key: keyOf('/a') },
    ]);
  });

  it('is taken off the shelf, too, where it can not be told what lay there', async () => {
    const invalidated: string[] = [];
    const play = stage({}, (memory) =>
      adapted(memory, {
        peek: () => Promise.reject(new Error('no shelf')),
        invalidate: (key) => void invalidated.push(key),
      }),
    );
    play.ask('/a', as('DELETE'));
    play.answer(0);
    await turn();
    expect(invalidated).toEqual([keyOf('/a')]);
  });
});
