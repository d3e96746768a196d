import { describe, expect, it } from 'vitest';
import type { NotStored } from '../../../src/engine/not-stored.ts';
import { fieldsOf, fieldValue } from '../../../src/http/fields.ts';
import type { MemoryStore } from '../../../src/store/memory.ts';
import type { MaybePromise } from '../../../src/store/maybe-promise.ts';
import type { Store, StoreRefusal } from '../../../src/store/store.ts';
import { stage } from './engine-stage.ts';
import { exchangeWith, RecordingSink } from './recording-sink.ts';

type Play = ReturnType<typeof stage>;

const url = 'http://example.com/a';
const lasting = ['cache-control', 'max-age=60'] as const;

/** A response whose head, which is out, says that it is stored. */
function arriving(play: Play): NonNullable<Play['origin']['arrivals'][number]> {
  const sink = play.ask('/a');
  const arrival = play.origin.arrivals.at(-1);
  if (arrival === undefined) throw new Error('the origin was not asked');
  arrival.head({ status: 200, fields: fieldsOf(play.date, lasting) });
  arrival.write(Buffer.from('half'));
  expect(fieldValue(sink.heads[0]?.fields ?? fieldsOf(), 'cache-status')).toBe('etagere; fwd=uri-miss; stored');
  return arrival;
}

async function remembered({ engine }: Play): Promise<NotStored['reason'] | undefined> {
  const { request } = exchangeWith(new RecordingSink(), '/a');
  return (await engine.operations.inspect(request)).lastNotStored?.reason;
}

/** A shelf that has no room for what is complete, and says so in this way. */
const withoutRoom =
  (commit: () => MaybePromise<boolean>) =>
  (memory: MemoryStore): Store => {
    const begin = memory.begin.bind(memory);
    memory.begin = (...about) => {
      const writer = begin(...about);
      return typeof writer === 'string' ? writer : { ...writer, commit: () => (writer.content.seal(), commit()) };
    };
    return memory;
  };

/** A shelf that takes no content, for that reason. */
const takingNothing =
  (refusal: StoreRefusal) =>
  (memory: MemoryStore): Store => {
    const begin = memory.begin.bind(memory);
    memory.begin = (...about) => {
      const writer = begin(...about);
      if (typeof writer === 'string') return writer;
      const { content } = writer;
      return { ...writer, refusal, write: (chunk) => (content.append(chunk), false) };
    };
    return memory;
  };

describe('a response that is refused after its head', () => {
  it('is told as incomplete where the origin broke off', async () => {
    const play = stage();
    arriving(play).fail('ORIGIN_RESPONSE_INCOMPLETE');
    expect(play.records[0]?.cacheStatus).toMatchObject({ stored: false, detail: 'incomplete' });
    expect(await remembered(play)).toBe('incomplete');
  });

  it.each(['soft', 'hard'] as const)('is told as invalidated where it was purged (%s)', async (mode) => {
    const play = stage();
    const arrival = arriving(play);
    await play.engine.operations.purge({ kind: 'url', url }, mode);
    arrival.end();
    expect(play.records[0]?.cacheStatus).toMatchObject({ stored: false, detail: 'invalidated' });
    expect(await remembered(play)).toBe('invalidated');
  });

  it('is told as superseded where a more recent one is stored already, and not remembered', async () => {
    const play = stage();
    const older = arriving(play);
    await play.clock.advance(1_000, () => Promise.resolve());
    play.ask('/a', (exchange) => {
      const fields = fieldsOf(['host', 'example.com'], ['cache-control', 'no-cache']);
      return { ...exchange, request: { ...exchange.request, fields } };
    });
    play.answer(1, lasting);
    older.end();
    expect(play.records.map(({ cacheStatus }) => [cacheStatus.stored, cacheStatus.detail])).toEqual([
      [true, undefined],
      [false, 'superseded'],
    ]);
    expect(await remembered(play)).toBeUndefined();
  });

  it('is told as refused by the store where that has no room for it at its end', async () => {
    const play = stage(
      {},
      withoutRoom(() => false),
    );
    arriving(play).end();
    expect(play.records[0]?.cacheStatus).toMatchObject({ stored: false, detail: 'store-refused' });
    expect(await remembered(play)).toBe('store-refused');
  });

  it.each([
    ['says so late', () => Promise.resolve(false)],
    ['fails late', () => Promise.reject(new Error('the disk is gone'))],
  ])('is remembered as refused by a store that %s', async (_how, answer) => {
    const play = stage({}, withoutRoom(answer));
    arriving(play).end();
    await new Promise(setImmediate);
    expect(await remembered(play)).toBe('store-refused');
  });

  it.each([
    ['not-admitted', 2],
    ['store-refused', 3],
  ] as const)(
    'as %s goes to all who wait for it, and two that come next make %d requests of all',
    (refusal, requests) => {
      const play = stage({}, takingNothing(refusal));
      const sinks = [play.ask('/a'), play.ask('/a')];
      const [arrival] = play.origin.arrivals;
      arrival?.head({ status: 200, fields: fieldsOf(play.date, lasting) });
      arrival?.write(Buffer.from('all'));
      arrival?.end();
      expect(play.origin.arrivals).toHaveLength(1);
      expect(sinks.map(({ ended }) => ended)).toEqual([true, true]);
      expect(play.records.map(({ cacheStatus }) => cacheStatus.collapsed)).toContain(true);
      expect(play.records.find(({ cacheStatus }) => cacheStatus.collapsed !== true)?.cacheStatus).toMatchObject({
        stored: false,
        detail: refusal,
      });
      play.ask('/a');
      play.ask('/a');
      expect(play.origin.arrivals).toHaveLength(requests);
    },
  );

  it('is remembered as incomplete where it takes too long after its client has gone', async () => {
    const play = stage({ unattendedFillMs: 5_000 });
    const sink = play.ask('/a');
    play.origin.arrivals[0]?.head({ status: 200, fields: fieldsOf(play.date, lasting) });
    sink.leave();
    expect(await remembered(play)).toBeUndefined();
    await play.clock.advance(5_000, () => Promise.resolve());
    expect(await remembered(play)).toBe('incomplete');
  });
});
