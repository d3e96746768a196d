import { describe, expect, it } from 'vitest';
import type { Order } from '../../src/store/orders.ts';
import { OpeningShelf } from '../../src/store/opening-shelf.ts';
import { LowerDouble } from './lower-double.ts';
import { put, responseTo } from './shelved.ts';

async function filled(): Promise<LowerDouble> {
  const lower = new LowerDouble();
  for (const [serial, target] of ['/a', '/b', '/c'].entries())
    await put(lower.memory, { ...responseTo(target), serial: serial + 1 }, target);
  return lower;
}

describe('a shelf that is not open yet', () => {
  it('has nothing, takes nothing, and says that it is not up', async () => {
    const shelf = new OpeningShelf('redis');
    const { key } = responseTo('/a');
    expect(shelf.lookup(key)).toEqual([]);
    expect(shelf.peek(key)).toEqual([]);
    expect(shelf.begin(responseTo('/a'), 3)).toBe('store-refused');
    expect(await shelf.count({ kind: 'all' })).toEqual({ matched: 0, sample: [] });
    expect(shelf.stats()).toMatchObject({ kind: 'redis', isUp: false });
    await shelf.close();
  });

  it('has, once it is open, what lies there, and tells the orders of others', async () => {
    const shelf = new OpeningShelf('disk');
    const heard: Order[] = [];
    shelf.onOrder((order) => heard.push(order));
    const lower = await filled();
    shelf.open(lower);
    expect(await shelf.lookup(responseTo('/a').key)).toHaveLength(1);
    lower.tell({ kind: 'invalidate', key: responseTo('/a').key });
    expect(heard).toHaveLength(1);
    expect(shelf.stats()).toMatchObject({ kind: 'disk', responses: 3, isUp: true });
  });

  it('gives the orders that came before, before anything is read', async () => {
    const shelf = new OpeningShelf('disk');
    const purged = await shelf.purge({ selection: { kind: 'targets', keys: [responseTo('/a').key] }, before: 1 });
    expect(purged).toEqual({ matched: 0, heard: [{ instance: 'all at disk', ms: undefined }] });
    await shelf.invalidate(responseTo('/b').key);
    void shelf.invalidateGroup(responseTo('/group').key);
    shelf.open(await filled());
    expect(shelf.lookup(responseTo('/a').key)).toEqual([]);
    expect(shelf.lookup(responseTo('/b').key)).toEqual([]);
    expect(await shelf.lookup(responseTo('/c').key)).toHaveLength(1);
  });

  it('takes too many orders for one about everything', async () => {
    const shelf = new OpeningShelf('disk');
    for (let i = 0; i < 1_001; i++) await shelf.invalidate(responseTo(`/other/${i}`).key);
    shelf.open(await filled());
    expect(shelf.lookup(responseTo('/c').key)).toEqual([]);
  });

  it('has memory begin anew when it is open, where others share it', async () => {
    const heard: Order[] = [];
    const claims = { claim: () => ({ kind: 'granted', release: () => {} }) as const };
    for (const lower of [new LowerDouble(), Object.assign(await filled(), { claims })]) {
      const shelf = new OpeningShelf('redis');
      shelf.onOrder((order) => heard.push(order));
      expect(heard).toEqual([]);
      shelf.open(lower);
    }
    expect(heard).toEqual([{ kind: 'purge', selection: { kind: 'all' } }]);
  });
});
