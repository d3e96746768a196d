import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CacheKey } from '../../src/key/cache-key.ts';
import type { BackedShelf } from '../../src/store/backed.ts';
import { GrowingContent } from '../../src/store/content.ts';
import { seal, sumOf } from '../../src/store/sealed-record.ts';
import { placeOf } from '../../src/store/places.ts';
import type { Order } from '../../src/store/orders.ts';
import { backedClock, backedShelf } from './backed-shelf.ts';
import { frozenRecord, sample } from './frozen.ts';
import { HeapBacking, type HeapCall, HeapGround, type HeapOptions } from './heap-backing.ts';
import { beginStoring, put, responseTo, textRead, textsAt } from './shelved.ts';

const keyOf = (target: string): CacheKey => responseTo(target).key;

interface Made {
  readonly ground: HeapGround;
  readonly backing: HeapBacking;
  readonly shelf: BackedShelf;
}

function made(options: HeapOptions = {}, clock = backedClock()): Made {
  const ground = new HeapGround();
  const backing = new HeapBacking(ground, options);
  return { ground, backing, shelf: backedShelf(backing, { clock }) };
}

/** It may be chosen for other targets than its own. */
const kin = {
  ...responseTo('/a'),
  search: {
    variation: { mode: 'except', names: new Set<string>(), keyOrderMatters: false },
    significant: '["/a"]',
  },
} as const;

/** What is found of one response. */
async function found(shelf: BackedShelf, target: string): Promise<string | undefined> {
  const [shelved] = await shelf.lookup(keyOf(target));
  return shelved && textRead(shelved);
}

describe('a damaged record', () => {
  it('is a miss, is counted, and is taken away, whichever byte of its head it is', async () => {
    const { ground, shelf } = made();
    await put(shelf, responseTo('/a', 'de'), 'eins');
    const [record] = ground.records;
    const head = Buffer.from(record?.head ?? []);
    for (let at = 0; at < head.length; at++) {
      const damaged = Buffer.from(head);
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      ground.put({ place: placeOf(responseTo('/a', 'de')), head: damaged, pieces: [Buffer.from('eins')], keepMs: 1 });
      expect(await shelf.lookup(keyOf('/a'))).toEqual([]);
      expect(shelf.stats().damaged).toBe(at + 1);
      expect(ground.records).toEqual([]);
    }
    expect(head.length).toBeGreaterThan(100);
  });

  it('never gives other bytes, however many pieces its content has and whatever became of them', async () => {
    const lengths = fc.constantFrom(1, 100, 65_536, 65_537, 150_000);
    const damage = fc.record({ at: fc.nat(), flip: fc.integer({ min: 1, max: 255 }), cut: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(lengths, damage, async (length, { at, flip, cut }) => {
        const { ground, shelf } = made({ isLater: true });
        await put(shelf, responseTo('/a'), 'x'.repeat(length));
        const [record] = ground.records;
        const index = at % (record?.pieces.length ?? 1);
        const piece = record?.pieces[index] ?? Buffer.alloc(0);
        if (cut) record?.pieces.splice(index, 1, piece.subarray(0, -1));
        else piece[at % piece.length] = (piece[at % piece.length] ?? 0) ^ flip;
        expect(await found(shelf, '/a')).toBeUndefined();
        await turn();
        expect(shelf.stats().damaged).toBe(1);
        expect(ground.records).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('is one, too, that lies where another belongs', async () => {
    const { ground, shelf } = made();
    await put(shelf, responseTo('/a'), 'a');
    const [record] = ground.records;
    const head = record?.head ?? Buffer.alloc(0);
    ground.put({ place: placeOf(responseTo('/b')), head, pieces: [Buffer.from('a')], keepMs: 1 });
    expect(await textsAt(shelf, responseTo('/b'))).toEqual([]);
    expect(await textsAt(shelf, responseTo('/a'))).toEqual(['a']);
    expect(shelf.stats().damaged).toBe(1);
    expect(ground.records).toHaveLength(1);
  });

  it('is left out of lists, counts and purges', async () => {
    const { ground, shelf } = made();
    for (const target of ['/a', '/b', '/c']) await put(shelf, responseTo(target), target);
    for (const record of ground.records.slice(0, 2)) record.head[20] = 0xff;
    expect((await shelf.count({ kind: 'all' })).matched).toBe(1);
    expect((await shelf.purge({ selection: { kind: 'all' }, before: 0 })).matched).toBe(1);
    expect(ground.records).toEqual([]);
  });
});

describe('a record of another version', () => {
  it.each([1, 2, 3])('is used where it is older: %i', async (version) => {
    const { ground, shelf } = made();
    // Its envelope, with that record in it.
    const bytes = seal({ stored: sample, putAt: 1, contentLength: 0, sums: [] }) ?? Buffer.alloc(0);
    const head = Buffer.concat([bytes.subarray(0, 24), frozenRecord(version)]);
    head.writeUInt32LE(sumOf(Buffer.concat([head.subarray(0, 4), head.subarray(8)])), 4);
    ground.put({ place: placeOf(sample), head, pieces: [], keepMs: 1 });
    const [shelved] = await shelf.lookup(sample.key);
    expect(shelved?.stored).toMatchObject({ key: sample.key, fields: sample.fields, serial: sample.serial });
    expect(shelf.stats().damaged).toBe(0);
  });

  it('is a miss where it is newer, and stays for whoever knows it', async () => {
    const { ground, shelf } = made();
    await put(shelf, responseTo('/a'), 'a');
    const head = ground.records[0]?.head ?? Buffer.alloc(0);
    head[1] = 2;
    head.writeUInt32LE(sumOf(Buffer.concat([head.subarray(0, 4), head.subarray(8)])), 4);
    expect(await textsAt(shelf, responseTo('/a'))).toEqual([]);
    expect(shelf.stats().damaged).toBe(0);
    expect(ground.records).toHaveLength(1);
  });
});

const calls: readonly HeapCall[] = [
  'row',
  'at',
  'draft',
  'write',
  'commit',
  'replace',
  'remove',
  'scan',
  'read',
  'head',
  'append',
  'since',
];

describe('trouble in a backing', () => {
  it.each(calls.flatMap((call) => [true, false].map((isLater) => [call, isLater] as const)))(
    'is a miss, a refusal, or nothing found, and never an error: %s, later %s',
    async (call, isLater) => {
      const { backing, shelf } = made({ isLater });
      await put(shelf, responseTo('/a'), 'a');
      const [shelved] = await shelf.lookup(keyOf('/a'));
      const stored = shelved?.stored ?? responseTo('/a');
      backing.fails = (each) => each === call;
      expect(['a', undefined]).toContain(await found(shelf, '/a'));
      expect(typeof (await put(shelf, responseTo('/b'), 'b'))).toBe('boolean');
      await shelf.freshen(stored, { ...stored, responseTime: 5_000 });
      await shelf.remove(stored);
      await shelf.invalidate(keyOf('/b'));
      await shelf.purge({ selection: { kind: 'all' }, before: 0 });
      expect(await textsAt(shelf, responseTo('/a'))).toEqual([]);
      expect((await shelf.count({ kind: 'all' })).matched).toBe(0);
      const all = { cursor: undefined, limit: 10, selection: { kind: 'all' }, matches: () => true } as const;
      expect((await shelf.page(all)).found).toEqual([]);
      expect(await shelf.keyOf(shelf.idOf(stored))).toBeUndefined();
      backing.fails = () => false;
      await shelf.close();
    },
  );

  it('keeps nothing of a response whose order could not be told', async () => {
    const { backing, ground, shelf } = made();
    backing.fails = (call) => call === 'append';
    await shelf.purge({ selection: { kind: 'tag', tag: 'red' }, before: 0 });
    expect(await put(shelf, responseTo('/a'), 'a')).toBe(false);
    expect(ground.records).toEqual([]);
  });
});

describe('an order that could not be kept', () => {
  it('is in force here, names all others as those who have not heard, and is given again until it is', async () => {
    const clock = backedClock();
    const ground = new HeapGround();
    const [backing, another] = [new HeapBacking(ground), new HeapBacking(ground)];
    const [shelf, other] = [backedShelf(backing, { clock }), backedShelf(another)];
    await put(shelf, { ...responseTo('/a'), tags: ['red'] }, 'a');
    backing.fails = (call) => call === 'append';
    const purged = await shelf.purge({ selection: { kind: 'tag', tag: 'red' }, before: 0 });
    expect(purged).toEqual({ matched: 0, heard: [{ instance: 'all at disk', ms: undefined }] });
    expect(await textsAt(shelf, responseTo('/a'))).toEqual([]);
    await put(other, { ...responseTo('/a'), tags: ['red'] }, 'again');
    await clock.advance(1_000, turn);
    expect(await textsAt(other, responseTo('/a'))).toEqual(['again']);
    backing.fails = () => false;
    await clock.advance(1_000, turn);
    await turn();
    expect(await textsAt(other, responseTo('/a'))).toEqual([]);
    expect(ground.orders.size).toBe(1);
    expect(await put(shelf, { ...responseTo('/a'), tags: ['red'] }, 'new')).toBe(true);
    expect(await textsAt(shelf, responseTo('/a'))).toEqual(['new']);
  });

  it('is not given again when the shelf is closed', async () => {
    const clock = backedClock();
    const { backing, shelf } = made({}, clock);
    backing.fails = (call) => call === 'append';
    const invalidating = shelf.invalidate(keyOf('/a'));
    await shelf.close();
    await invalidating;
    const { failures } = backing.stats();
    await clock.advance(10_000, turn);
    expect(backing.stats().failures).toBe(failures);
  });

  it('is one about everything where there are too many of them', async () => {
    const clock = backedClock();
    const ground = new HeapGround();
    const backing = new HeapBacking(ground);
    const shelf = backedShelf(backing, { clock });
    await put(shelf, responseTo('/never/named'), 'a');
    backing.fails = (call) => call === 'append';
    for (let i = 0; i <= 1_000; i++) await shelf.invalidate(keyOf(`/${i}`));
    expect(await textsAt(shelf, responseTo('/never/named'))).toEqual([]);
    backing.fails = () => false;
    await clock.advance(1_000, turn);
    await turn();
    expect([...ground.orders.values()]).toEqual([{ kind: 'purge', selection: { kind: 'all' } }]);
  });
});

describe('a page', () => {
  it('begins where the one before it has ended, whatever the limits of the two', async () => {
    const { shelf } = made();
    for (let i = 0; i < 8; i++) await put(shelf, responseTo(`/${i}`), 'text');
    const all = { cursor: undefined, limit: 100, selection: { kind: 'all' }, matches: () => true } as const;
    const keys = (await shelf.page(all)).found.map(({ shelved }) => shelved.stored.key);
    const sought = [0, 1, 4, 5, 6].map((index) => keys[index]);
    const some = { ...all, matches: (key: CacheKey) => sought.includes(key) };
    const first = await shelf.page({ ...some, limit: 3 });
    const second = await shelf.page({ ...some, limit: 1, cursor: first.cursor });
    expect([...first.found, ...second.found].map(({ shelved }) => shelved.stored.key)).toEqual(sought.slice(0, 4));
  });
});

describe('a shelf that was cut off', () => {
  it('has nothing meanwhile, and what was ordered in the meantime in force when it is back', async () => {
    const ground = new HeapGround();
    const [backing, another] = [new HeapBacking(ground), new HeapBacking(ground)];
    const [shelf, other] = [backedShelf(backing), backedShelf(another)];
    const heard: Order[] = [];
    shelf.onOrder((order) => heard.push(order));
    await put(shelf, responseTo('/a'), 'a');
    await put(shelf, responseTo('/b'), 'b');
    backing.cutOff();
    expect(await textsAt(shelf, responseTo('/a'))).toEqual([]);
    const { heard: receipts } = await other.purge({ selection: { kind: 'targets', keys: [keyOf('/a')] }, before: 0 });
    expect(receipts).toEqual([{ instance: 'heap', ms: undefined }]);
    expect(heard).toEqual([]);
    backing.join();
    await turn();
    expect(heard).toMatchObject([{ kind: 'purge', selection: { kind: 'targets' } }]);
    expect(await textsAt(shelf, responseTo('/a'))).toEqual([]);
    expect(await textsAt(shelf, responseTo('/b'))).toEqual(['b']);
  });

  it('takes an order that is forgotten by then for one about all that it has in memory, and not on the shelf', async () => {
    const ground = new HeapGround();
    const [backing, another] = [new HeapBacking(ground), new HeapBacking(ground)];
    const [shelf, other] = [backedShelf(backing), backedShelf(another)];
    const heard: Order[] = [];
    shelf.onOrder((order) => heard.push(order));
    await put(shelf, responseTo('/a'), 'a');
    await put(shelf, responseTo('/b'), 'b');
    backing.cutOff();
    await other.invalidate(keyOf('/a'));
    await another.log.forget([1]);
    backing.join();
    await turn();
    expect(heard).toEqual([{ kind: 'purge', selection: { kind: 'all' } }]);
    expect(await textsAt(shelf, responseTo('/b'))).toEqual(['b']);
  });

  it('uses nothing that is older than an order which the log has lost', async () => {
    const ground = new HeapGround();
    const shelf = backedShelf(new HeapBacking(ground));
    await put(shelf, responseTo('/a'), 'a');
    const { log } = new HeapBacking(ground, { hears: false });
    for (let i = 0; i < 1_001; i++) await log.append({ kind: 'invalidate', key: keyOf(`/${i}`) });
    expect(ground.lost).toBe(1);
    expect(await textsAt(backedShelf(new HeapBacking(ground)), responseTo('/a'))).toEqual([]);
    await put(shelf, responseTo('/a'), 'new');
    expect(await textsAt(shelf, responseTo('/a'))).toEqual(['new']);
  });
});

describe('a look-up that has to hear of the orders of others first', () => {
  it('waits for no order that is given here after it, however many follow one another', async () => {
    const ground = new HeapGround();
    const [backing, another] = [new HeapBacking(ground, { hears: false }), new HeapBacking(ground)];
    const shelf = backedShelf(backing);
    await put(shelf, responseTo('/a'), 'a');
    const append = backing.log.append.bind(backing.log);
    backing.log.append = (order) => turn().then(() => append(order));
    let given = 0;
    const giving = (async (): Promise<void> => {
      for (; given < 500; given++) {
        void shelf.invalidate(keyOf(`/other/${given}`));
        await turn();
      }
    })();
    await turn();
    await another.log.append({ kind: 'invalidate', key: keyOf('/b') });
    const givenBefore = given;
    expect(await textsAt(shelf, responseTo('/a'))).toEqual(['a']);
    expect(given - givenBefore).toBeLessThan(10);
    given = 500;
    await giving;
    await shelf.close();
  });
});

describe('what was on its way', () => {
  it('is kept where its content is let go of as soon as it was written, in whichever blocks that lies', async () => {
    const { shelf } = made();
    const text = 'x'.repeat(100_000);
    for (const [target, announced] of [
      ['/a', 100_000],
      ['/b', undefined],
    ] as const) {
      const content = new GrowingContent(announced);
      const writer = shelf.begin(responseTo(target), announced, content);
      if (typeof writer === 'string') throw new Error(writer);
      for (let at = 0; at < text.length; at += 10_000) {
        content.append(Buffer.from(text.slice(at, at + 10_000)));
        expect(writer.write(Buffer.from(text.slice(at, at + 10_000)))).toBe(true);
        content.releaseBefore(content.length);
      }
      expect(await writer.commit(responseTo(target))).toBe(true);
      expect(await found(shelf, target)).toBe(text);
    }
  });

  it('is not kept where more has come than was announced', async () => {
    const { ground, shelf } = made();
    const writer = beginStoring(shelf, responseTo('/a'), 70_000);
    expect(writer.write(Buffer.alloc(70_000, 'x'))).toBe(true);
    expect(writer.write(Buffer.alloc(0))).toBe(true);
    writer.write(Buffer.alloc(70_000, 'x'));
    expect(await writer.commit(responseTo('/a'))).toBe(false);
    expect(ground.records).toEqual([]);
  });

  it('is not kept when an order of another comes before it is there', async () => {
    const ground = new HeapGround();
    const [backing, another] = [new HeapBacking(ground, { hears: false }), new HeapBacking(ground)];
    const shelf = backedShelf(backing);
    const stored = { ...responseTo('/a'), tags: ['red'] };
    const committing = put(shelf, stored, 'old');
    await another.log.append({ kind: 'purge', selection: { kind: 'tag', tag: 'red' } });
    expect(await committing).toBe(false);
    expect(ground.records).toEqual([]);
    expect(await put(shelf, stored, 'new')).toBe(true);
  });

  it('is not kept when an order comes while all are told that some lie elsewhere than under their own targets', async () => {
    const { ground, shelf } = made();
    const committing = put(shelf, { ...kin, tags: ['red'] }, 'old');
    const purging = shelf.purge({ selection: { kind: 'tag', tag: 'red' }, before: 1 });
    expect(await committing).toBe(false);
    await purging;
    expect(ground.records).toEqual([]);
    expect(await put(shelf, { ...kin, tags: ['red'] }, 'new')).toBe(true);
  });

  it('is kept, too, where it can not be told who has heard that it may lie anywhere', async () => {
    const { backing, shelf } = made();
    const append = backing.log.append.bind(backing.log);
    backing.log.append = async (order) => ({ ...(await append(order)), heard: Promise.reject(new Error('EPIPE')) });
    expect(await put(shelf, kin, 'text')).toBe(true);
    await turn();
    expect(await found(shelf, '/a')).toBe('text');
  });

  it('is told of once for all that is on its way at a time', async () => {
    const { ground, shelf } = made();
    const kept = ['/a', '/b', '/c'].map((target) => put(shelf, { ...responseTo(target), search: kin.search }, target));
    expect(await Promise.all(kept)).toEqual([true, true, true]);
    expect(ground.orders.size).toBe(1);
  });

  it('does not stay as it was freshened when an order comes while all are told so', async () => {
    const { shelf } = made();
    await put(shelf, { ...responseTo('/a'), serial: 1 }, 'old');
    const freshening = shelf.freshen(
      { ...responseTo('/a'), serial: 1 },
      { ...responseTo('/a'), ...kin, tags: ['red'] },
    );
    const purging = shelf.purge({ selection: { kind: 'tag', tag: 'red' }, before: 1 });
    await Promise.all([freshening, purging]);
    expect((await shelf.lookup(keyOf('/a'))).filter(({ stored }) => stored.tags.includes('red'))).toEqual([]);
  });
});
