import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../src/http/fields.ts';
import { ManualClock } from '../../src/play/manual-clock.ts';
import { currentAge } from '../../src/policy/age.ts';
import { presentedFields } from '../../src/policy/presented.ts';
import { openDisk } from '../../src/store/disk/backing.ts';
import type { TieredStore } from '../../src/store/tiered.ts';
import { storeContract } from './contract.ts';
import { newDirectory, openShelf } from './disk-ground.ts';
import { HeapBacking, HeapGround } from './heap-backing.ts';
import { put, responseTo, textOf, textRead, textsAt } from './shelved.ts';
import { Tiers } from './tiers.ts';

const closing = new WeakMap<TieredStore, () => Promise<void>>();

function overHeap(isLater: boolean): () => TieredStore {
  return () => {
    const { store, close } = new Tiers(new HeapBacking(new HeapGround(), { isLater }));
    closing.set(store, close);
    return store;
  };
}

const close = async (store: TieredStore): Promise<void> => closing.get(store)?.();

storeContract('memory over a shelf in the heap', overHeap(false), close);
storeContract('memory over a shelf in a heap that answers later', overHeap(true), close);
storeContract(
  'memory over a shelf on a disk',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'etagere-shelf-'));
    const backing = await openDisk({ directory, maxBytes: 64 * 2 ** 20, instance: 'one', warn: () => {} });
    const tiers = new Tiers(backing);
    closing.set(tiers.store, async () => {
      await tiers.close();
      await rm(directory, { recursive: true, force: true });
    });
    return tiers.store;
  },
  close,
);

/** A clock that has stood at 0 when its process began, at that wall time. */
function clockAt(wall: number): ManualClock {
  const clock = new ManualClock(0);
  clock.jump(wall);
  return clock;
}

const someday = 1_795_000_000_000;

describe('a process that comes after another', () => {
  it('finds what that has stored, as old as it is by the clock of the world', async () => {
    const directory = await newDirectory();
    const first = new Tiers(await openShelf(directory), clockAt(someday));
    await put(first.store, { ...responseTo('/a'), correctedInitialAge: 7 }, 'one');
    await first.close();
    const later = clockAt(someday + 3_600_000);
    const { store } = new Tiers(await openShelf(directory), later);
    const [found] = await store.lookup(responseTo('/a').key);
    expect(found && [await textRead(found), currentAge(found.stored, later.steady())]).toEqual(['one', 3_607]);
  });

  it('finds nothing that is from the future, as it can not tell how old that is', async () => {
    const directory = await newDirectory();
    const first = new Tiers(await openShelf(directory), clockAt(someday));
    await put(first.store, responseTo('/a'), 'one');
    await first.close();
    const { store } = new Tiers(await openShelf(directory), clockAt(someday - 60_000));
    expect(await textsAt(store, responseTo('/a'))).toEqual([]);
  });
});

describe('two processes over one shelf', () => {
  it('hear at their next look of what the other has purged, in memory too', async () => {
    const ground = new HeapGround();
    const [one, other] = [new Tiers(new HeapBacking(ground)), new Tiers(new HeapBacking(ground))];
    await put(one.store, responseTo('/a'), 'one');
    expect(await textsAt(other.store, responseTo('/a'))).toEqual(['one']);
    await one.store.purge({ selection: { kind: 'all' }, before: 1 });
    expect(await textsAt(other.store, responseTo('/a'))).toEqual([]);
    expect(other.store.atHand(responseTo('/a').key)).toEqual([]);
  });
});

describe('requests for several variants that look for them at the same time', () => {
  it('find each its own by one look-up, and bring into memory what they are answered with', async () => {
    const ground = new HeapGround();
    const languages = ['de', 'en', 'fr'];
    const first = new Tiers(new HeapBacking(ground));
    for (const language of languages) await put(first.store, responseTo('/a', language), language);
    const backing = new HeapBacking(ground, { isLater: true });
    let rows = 0;
    backing.fails = (call) => {
      if (call === 'row') rows++;
      return false;
    };
    const { store } = new Tiers(backing);
    const lookup = async (language: string): Promise<string | undefined> => {
      const presented = presentedFields(fieldsOf(['accept-language', language]));
      const found = await store.lookup(responseTo('/a').key, presented);
      const selected = found.find(({ stored }) => stored.variant === responseTo('/a', language).variant);
      return selected && textRead(selected);
    };
    await lookup('en');
    rows = 0;
    expect(await Promise.all(['de', 'fr', 'de', 'en'].map(lookup))).toEqual(['de', 'fr', 'de', 'en']);
    expect(rows).toBe(1);
    const inMemory = store.atHand(responseTo('/a').key).map(textOf);
    expect(inMemory.toSorted()).toEqual(['de', 'en']);
  });
});
