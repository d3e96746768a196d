import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CacheKey, groupKey, queryKey } from '../../src/key/cache-key.ts';
import { isAbout, type Subject } from '../../src/store/order-subject.ts';
import type { Order } from '../../src/store/orders.ts';
import { UnnumberedOrders } from '../../src/store/unnumbered-orders.ts';
import { shelfRules } from './backed-shelf.ts';
import { responseTo } from './shelved.ts';

const keyOf = (target: string): CacheKey => responseTo(target).key;
const variation = { mode: 'params', names: new Set(['u']), keyOrderMatters: true } as const;

const subjects: readonly Subject[] = [
  { id: '0', stored: { ...responseTo('/a'), tags: ['red'] } },
  { id: '1', stored: { ...responseTo('/a/b'), groups: ['g'], tags: ['blue'] } },
  { id: '2', stored: { ...responseTo('/a'), key: queryKey(keyOf('/a'), 'digest') } },
  { id: '3', stored: { ...responseTo('/d?u=1'), search: { variation, significant: '["/d"]' } } },
  { id: '4', stored: { ...responseTo('/d?x=1'), search: { variation, significant: '["/d",["x","1"]]' } } },
];

const orders: readonly Order[] = [
  { kind: 'purge', selection: { kind: 'all' } },
  { kind: 'purge', selection: { kind: 'tag', tag: 'red' }, expiredAt: 6 },
  { kind: 'purge', selection: { kind: 'tag', tag: 'g' } },
  { kind: 'purge', selection: { kind: 'one', id: '1' }, expiredAt: 3 },
  { kind: 'purge', selection: { kind: 'beginning', prefixes: [keyOf('/a/'), keyOf('/x')] } },
  { kind: 'purge', selection: { kind: 'targets', keys: [keyOf('/a'), keyOf('/d?u=2')] }, expiredAt: 4 },
  { kind: 'invalidate', key: keyOf('/a') },
  { kind: 'invalidate', key: queryKey(keyOf('/a'), 'other') },
  { kind: 'invalidate', key: keyOf('/d') },
  { kind: 'invalidate', key: keyOf('/d?u=3') },
  { kind: 'invalidate', key: keyOf('/d?x=1&u=9') },
  { kind: 'invalidate-group', group: groupKey(keyOf('/a'), 'g') },
  { kind: 'invalidate-group', group: `http:9:shop.test?["/d"]` as CacheKey },
];

describe('orders without a number', () => {
  it('are found by every response that they are about, and by no other, as long as they are there', () => {
    const changes = fc.array(fc.record({ order: fc.constantFrom(...orders), stays: fc.boolean() }), { maxLength: 12 });
    fc.assert(
      fc.property(changes, (given) => {
        const all = new UnnumberedOrders(shelfRules);
        for (const each of given) all.add(each);
        for (const each of given) if (!each.stays) all.delete(each);
        const there = given.filter(({ stays }) => stays);
        expect([all.size, [...all]]).toEqual([there.length, there]);
        expect(given.map((each) => all.has(each))).toEqual(given.map(({ stays }) => stays));
        for (const subject of subjects) {
          const about = there.filter(({ order }) => isAbout(order, subject, shelfRules));
          expect(new Set(all.about(subject))).toEqual(new Set(about.map(({ order }) => order)));
        }
      }),
    );
  });

  it('cost a response nothing that are about others, however many they are', () => {
    let compared = 0;
    const isOfTarget: typeof shelfRules.isOfTarget = (...of) => {
      compared++;
      return shelfRules.isOfTarget(...of);
    };
    const all = new UnnumberedOrders({ ...shelfRules, isOfTarget });
    // Of one path too: whose own target is that path, is not of them.
    for (let i = 0; i < 2_000; i++) all.add({ order: { kind: 'invalidate', key: keyOf(`/a?${i}`) } });
    for (let i = 0; i < 2_000; i++) all.add({ order: { kind: 'invalidate', key: keyOf(`/${i}`) } });
    for (const subject of subjects) expect(all.about(subject)).toEqual([]);
    expect(compared).toBe(0);
    expect(all.about({ id: 'x', stored: responseTo('/a?7') })).toHaveLength(1);
    expect(compared).toBe(1);
  });
});
