import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackedShelf } from '../../src/store/backed.ts';
import type { Backing } from '../../src/store/backing.ts';
import type { StoreSelection } from '../../src/store/selection.ts';
import type { Store } from '../../src/store/store.ts';
import { backedShelf } from '../store/backed-shelf.ts';
import { backedShelfContract } from '../store/backed-shelf-contract.ts';
import { storeContract } from '../store/contract.ts';
import { put, responseTo, textsAt } from '../store/shelved.ts';
import { Tiers } from '../store/tiers.ts';
import { groundAt, RedisGround } from './redis-ground.ts';
import { hasRedis, RedisProcess } from './redis-server.ts';

/** The same backing for a shelf that goes over all of it, and so can count what the contract wants counted. */
function swept(backing: Backing): Backing {
  return {
    isSwept: true,
    log: backing.log,
    row: (row, variants) => backing.row(row, variants),
    at: (place) => backing.at(place),
    draft: (place, expectedLength) => backing.draft(place, expectedLength),
    replace: (place, before, after, keepMs) => backing.replace(place, before, after, keepMs),
    remove: (place, before) => backing.remove(place, before),
    scan: (cursor, limit) => backing.scan(cursor, limit),
    stats: () => backing.stats(),
    close: () => backing.close(),
  };
}

describe.skipIf(!hasRedis)('with a Redis', () => {
  let server: RedisProcess;

  beforeAll(async () => {
    server = await RedisProcess.start();
  });

  afterAll(() => server.stop());

  backedShelfContract('Redis', async () => {
    const ground = await groundAt(server.url);
    return {
      backing: swept(ground.backing),
      another: async () => swept(await ground.another()),
      close: () => ground.close(),
    };
  });

  const closing = new WeakMap<Store, () => Promise<void>>();
  storeContract(
    'memory over a shelf in Redis',
    async () => {
      const { store, close } = new Tiers(swept(await new RedisGround(server.url).join()));
      closing.set(store, close);
      return store;
    },
    async (store) => closing.get(store)?.(),
  );

  it.each<StoreSelection>([
    { kind: 'all' },
    { kind: 'tag', tag: 'red' },
    { kind: 'targets', keys: [responseTo('/a').key] },
    { kind: 'beginning', prefixes: [responseTo('/').key] },
  ])('a purge of one instance is in force with another, and with one that comes later: $kind', async (selection) => {
    const ground = new RedisGround(server.url);
    const join = async (): Promise<BackedShelf> => backedShelf(await ground.join(), { kind: 'redis' });
    const [a, b] = [await join(), await join()];
    const stored = { ...responseTo('/a'), tags: ['red'] };
    await put(a, stored, 'old');
    expect(await textsAt(b, stored)).toEqual(['old']);
    const { heard } = await a.purge({ selection, before: 1 });
    expect(heard.map(({ ms }) => ms === undefined)).toEqual([false]);
    expect(await textsAt(a, stored)).toEqual([]);
    expect(await textsAt(b, stored)).toEqual([]);
    expect(await textsAt(await join(), stored)).toEqual([]);
    await put(b, stored, 'new');
    expect(await textsAt(a, stored)).toEqual(['new']);
    await ground.close();
  });
});
