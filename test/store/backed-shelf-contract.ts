import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CacheKey, groupKey, queryKey } from '../../src/key/cache-key.ts';
import type { BackedShelf } from '../../src/store/backed.ts';
import type { Order } from '../../src/store/orders.ts';
import type { StoreSelection } from '../../src/store/selection.ts';
import { ManualClock } from '../../src/play/manual-clock.ts';
import { backedClock, backedShelf } from './backed-shelf.ts';
import type { Ground } from './ground.ts';
import { shelfContract } from './shelf-contract.ts';
import { put, responseTo, textsAt } from './shelved.ts';

const keyOf = (target: string): CacheKey => responseTo(target).key;
const everything = { cursor: undefined, limit: 10, selection: { kind: 'all' }, matches: () => true } as const;

/** What a shelf does over what `make` gives, empty, and what two do that share it, as those of two processes. */
export function backedShelfContract(name: string, make: () => Ground | Promise<Ground>): void {
  const grounds = new Map<BackedShelf, Ground>();
  shelfContract(
    `a shelf over ${name}`,
    async () => {
      const ground = await make();
      const shelf = backedShelf(ground.backing);
      grounds.set(shelf, ground);
      return shelf;
    },
    async (shelf) => {
      await shelf.close();
      await grounds.get(shelf)?.close();
      grounds.delete(shelf);
    },
  );
  sharedShelfContract(name, make);
}

function sharedShelfContract(name: string, make: () => Ground | Promise<Ground>): void {
  describe(`two shelves over ${name}`, () => {
    let ground: Ground;
    let one: BackedShelf;
    let other: BackedShelf;

    beforeEach(async () => {
      ground = await make();
      one = backedShelf(ground.backing);
      other = backedShelf(await ground.another());
    });

    afterEach(async () => {
      await Promise.all([one.close(), other.close()]);
      await ground.close();
    });

    const both = (): readonly [BackedShelf, BackedShelf] => [one, other];
    findTheSame(both);
    obeyOneAnother(both);
    outlastThem(both, () => ground);
    tellOfOrders(both);
  });
}

type Both = () => readonly [BackedShelf, BackedShelf];

function findTheSame(both: Both): void {
  it('find the same responses, under the same serials and names', async () => {
    const [one, other] = both();
    await put(one, responseTo('/a', 'de'), 'eins');
    await put(other, responseTo('/a', 'en'), 'one');
    const shelves = await Promise.all(both().map(async (shelf) => shelf.lookup(keyOf('/a'))));
    const serials = shelves.map((shelf) => shelf.map(({ stored }) => stored.serial).toSorted((a, b) => a - b));
    expect(serials[0]).toHaveLength(2);
    expect(serials[0]).toEqual(serials[1]);
    const pages = await Promise.all(both().map((shelf) => shelf.page(everything)));
    expect(pages[0]?.found.map(({ id }) => id)).toEqual(pages[1]?.found.map(({ id }) => id));
  });

  it('see what the other has freshened, stored anew and removed', async () => {
    const [one, other] = both();
    await put(one, responseTo('/a'), 'one');
    const [found] = await other.lookup(keyOf('/a'));
    const stored = found?.stored ?? responseTo('/never');
    await one.freshen(stored, { ...stored, responseTime: 5_000 });
    expect((await other.lookup(keyOf('/a')))[0]?.stored.responseTime).toBe(5_000);
    await one.remove(stored);
    expect(await textsAt(other, stored)).toEqual(['one']);
    await put(other, responseTo('/a'), 'two');
    expect(await textsAt(one, stored)).toEqual(['two']);
    await other.remove((await one.lookup(keyOf('/a')))[0]?.stored ?? responseTo('/never'));
    expect(await textsAt(one, stored)).toEqual([]);
  });

  it('let one of two win that freshen the same response', async () => {
    const [one, other] = both();
    await put(one, responseTo('/a'), 'one');
    const [found] = await other.lookup(keyOf('/a'));
    const stored = found?.stored ?? responseTo('/never');
    await Promise.all(both().map((shelf, i) => shelf.freshen(stored, { ...stored, responseTime: (i + 1) * 1_000 })));
    const times = await Promise.all(
      both().map(async (shelf) => (await shelf.lookup(keyOf('/a')))[0]?.stored.responseTime),
    );
    expect([
      [1_000, 1_000],
      [2_000, 2_000],
    ]).toContainEqual(times);
  });
}

const variation = { mode: 'params', names: new Set(['u']), keyOrderMatters: true } as const;

/** A response of every sort, and one that nothing is about. */
async function fill(shelf: BackedShelf): Promise<void> {
  await put(shelf, { ...responseTo('/a/1'), tags: ['red'] }, 'a');
  await put(shelf, { ...responseTo('/b'), groups: ['blue'] }, 'b');
  await put(shelf, { ...responseTo('/c'), key: queryKey(keyOf('/c'), 'digest') }, 'c');
  await put(shelf, { ...responseTo('/d?u=1'), search: { variation, significant: '["/d"]' } }, 'd');
  await put(shelf, responseTo('/e'), 'e');
}

async function left(shelf: BackedShelf): Promise<string> {
  const keys = [keyOf('/a/1'), keyOf('/b'), queryKey(keyOf('/c'), 'digest'), keyOf('/d?u=1'), keyOf('/e')];
  return (await Promise.all(keys.map((key) => textsAt(shelf, { key })))).flat().join('');
}

const selections: readonly (readonly [string, StoreSelection, string])[] = [
  ['a target', { kind: 'targets', keys: [keyOf('/b')] }, 'acde'],
  ['a target of a QUERY', { kind: 'targets', keys: [keyOf('/c')] }, 'abde'],
  ['a target that shares a response', { kind: 'targets', keys: [keyOf('/d?u=2')] }, 'abce'],
  ['what begins alike', { kind: 'beginning', prefixes: [keyOf('/a')] }, 'bcde'],
  ['a tag', { kind: 'tag', tag: 'red' }, 'bcde'],
  ['a group by its name', { kind: 'tag', tag: 'blue' }, 'acde'],
  ['everything', { kind: 'all' }, ''],
];

function obeyOneAnother(both: Both): void {
  it.each(selections)('have %s purged at the next look, if the other has it purged', async (_what, selection, rest) => {
    const [one, other] = both();
    await fill(one);
    expect(await left(other)).toBe('abcde');
    await one.purge({ selection, before: 0 });
    expect(await left(other)).toBe(rest);
    expect(await left(one)).toBe(rest);
  });

  it.each(selections)('have the lifetimes of %s ended, if the other has them ended', async (_what, selection, rest) => {
    const [one, other] = both();
    await fill(other);
    expect(await left(other)).toBe('abcde');
    await one.purge({ selection, before: 0, expire: () => 7, expiredAt: 7_000 });
    for (const shelf of both()) {
      const { found } = await shelf.page(everything);
      const fresh = found.filter(({ shelved }) => shelved.stored.ended === undefined);
      const ended = found.filter(
        ({ shelved: { stored } }) => stored.ended === 'purged' && stored.freshness.lifetime === 7,
      );
      expect([fresh.length, ended.length]).toEqual([rest.length, 5 - rest.length]);
    }
  });

  it('have one response purged, by the name that the other has for it', async () => {
    const [one, other] = both();
    await fill(one);
    const id = other.idOf(responseTo('/e'));
    expect(await one.keyOf(id)).toBe(keyOf('/e'));
    expect((await other.purge({ selection: { kind: 'one', id }, before: 0 })).matched).toBe(1);
    expect(await left(one)).toBe('abcd');
    expect(await one.keyOf(id)).toBeUndefined();
  });

  it('have invalidated what the other has', async () => {
    const [one, other] = both();
    await fill(one);
    expect(await left(other)).toBe('abcde');
    for (const target of ['/b', '/c', '/d?u=3']) await one.invalidate(keyOf(target));
    expect(await left(other)).toBe('ae');
  });

  it('have the members of a group invalidated at its own origin, once the other has', async () => {
    const [one, other] = both();
    await fill(one);
    void one.invalidateGroup('http:10:other.test#blue' as CacheKey);
    void one.invalidateGroup(groupKey(keyOf('/b'), 'blue'));
    expect(await left(one)).toBe('acde');
    // Orders have their numbers one after the other.
    await one.invalidate(keyOf('/never'));
    expect(await left(other)).toBe('acde');
  });

  it('leave to one another what was stored when an order was in force at both', async () => {
    const [one, other] = both();
    await fill(one);
    await one.purge({ selection: { kind: 'all' }, before: 0 });
    expect(await left(other)).toBe('');
    await fill(other);
    expect(await left(one)).toBe('abcde');
    await other.invalidate(keyOf('/e'));
    expect(await left(one)).toBe('abcd');
    await put(one, responseTo('/e'), 'new');
    expect(await left(other)).toBe('abcdnew');
  });

  it('freshen nothing that the other has purged meanwhile', async () => {
    const [one, other] = both();
    await put(one, { ...responseTo('/a'), tags: ['red'] }, 'a');
    const [found] = await other.lookup(keyOf('/a'));
    const stored = found?.stored ?? responseTo('/never');
    await one.purge({ selection: { kind: 'tag', tag: 'red' }, before: 0 });
    await other.freshen(stored, { ...stored, responseTime: 5_000 });
    for (const shelf of both()) expect(await textsAt(shelf, stored)).toEqual([]);
  });
}

function outlastThem(both: Both, ground: () => Ground): void {
  it('have all in force that was ever ordered, when they are opened', async () => {
    const [one, other] = both();
    await fill(one);
    await other.purge({ selection: { kind: 'tag', tag: 'red' }, before: 0 });
    await one.invalidate(keyOf('/b'));
    const third = backedShelf(ground().backing);
    expect(await left(third)).toBe('cde');
  });

  it('know the times of what another has received, whatever their own clocks have counted', async () => {
    const [one] = both();
    await put(one, { ...responseTo('/a'), responseTime: 4_000 }, 'a');
    const clock = new ManualClock(500);
    clock.jump(backedClock().wall() + 9_500);
    const third = backedShelf(ground().backing, { clock });
    expect((await third.lookup(keyOf('/a')))[0]?.stored.responseTime).toBe(500 - 10_000 - 6_000);
  });

  it.each([
    [5_000, ['a']],
    [5_001, []],
  ])('take nothing for true that was received %i ms from now, by a clock that was right', async (skewMs, texts) => {
    const [one] = both();
    await put(one, { ...responseTo('/a'), responseTime: 10_000 }, 'a');
    const clock = backedClock();
    clock.jump(-skewMs);
    expect(await textsAt(backedShelf(ground().backing, { clock }), responseTo('/a'))).toEqual(texts);
    expect(await textsAt(one, responseTo('/a'))).toEqual(['a']);
  });

  it('have no lifetime end in the future, whatever the clock of who ends it says', async () => {
    const [one] = both();
    await put(one, { ...responseTo('/a'), responseTime: 4_000 }, 'a');
    await one.purge({ selection: { kind: 'all' }, before: 0, expire: () => 6, expiredAt: 10_000 });
    const clock = backedClock();
    clock.jump(-3_000);
    const [found] = await backedShelf(ground().backing, { clock }).lookup(keyOf('/a'));
    expect(found?.stored).toMatchObject({ ended: 'purged', responseTime: 7_000, freshness: { lifetime: 3 } });
  });
}

function tellOfOrders(both: Both): void {
  it('tell of the orders of the other, once and in their order, and of none of their own', async () => {
    const [one, other] = both();
    const heard: Order[][] = [[], []];
    for (const [i, shelf] of both().entries()) shelf.onOrder((order) => void heard[i]?.push(order));
    await textsAt(other, responseTo('/a'));
    await one.invalidate(keyOf('/a'));
    await one.purge({ selection: { kind: 'tag', tag: 'red' }, before: 0 });
    await one.purge({ selection: { kind: 'all' }, before: 0, expire: () => 7, expiredAt: 7_000 });
    for (let i = 0; i < 3; i++) await textsAt(other, responseTo('/a'));
    expect(heard[0]).toEqual([]);
    expect(heard[1]).toMatchObject([
      { kind: 'invalidate', key: keyOf('/a') },
      { kind: 'purge', selection: { kind: 'tag', tag: 'red' } },
      { kind: 'purge', selection: { kind: 'all' }, expiredAt: 1_795_000_007_000 },
    ]);
  });
}
