import { describe, expect, it } from 'vitest';
import { lifetimeEnding } from '../../src/policy/age.ts';
import { presentedFields } from '../../src/policy/presented.ts';
import { fieldsOf } from '../../src/http/fields.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import { TieredStore } from '../../src/store/tiered.ts';
import { storeContract } from './contract.ts';
import { type ContractLimits, contractLimits } from './shelf-contract.ts';
import { LowerDouble } from './lower-double.ts';
import { beginStoring, put, responseTo, textOf, textsAt, textsRead } from './shelved.ts';
import { turnstile } from './turnstile.ts';

interface Tiers {
  readonly store: TieredStore;
  readonly memory: MemoryStore;
  readonly lower: LowerDouble;
  /** Both clocks; they differ by an hour. */
  readonly time: { now: number };
}

const hour = 3_600_000;

function tiers(limits: ContractLimits = contractLimits, lower = new LowerDouble()): Tiers {
  const time = { now: 0 };
  const memory = new MemoryStore({ ...limits, givenSerials: true });
  const clock = { steady: () => time.now, wall: () => time.now + hour };
  return { store: new TieredStore({ memory, lower, kind: 'disk', clock, lifetimeEnding }), memory, lower, time };
}

storeContract('memory over a shelf that answers at once', (limits) => tiers(limits, new LowerDouble(limits)).store);

storeContract('memory over a shelf that takes its time', (limits) => {
  const lower = new LowerDouble(limits);
  lower.pace = Promise.resolve();
  lower.changePace = Promise.resolve();
  return tiers(limits, lower).store;
});

describe('what lies beneath memory', () => {
  it('is found after memory has lost it, and brought into memory with the generation of who asked', async () => {
    const { store, memory, lower } = tiers();
    await put(lower.memory, { ...responseTo('/a'), serial: 7 }, 'one');
    expect(store.atHand(responseTo('/a').key)).toEqual([]);
    const [found] = await store.lookup(responseTo('/a').key, undefined, 3);
    expect(found === undefined ? undefined : textOf(found)).toBe('one');
    expect(memory.lookup(responseTo('/a').key)[0]?.stored).toMatchObject({ serial: 7, generation: 3 });
    expect(found?.tier).toBe('disk');
    expect((await store.lookup(responseTo('/a').key))[0]?.tier).toBeUndefined();
  });

  it('is brought into memory only where the nominated fields of the request select it', async () => {
    const { store, memory, lower } = tiers();
    for (const [serial, language] of ['de', 'fr'].entries())
      await put(lower.memory, { ...responseTo('/a', language), serial: serial + 1 }, language);
    await store.lookup(responseTo('/a').key, presentedFields(fieldsOf(['accept-language', 'fr'])));
    expect(await textsAt(memory, responseTo('/a'))).toEqual(['fr']);
  });

  it('gives way to what memory has of the same variant, unless that is older', async () => {
    const { store, memory, lower } = tiers();
    await put(lower.memory, { ...responseTo('/a'), serial: 1, responseTime: 1_000 }, 'beneath');
    await put(memory, { ...responseTo('/a'), serial: 2, responseTime: 2_000 }, 'in memory');
    expect(await textsAt(store, responseTo('/a'))).toEqual(['in memory']);
    await put(lower.memory, { ...responseTo('/a'), serial: 3, responseTime: 3_000 }, 'newer');
    expect(await textsAt(store, responseTo('/a'))).toEqual(['newer']);
    expect(await textsAt(memory, responseTo('/a'))).toEqual(['newer']);
  });

  it('is not taken for a newer one where it is the same, whatever the clocks make of its time', async () => {
    const { store, memory, lower } = tiers();
    await put(memory, { ...responseTo('/a'), serial: 1, responseTime: 2_000 }, 'in memory');
    await put(lower.memory, { ...responseTo('/a'), serial: 1, responseTime: 2_000.5 }, 'beneath');
    expect(await textsAt(store, responseTo('/a'))).toEqual(['in memory']);
    expect(await textsAt(memory, responseTo('/a'))).toEqual(['in memory']);
  });

  it('is settled when what had to wait for an earlier change is changed as well', async () => {
    const { store, lower } = tiers();
    await put(store, responseTo('/a'), 'one');
    const { opened, open } = turnstile();
    lower.changePace = opened;
    for (const responseTime of [1_000, 2_000]) {
      const [{ stored } = { stored: responseTo('/never') }] = store.atHand(responseTo('/a').key);
      void store.freshen(stored, { ...stored, responseTime });
    }
    const settled = store.settled();
    open();
    await settled;
    expect(lower.memory.peek(responseTo('/a').key).map(({ stored }) => stored.responseTime)).toEqual([2_000]);
  });

  it('is read once for all who look for it meanwhile', async () => {
    const { store, lower } = tiers();
    await put(lower.memory, { ...responseTo('/a'), serial: 1 }, 'one');
    const { opened, open } = turnstile();
    lower.pace = opened;
    const looks = [1, 2, 3].map(() => textsAt(store, responseTo('/a')));
    open();
    expect(await Promise.all(looks)).toEqual([['one'], ['one'], ['one']]);
    expect(lower.looks).toBe(1);
  });

  it('is read anew by who comes after a change', async () => {
    const { store, lower } = tiers();
    await put(lower.memory, { ...responseTo('/a'), serial: 1 }, 'one');
    const { opened, open } = turnstile();
    lower.pace = opened;
    const before = store.lookup(responseTo('/a').key);
    await store.invalidate(responseTo('/a').key);
    const after = textsAt(store, responseTo('/a'));
    open();
    await before;
    expect(await after).toEqual([]);
    expect(lower.looks).toBe(2);
  });

  const changes: readonly (readonly [string, (store: TieredStore) => unknown])[] = [
    ['purged', (store) => store.purge({ selection: { kind: 'all' }, before: 1 })],
    ['invalidated', (store) => store.invalidate(responseTo('/a').key)],
    ['invalidated with its group', (store) => store.invalidateGroup(responseTo('/group').key)],
    ['freshened', (store) => store.freshen({ ...responseTo('/a'), serial: 1 }, responseTo('/a'))],
    ['removed', (store) => store.remove({ ...responseTo('/a'), serial: 1 })],
    ['replaced', (store) => put(store, { ...responseTo('/a', 'de'), responseTime: 5_000 }, 'other')],
  ];

  it.each(changes)('does not come into memory when it was %s while it was read', async (_what, change) => {
    const { store, memory, lower } = tiers();
    await put(lower.memory, { ...responseTo('/a'), serial: 1 }, 'one');
    const { opened, open } = turnstile();
    lower.pace = opened;
    const read = store.lookup(responseTo('/a').key);
    await change(store);
    open();
    await read;
    expect((await textsAt(memory, responseTo('/a'))).filter((text) => text === 'one')).toEqual([]);
  });

  it('is not found by who asks while it is being removed', async () => {
    const { store, lower } = tiers();
    await put(store, responseTo('/a'), 'one');
    const [found] = await store.lookup(responseTo('/a').key);
    const { opened, open } = turnstile();
    lower.changePace = opened;
    const removed = store.remove(found?.stored ?? responseTo('/never'));
    expect(await textsAt(store, responseTo('/a'))).toEqual([]);
    open();
    await removed;
    expect(await textsAt(store, responseTo('/a'))).toEqual([]);
  });

  it('is as if it were not there when reading fails', async () => {
    const { store, memory, lower } = tiers();
    await put(memory, { ...responseTo('/a'), serial: 1 }, 'one');
    lower.pace = Promise.reject(new Error('EIO'));
    expect(await textsAt(store, responseTo('/a'))).toEqual(['one']);
    expect(await textsAt(store, responseTo('/b'))).toEqual([]);
  });
});

describe('large content beneath memory', () => {
  it('has to be brought, and comes into memory when it is used for the second time', async () => {
    const { store, memory, lower } = tiers();
    lower.largeFrom = 4;
    await put(lower.memory, { ...responseTo('/a'), serial: 1 }, 'large');
    const [first] = await store.lookup(responseTo('/a').key);
    expect(first?.content.at(0)).toBeUndefined();
    expect(await textsAt(memory, responseTo('/a'))).toEqual([]);
    await store.lookup(responseTo('/a').key);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await textsAt(memory, responseTo('/a'))).toEqual(['large']);
  });

  it('is brought into memory once at a time, however often it is used meanwhile', async () => {
    const { store, lower } = tiers();
    lower.largeFrom = 4;
    await put(lower.memory, { ...responseTo('/a'), serial: 1 }, 'large');
    const { opened, open } = turnstile();
    let brought = 0;
    lower.bring = () => {
      brought++;
      return opened.then(() => true);
    };
    for (let i = 0; i < 4; i++) await store.lookup(responseTo('/a').key);
    expect(brought).toBe(1);
    open();
  });

  const spoiling: readonly (readonly [string, (store: TieredStore) => unknown, boolean])[] = [
    ['was invalidated meanwhile', (store) => store.invalidate(responseTo('/a').key), true],
    ['can no longer be read', () => undefined, false],
  ];

  it.each(spoiling)('does not come into memory when it %s', async (_what, spoil, isBrought) => {
    const { store, memory, lower } = tiers();
    lower.largeFrom = 4;
    await put(lower.memory, { ...responseTo('/a'), serial: 1 }, 'large');
    await store.lookup(responseTo('/a').key);
    const { opened, open } = turnstile();
    lower.bring = () => opened.then(() => isBrought);
    await store.lookup(responseTo('/a').key);
    expect(memory.stats().bytesUsed).toBeGreaterThan(0);
    await spoil(store);
    open();
    await new Promise((resolve) => setImmediate(resolve));
    expect(memory.stats()).toMatchObject({ responses: 0, bytesUsed: 0 });
  });

  it('goes on to the shelf beneath when memory has no room for it, and takes the place of what memory had', async () => {
    const { store, memory, lower } = tiers({ ...contractLimits, maxObjectBytes: 4_000 });
    await put(store, responseTo('/a'), 'small');
    const writer = beginStoring(store, { ...responseTo('/a'), responseTime: 1_000 });
    expect(writer.keepsWhole).toBe(true);
    expect(writer.write(Buffer.alloc(2_000, 'a'))).toBe(true);
    expect(writer.write(Buffer.alloc(2_000, 'b'))).toBe(true);
    expect(writer.keepsWhole).toBe(false);
    expect(await writer.commit({ ...responseTo('/a'), responseTime: 1_000 })).toBe(true);
    expect(await textsAt(memory, responseTo('/a'))).toEqual([]);
    expect((await textsAt(lower.memory, responseTo('/a')))[0]).toHaveLength(4_000);
  });

  it('goes there from its first byte when it says to be larger than memory may keep', async () => {
    const { store, memory } = tiers({ ...contractLimits, maxObjectBytes: 1_000 });
    const writer = beginStoring(store, responseTo('/a'), 2_000);
    expect(writer.keepsWhole).toBe(false);
    writer.write(Buffer.alloc(2_000, 'a'));
    expect(memory.stats().bytesUsed).toBe(0);
    expect(await writer.commit(responseTo('/a'))).toBe(true);
    expect((await textsAt(store, responseTo('/a')))[0]).toHaveLength(2_000);
  });
});

describe('a shelf beneath memory that takes nothing', () => {
  it('leaves memory as it would be alone', async () => {
    const { store, lower } = tiers();
    lower.refuses = true;
    expect(await put(store, responseTo('/a'), 'one')).toBe(true);
    expect(await textsAt(store, responseTo('/a'))).toEqual(['one']);
    expect(lower.memory.stats().responses).toBe(0);
  });

  it('does not keep what memory has a newer one of', async () => {
    const { store, memory, lower } = tiers();
    await put(store, responseTo('/a'), 'one');
    lower.refuses = true;
    await put(store, { ...responseTo('/a'), responseTime: 1_000 }, 'two');
    memory.invalidate(responseTo('/a').key);
    expect(await textsAt(store, responseTo('/a'))).toEqual([]);
  });
});

describe('what is changed while it is being put beneath', () => {
  const other = { ...responseTo('/a'), responseTime: 5_000 };

  it('is changed there when it is there', async () => {
    const { store, memory, lower } = tiers();
    const { opened, open } = turnstile();
    lower.changePace = opened;
    const kept = put(store, responseTo('/a'), 'one');
    const [found] = await store.lookup(responseTo('/a').key);
    const freshened = store.freshen(found?.stored ?? responseTo('/never'), other);
    open();
    await Promise.all([kept, freshened]);
    memory.invalidate(responseTo('/a').key);
    expect((await store.lookup(responseTo('/a').key))[0]?.stored.responseTime).toBe(5_000);
  });

  it.each<[string, (store: TieredStore) => unknown]>([
    ['freshened', (store) => store.freshen(store.atHand(other.key)[0]?.stored ?? other, other)],
    ['replaced', (store) => put(store, other, 'two')],
  ])('is not %s there when something was ordered meanwhile', async (_what, change) => {
    const { store, lower } = tiers();
    const { opened, open } = turnstile();
    lower.changePace = opened;
    const kept = put(store, responseTo('/a'), 'one');
    const changed = change(store);
    const purged = store.purge({ selection: { kind: 'all' }, before: 1, expire: () => 7 });
    open();
    await Promise.all([kept, changed, purged]);
    expect(await textsAt(lower.memory, other)).toEqual([]);
  });

  it('is waited for by who asks for it, where memory does not keep it', async () => {
    const { store, lower } = tiers({ ...contractLimits, maxObjectBytes: 1_000 });
    const { opened, open } = turnstile();
    lower.changePace = opened;
    const kept = put(store, responseTo('/a'), 'x'.repeat(2_000));
    const found = textsAt(store, responseTo('/a'));
    open();
    expect(await kept).toBe(true);
    expect((await found)[0]).toHaveLength(2_000);
  });
});

describe('an order of others', () => {
  it('is in force in memory when who hears of it has been told, for what is older than the generation it says', async () => {
    const { store, lower } = tiers();
    const heard: string[] = [];
    store.onOrder(({ kind }) => {
      heard.push(kind);
      return 1;
    });
    await put(store, { ...responseTo('/a'), tags: ['red'] }, 'one');
    await put(store, { ...responseTo('/b'), tags: ['red'], generation: 1 }, 'two');
    await put(store, responseTo('/c'), 'three');
    lower.tell({ kind: 'purge', selection: { kind: 'tag', tag: 'red' } });
    lower.tell({ kind: 'invalidate', key: responseTo('/c').key });
    expect(['/a', '/b', '/c'].flatMap((target) => store.atHand(responseTo(target).key).map(textOf))).toEqual(['two']);
    expect(heard).toEqual(['purge', 'invalidate']);
  });

  it('ends lifetimes at its time, told by a clock that all share', async () => {
    const { store, lower, time } = tiers();
    await put(store, responseTo('/a'), 'one');
    time.now = 30_000;
    lower.tell({ kind: 'purge', selection: { kind: 'all' }, expiredAt: hour + 20_000 });
    expect(store.atHand(responseTo('/a').key)[0]?.stored).toMatchObject({
      ended: 'purged',
      freshness: { lifetime: 20 },
    });
  });

  it('ends no lifetime in the future, whatever the clock of others says', async () => {
    const { store, lower, time } = tiers();
    await put(store, responseTo('/a'), 'one');
    time.now = 30_000;
    lower.tell({ kind: 'purge', selection: { kind: 'all' }, expiredAt: 2 * hour });
    expect(store.atHand(responseTo('/a').key)[0]?.stored.freshness.lifetime).toBe(30);
  });

  it('about one response is about that alone, by the name that all know it by', async () => {
    const { store, lower } = tiers();
    await put(store, responseTo('/a', 'de'), 'eins');
    await put(store, responseTo('/a', 'en'), 'one');
    const id = lower.idOf(responseTo('/a', 'de'));
    lower.tell({ kind: 'purge', selection: { kind: 'one', id, key: responseTo('/a').key } });
    expect(store.atHand(responseTo('/a').key).map(textOf)).toEqual(['one']);
  });
});

describe('the pages of both', () => {
  it('list what lies in both once, and what lies beneath alone', async () => {
    const { store, memory } = tiers();
    for (const target of ['/a', '/b', '/c', '/d']) await put(store, responseTo(target), target);
    memory.invalidate(responseTo('/b').key);
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.page({ cursor, limit: 2, selection: { kind: 'all' }, matches: () => true });
      found.push(...(await textsRead(page.found.map(({ shelved }) => shelved))));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(found.sort()).toEqual(['/a', '/b', '/c', '/d']);
    expect(await store.count({ kind: 'all' })).toMatchObject({ matched: 4 });
    expect((await store.purge({ selection: { kind: 'all' }, before: 1 })).matched).toBe(4);
  });

  it('name what lies in either so that it can be found and purged by that', async () => {
    const { store, memory } = tiers();
    for (const target of ['/a', '/b']) await put(store, responseTo(target), target);
    memory.invalidate(responseTo('/b').key);
    const { found } = await store.page({
      cursor: undefined,
      limit: 9,
      selection: { kind: 'all' },
      matches: () => true,
    });
    for (const { id, shelved } of found) {
      expect(await store.keyOf(id)).toBe(shelved.stored.key);
      expect((await store.purge({ selection: { kind: 'one', id }, before: 1 })).matched).toBe(1);
      expect(await textsAt(store, shelved.stored)).toEqual([]);
    }
    expect(found).toHaveLength(2);
  });
});
