import { describe, expect, it } from 'vitest';
import { type CacheKey, cacheKey, groupKey } from '../../../src/key/cache-key.ts';
import { lifetimeEnding } from '../../../src/policy/age.ts';
import type { MemoryStore } from '../../../src/store/memory.ts';
import type { Heard, Order } from '../../../src/store/orders.ts';
import type { StoreSelection } from '../../../src/store/selection.ts';
import type { Store } from '../../../src/store/store.ts';
import { adapted } from './adapted-store.ts';
import { stage } from './engine-stage.ts';
import { pass, statusOf, store, ways } from './purge-ways.ts';

const keyOf = (target: string): CacheKey => cacheKey({ scheme: 'http', authority: 'example.com', target });
const key = keyOf('/a/1');
const url = 'http://example.com/a/1';

/** An engine over a shelf that others share, and how an order of theirs comes. */
function shared(heard: readonly Heard[] = []) {
  const purges: StoreSelection[] = [];
  let memory: MemoryStore | undefined;
  let listener: ((order: Order) => number) | undefined;
  const play = stage({}, (made): Store => {
    memory = made;
    return adapted(made, {
      onOrder: (hear) => {
        listener = hear;
      },
      purge: async (purge) => {
        purges.push(purge.selection);
        return { ...(await made.purge(purge)), heard };
      },
    });
  });
  const give = (order: Order): void => {
    const before = listener?.(order) ?? 0;
    if (order.kind === 'invalidate') memory?.invalidate(order.key);
    if (order.kind !== 'purge') return;
    const { selection, expiredAt } = order;
    const soft = expiredAt === undefined ? {} : { expire: lifetimeEnding.bind(undefined, expiredAt) };
    void memory?.purge({ selection, before, ...soft });
  };
  return { play, give, purges };
}

const selections: readonly StoreSelection[] = [
  { kind: 'targets', keys: [key] },
  { kind: 'beginning', prefixes: [keyOf('/a')] },
  { kind: 'tag', tag: 'red' },
  { kind: 'all' },
];

interface Case {
  readonly what: string;
  readonly order: (now: number) => Order;
}

const orders: readonly Case[] = [
  ...selections.flatMap((selection): Case[] => [
    { what: `a soft purge of ${selection.kind}`, order: (now) => ({ kind: 'purge', selection, expiredAt: now }) },
    { what: `a hard purge of ${selection.kind}`, order: () => ({ kind: 'purge', selection }) },
  ]),
  { what: 'an invalidation', order: () => ({ kind: 'invalidate', key }) },
  {
    what: 'an invalidation of its group',
    order: () => ({ kind: 'invalidate-group', group: groupKey(key, 'g') }),
  },
];

describe.each(ways)('an order of another instance during $name', ({ before, steps }) => {
  const cases = orders.flatMap((each) => steps.map((_, step) => ({ ...each, step })));

  it.each(cases)(
    '$what, after step $step: what was asked for before it is not used after it',
    async ({ order, step }) => {
      const { play, give } = shared();
      await before(play, () => Promise.resolve());
      for (const [index, act] of steps.entries()) {
        act(play);
        if (index === step) give(order(play.clock.steady()));
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

describe('an order of another instance', () => {
  const fresh = ['cache-control', 'max-age=60'] as const;

  it.each<[string, Order]>([
    ['another target', { kind: 'purge', selection: { kind: 'targets', keys: [keyOf('/a')] } }],
    ['another tag', { kind: 'purge', selection: { kind: 'tag', tag: 're' } }],
    ['one response elsewhere', { kind: 'purge', selection: { kind: 'one', id: 'x', key: keyOf('/b') } }],
    ['another invalidation', { kind: 'invalidate', key: keyOf('/b') }],
    ['another group', { kind: 'invalidate-group', group: groupKey(key, 'h') }],
  ])('about %s leaves what is stored and under way alone', (_, order) => {
    const { play, give } = shared();
    store(play, fresh);
    play.ask('/b/1');
    give(order);
    play.answer(1, fresh);
    expect([statusOf(play.ask('/a/1')), statusOf(play.ask('/b/1'))]).toEqual([
      'etagere; hit; ttl=60',
      'etagere; hit; ttl=60',
    ]);
  });

  it('that purges one response reaches a fill for its key', () => {
    const { play, give } = shared();
    play.ask('/a/1');
    give({ kind: 'purge', selection: { kind: 'one', id: 'x', key } });
    play.answer(0, fresh);
    play.ask('/a/1');
    expect(play.origin.arrivals).toHaveLength(2);
  });

  it.each<[string, Order]>([
    ['purged', { kind: 'purge', selection: { kind: 'targets', keys: [keyOf('/a/1?u=1')] } }],
    ['invalidated', { kind: 'invalidate', key: keyOf('/a/1?u=1') }],
  ])('reaches what is equivalent, as far as is known here, to what is %s', (_, order) => {
    const { play, give } = shared();
    play.ask('/a/1?u=2');
    play.answer(0, fresh, ['no-vary-search', 'params=("u")']);
    expect(statusOf(play.ask('/a/1?u=3'))).toContain('hit');
    give(order);
    play.ask('/a/1?u=3');
    expect(play.origin.arrivals).toHaveLength(2);
  });

  it('that is hard leaves nothing to stand in for the origin', async () => {
    const { play, give } = shared();
    store(play, ['cache-control', 'max-age=1, stale-if-error=60']);
    await pass(play, 5_000);
    const sink = play.ask('/a/1');
    give({ kind: 'purge', selection: { kind: 'all' } });
    play.origin.arrivals.at(-1)?.fail('ORIGIN_REFUSED');
    expect(sink.heads.at(-1)?.status).toBe(502);
  });
});

describe('a purge on a shelf that others share', () => {
  it('is acknowledged by all that have heard of it, and names those that have not in time', async () => {
    const { play } = shared([
      { instance: 'etagere-2', ms: 3 },
      { instance: 'etagere-3', ms: undefined },
    ]);
    expect(await play.engine.operations.purge({ kind: 'all' }, 'soft')).toMatchObject({
      acknowledged: [
        { instance: 'etagere-1', inForceMs: 0, ms: 0 },
        { instance: 'etagere-2', inForceMs: 3 },
      ],
      unheard: ['etagere-3'],
    });
  });

  it('of one response says where it lies, for those who do not have it', async () => {
    const { play, purges } = shared();
    store(play, ['cache-control', 'max-age=60']);
    const id = (await play.engine.operations.entries({ limit: 1 })).entries[0]?.id ?? '';
    await play.engine.operations.purge({ kind: 'entry', id }, 'hard');
    await play.engine.operations.purge({ kind: 'url', url }, 'hard');
    expect(purges[0]).toEqual({ kind: 'one', id, key });
  });
});
