import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type CacheKey, groupKey, queryKey } from '../../src/key/cache-key.ts';
import type { ManualClock } from '../../src/play/manual-clock.ts';
import type { BackedShelf } from '../../src/store/backed.ts';
import { backedClock, backedShelf } from './backed-shelf.ts';
import { HeapBacking, HeapGround, type HeapOptions } from './heap-backing.ts';
import { sumOf } from '../../src/store/sealed-record.ts';
import { put, responseTo, textsAt } from './shelved.ts';
import { turnstile } from './turnstile.ts';

const keyOf = (target: string): CacheKey => responseTo(target).key;
const minuteMs = 60_000;

interface Made {
  readonly ground: HeapGround;
  readonly backing: HeapBacking;
  readonly clock: ManualClock;
  readonly shelf: BackedShelf;
}

function made(options: HeapOptions = {}, ground = new HeapGround()): Made {
  const clock = backedClock();
  const backing = new HeapBacking(ground, options);
  return { ground, backing, clock, shelf: backedShelf(backing, { clock }) };
}

/** Long enough for everything that is begun to end. */
async function quiet(): Promise<void> {
  for (let i = 0; i < 20; i++) await turn();
}

const remembered = (ground: HeapGround): number[] => [...ground.orders.keys()];

describe('an order that says where all lies that it is about', () => {
  it('is forgotten three minutes after it was done', async () => {
    const { ground, clock, shelf } = made();
    await put(shelf, responseTo('/a'), 'a');
    await shelf.purge({ selection: { kind: 'one', id: shelf.idOf(responseTo('/a')) }, before: 0 });
    expect(ground.records).toEqual([]);
    await clock.advance(2 * minuteMs, quiet);
    expect(remembered(ground)).toEqual([1]);
    await clock.advance(2 * minuteMs, quiet);
    expect(remembered(ground)).toEqual([]);
  });

  it('is so about a target, too, where nothing lies elsewhere as nobody goes over the shelf', async () => {
    const { ground, clock, shelf } = made({ isSwept: false });
    const question = { ...responseTo('/a'), key: queryKey(keyOf('/a'), 'digest') };
    expect(shelf.begin(question, 1)).toBe('store-refused');
    await put(shelf, responseTo('/a'), 'a');
    await shelf.invalidate(keyOf('/a'));
    expect(ground.records).toEqual([]);
    await clock.advance(4 * minuteMs, quiet);
    expect(remembered(ground)).toEqual([]);
  });
});

describe('an order about a target', () => {
  it('has what lies under its key taken away at once, and the rest within a quarter of an hour', async () => {
    const { ground, clock, shelf } = made();
    const question = { ...responseTo('/a'), key: queryKey(keyOf('/a'), 'digest') };
    await put(shelf, responseTo('/a'), 'a');
    await put(shelf, question, 'asked');
    await shelf.invalidate(keyOf('/a'));
    expect(ground.records).toHaveLength(1);
    expect(await shelf.lookup(keyOf('/a'))).toEqual([]);
    await clock.advance(14 * minuteMs, quiet);
    expect(ground.records).toHaveLength(1);
    await clock.advance(2 * minuteMs, quiet);
    expect(ground.records).toEqual([]);
    await clock.advance(4 * minuteMs, quiet);
    // What is left says that there may be responses to QUERY requests.
    expect(remembered(ground)).toEqual([1]);
  });

  it('is done where it lies as long as nobody has put anything there that lies elsewhere', async () => {
    const { ground, backing, clock, shelf } = made();
    backing.fails = (call) => call === 'scan';
    await put(shelf, responseTo('/a'), 'a');
    await shelf.invalidate(keyOf('/a'));
    await shelf.purge({ selection: { kind: 'targets', keys: [keyOf('/b')] }, before: 0 });
    await clock.advance(4 * minuteMs, quiet);
    expect([ground.records.length, ground.orders.size]).toEqual([0, 0]);
    expect(backing.stats().failures).toBe(0);
  });

  it('is looked for everywhere where another has put such a response, before or after', async () => {
    const ground = new HeapGround();
    const [one, other] = [made({ hears: false }, ground), made({ hears: false }, ground)];
    const question = { ...responseTo('/a'), key: queryKey(keyOf('/a'), 'digest') };
    await other.shelf.lookup(keyOf('/a'));
    await put(one.shelf, question, 'asked');
    await other.shelf.invalidate(keyOf('/a'));
    await other.clock.advance(20 * minuteMs, quiet);
    expect(ground.records).toEqual([]);
    await other.clock.advance(60 * minuteMs, quiet);
    expect(await textsAt(one.shelf, question)).toEqual([]);
  });

  it('is looked for everywhere, too, where it could be told only later that there is such a response', async () => {
    const { ground, backing, clock, shelf } = made();
    const question = { ...responseTo('/a'), key: queryKey(keyOf('/a'), 'digest') };
    backing.fails = (call) => call === 'append';
    expect(await put(shelf, question, 'asked')).toBe(false);
    backing.fails = () => false;
    await clock.advance(10 * minuteMs, quiet);
    expect(remembered(ground)).toEqual([1]);
    expect(await put(shelf, question, 'asked')).toBe(true);
    await shelf.invalidate(keyOf('/a'));
    await clock.advance(20 * minuteMs, quiet);
    expect(ground.records).toEqual([]);
  });

  it('is done at once where very many wait for it, also of those that came while the shelf was gone over', async () => {
    const { backing, shelf } = made();
    const { opened, open } = turnstile();
    const scan = backing.scan.bind(backing);
    let scans = 0;
    backing.scan = (cursor, limit) => {
      scans++;
      return opened.then(() => scan(cursor, limit));
    };
    const give = (count: number): void => {
      for (let i = 0; i < count; i++) void shelf.invalidateGroup(groupKey(keyOf('/a'), String(i)));
    };
    give(8_191);
    await quiet();
    expect(scans).toBe(0);
    give(1);
    await quiet();
    expect(scans).toBe(1);
    give(8_193);
    await quiet();
    open();
    await quiet();
    give(1);
    await quiet();
    expect(scans).toBe(2);
  });

  it('is done with the next purge that goes over the shelf', async () => {
    const { ground, clock, shelf } = made();
    await put(shelf, { ...responseTo('/a'), groups: ['g'] }, 'a');
    void shelf.invalidateGroup(groupKey(keyOf('/a'), 'g'));
    await quiet();
    expect(ground.records).toHaveLength(1);
    expect((await shelf.purge({ selection: { kind: 'tag', tag: 'none' }, before: 0 })).matched).toBe(0);
    expect(ground.records).toEqual([]);
    await clock.advance(4 * minuteMs, quiet);
    expect(remembered(ground)).toEqual([]);
  });
});

describe('a response that becomes one for several targets when it is confirmed', () => {
  const search = {
    variation: { mode: 'params', names: new Set(['u']), keyOrderMatters: true },
    significant: '["/a"]',
  } as const;

  it.each([true, false])('lies on only where orders about these look for it: swept %s', async (isSwept) => {
    const { ground, clock, shelf } = made({ isSwept });
    await put(shelf, responseTo('/a?u=1'), 'a');
    const [shelved] = await shelf.lookup(keyOf('/a?u=1'));
    const stored = shelved?.stored ?? responseTo('/never');
    await shelf.freshen(stored, { ...stored, search });
    expect(ground.records).toHaveLength(isSwept ? 1 : 0);
    await shelf.invalidate(keyOf('/a?u=2'));
    await clock.advance(20 * minuteMs, quiet);
    expect(ground.records).toEqual([]);
  });
});

describe('an order that is about anything', () => {
  it('is not done where nobody goes over the shelf, is in force all the same, and stays remembered', async () => {
    const { ground, clock, shelf } = made({ isSwept: false });
    await put(shelf, { ...responseTo('/a'), tags: ['red'] }, 'a');
    expect((await shelf.purge({ selection: { kind: 'tag', tag: 'red' }, before: 0 })).matched).toBe(0);
    expect(ground.records).toHaveLength(1);
    await clock.advance(120 * minuteMs, quiet);
    expect(remembered(ground)).toEqual([1]);
    expect(await textsAt(shelf, responseTo('/a'))).toEqual([]);
    await quiet();
    expect(ground.records).toEqual([]);
  });

  it('stays in force where reading the orders takes longer than from one time to the next', async () => {
    const { backing, clock, shelf } = made({ isSwept: false });
    const { opened, open } = turnstile();
    const since = backing.log.since.bind(backing.log);
    let reads = 0;
    backing.log.since = async (number) => {
      const told = await since(number);
      if (++reads === 1) await opened;
      return told;
    };
    await put(shelf, { ...responseTo('/a'), tags: ['red'] }, 'a');
    await clock.advance(minuteMs, quiet);
    expect(reads).toBe(1);
    await shelf.purge({ selection: { kind: 'tag', tag: 'red' }, before: 0 });
    backing.log.since = () => new Promise(() => undefined);
    await clock.advance(minuteMs, quiet);
    open();
    await quiet();
    expect(await textsAt(shelf, responseTo('/a'))).toEqual([]);
  });

  it('is done later where the shelf could not be gone over to its end', async () => {
    const { ground, backing, clock, shelf } = made();
    for (let i = 0; i < 600; i++) await put(shelf, responseTo(`/${i}`), 'x');
    let slices = 0;
    backing.fails = (call) => call === 'scan' && ++slices > 1;
    const { matched } = await shelf.purge({ selection: { kind: 'all' }, before: 0 });
    expect(matched).toBeGreaterThan(0);
    expect(ground.records).toHaveLength(600 - matched);
    backing.fails = () => false;
    await clock.advance(17 * minuteMs, quiet);
    expect(ground.records).toEqual([]);
  });

  it('is taken over from one that was killed in the middle, and forgotten then', async () => {
    const ground = new HeapGround();
    const killed = new HeapBacking(ground);
    const { clock, shelf } = made({}, ground);
    await put(shelf, { ...responseTo('/a'), tags: ['red'] }, 'a');
    await put(shelf, responseTo('/b'), 'b');
    await killed.log.append({ kind: 'purge', selection: { kind: 'tag', tag: 'red' } });
    expect(ground.records).toHaveLength(2);
    await clock.advance(62 * minuteMs, quiet);
    expect(ground.records).toHaveLength(2);
    await clock.advance(17 * minuteMs, quiet);
    expect(ground.records).toHaveLength(1);
    await clock.advance(5 * minuteMs, quiet);
    expect(remembered(ground)).toEqual([]);
    expect(await textsAt(shelf, responseTo('/b'))).toEqual(['b']);
  });

  it('is no more than that when it is done by two at a time', async () => {
    const ground = new HeapGround();
    const [one, other] = [made({ isLater: true }, ground), made({ isLater: true }, ground)];
    for (let i = 0; i < 300; i++) await put(one.shelf, { ...responseTo(`/${i}`), tags: ['red'] }, 'x');
    const selection = { kind: 'tag', tag: 'red' } as const;
    const counts = await Promise.all(
      [one, other].map(({ shelf }) => shelf.purge({ selection, before: 0, expire: () => 7, expiredAt: 7_000 })),
    );
    // Each has met all of them, or found them as the other has left them.
    expect(counts.every(({ matched }) => matched === 300)).toBe(true);
    expect((await one.shelf.count(selection)).matched).toBe(300);
    const [shelved] = await other.shelf.lookup(keyOf('/299'));
    expect(shelved?.stored).toMatchObject({ ended: 'purged', freshness: { lifetime: 7 } });
  });
});

describe('a record that can not be used at the moment', () => {
  const tagged = { ...responseTo('/a'), tags: ['red'] };
  const red = { kind: 'tag', tag: 'red' } as const;

  it.each(['hard', 'soft'])(
    'is not what it was when it can be again, where it was purged meanwhile: a clock that was set back, %s',
    async (mode) => {
      const { clock, shelf } = made();
      await put(shelf, tagged, 'a');
      await put(shelf, responseTo('/b'), 'b');
      clock.jump(-60 * minuteMs);
      expect(await textsAt(shelf, tagged)).toEqual([]);
      const soft = { expire: () => 0, expiredAt: clock.steady() };
      await shelf.purge({ selection: red, before: 0, ...(mode === 'soft' ? soft : {}) });
      await shelf.invalidate(keyOf('/b'));
      await clock.advance(5 * minuteMs, quiet);
      clock.jump(60 * minuteMs);
      const found = await shelf.lookup(tagged.key);
      expect(found.map(({ stored }) => stored.ended)).toEqual(mode === 'soft' ? ['purged'] : []);
      expect(await textsAt(shelf, responseTo('/b'))).toEqual([]);
    },
  );

  it('leaves as another version has written it, and it may be what an order is about', async () => {
    const { ground, shelf } = made();
    for (const target of ['/a', '/b', '/c']) await put(shelf, responseTo(target), target);
    for (const { head } of ground.records) {
      head[1] = 2;
      head.writeUInt32LE(sumOf(Buffer.concat([head.subarray(0, 4), head.subarray(8)])), 4);
    }
    await shelf.invalidate(keyOf('/a'));
    expect(ground.records).toHaveLength(2);
    expect((await shelf.purge({ selection: red, before: 0 })).matched).toBe(0);
    expect(ground.records).toEqual([]);
    expect(shelf.stats().damaged).toBe(0);
  });
});

describe('a shelf that closes', () => {
  it('stops to go over what lies there, and waits for what is being put there', async () => {
    const { ground, shelf } = made({ isLater: true });
    for (let i = 0; i < 600; i++) await put(shelf, responseTo(`/${i}`), 'x');
    const purging = shelf.purge({ selection: { kind: 'all' }, before: 0 });
    const putting = put(shelf, responseTo('/a'), 'a');
    await shelf.close();
    expect(await putting).toBe(true);
    expect((await purging).matched).toBeLessThan(600);
    // What was ordered is in force for whoever opens it next.
    expect(ground.orders.size).toBe(1);
    const next = made({}, ground);
    expect(await textsAt(next.shelf, responseTo('/1'))).toEqual([]);
    expect(await textsAt(next.shelf, responseTo('/a'))).toEqual(['a']);
  });
});

/** A shelf whose commits wait, and are told of. */
function slow(ground: HeapGround, onCommit: () => void): Made & { readonly open: () => void } {
  const { opened, open } = turnstile();
  const joined = made({ hears: false }, ground);
  const { backing } = joined;
  const begin = backing.draft.bind(backing);
  backing.draft = (place) => {
    const draft = begin(place);
    return (
      draft && {
        ...draft,
        commit: async (...args) => {
          await opened;
          const committed = await draft.commit(...args);
          onCommit();
          return committed;
        },
      }
    );
  };
  return { ...joined, open };
}

describe('a response that is put where an order was done just before', () => {
  it('does not come back when that is forgotten, though who has put it was killed at once', async () => {
    const { ground, clock, shelf } = made();
    let isKilled = false;
    const other = slow(ground, () => {
      isKilled = true;
    });
    other.backing.fails = () => isKilled;
    const putting = put(other.shelf, responseTo('/a'), 'old');
    await quiet();
    await shelf.purge({ selection: { kind: 'all' }, before: 0 });
    other.open();
    expect(await putting).toBe(false);
    await clock.advance(5 * minuteMs, quiet);
    expect(remembered(ground)).toEqual([]);
    expect(await textsAt(made({}, ground).shelf, responseTo('/a'))).toEqual([]);
  });

  it('is put nevertheless where no order is about it, and none has to be told of that afterwards', async () => {
    const { ground, shelf } = made();
    let commits = 0;
    const other = slow(ground, () => commits++);
    await shelf.purge({ selection: { kind: 'targets', keys: [keyOf('/b')] }, before: 0 });
    await other.shelf.lookup(keyOf('/a'));
    const putting = put(other.shelf, responseTo('/a'), 'new');
    await quiet();
    await shelf.purge({ selection: { kind: 'targets', keys: [keyOf('/c')] }, before: 0 });
    other.open();
    expect([await putting, commits]).toEqual([true, 2]);
    expect(await textsAt(shelf, responseTo('/a'))).toEqual(['new']);
  });

  it('is put at last where orders come faster than that', async () => {
    const { ground, shelf } = made();
    const order = { kind: 'purge', selection: { kind: 'targets', keys: [keyOf('/b')] } } as const;
    let commits = 0;
    const other = slow(ground, () => commits++);
    ground.number(order);
    await other.shelf.lookup(keyOf('/a'));
    other.backing.fails = (call) => {
      if (call === 'commit') ground.number(order);
      return false;
    };
    other.open();
    expect(await put(other.shelf, responseTo('/a'), 'new')).toBe(true);
    expect(commits).toBe(4);
    expect(await textsAt(shelf, responseTo('/a'))).toEqual(['new']);
  });
});
