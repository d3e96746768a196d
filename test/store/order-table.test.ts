import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CacheKey, groupKey, queryKey } from '../../src/key/cache-key.ts';
import { isAbout, type Subject } from '../../src/store/order-subject.ts';
import { gone, OrderTable, stands, type Verdict } from '../../src/store/order-table.ts';
import type { Order } from '../../src/store/orders.ts';
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
  { kind: 'purge', selection: { kind: 'tag', tag: 'red' } },
  { kind: 'purge', selection: { kind: 'all' }, expiredAt: 6 },
  { kind: 'purge', selection: { kind: 'tag', tag: 'g' }, expiredAt: 5 },
  { kind: 'purge', selection: { kind: 'tag', tag: 'g' }, expiredAt: 2 },
  { kind: 'purge', selection: { kind: 'one', id: '1' }, expiredAt: 3 },
  { kind: 'purge', selection: { kind: 'beginning', prefixes: [keyOf('/a/'), keyOf('/x')] } },
  { kind: 'purge', selection: { kind: 'targets', keys: [keyOf('/a'), keyOf('/d?u=2')] }, expiredAt: 4 },
  { kind: 'invalidate', key: keyOf('/d?u=3') },
  { kind: 'invalidate', key: keyOf('/d?x=1&u=9') },
  { kind: 'invalidate-group', group: groupKey(keyOf('/a'), 'g') },
  { kind: 'invalidate-group', group: `http:9:shop.test?["/d"]` as CacheKey },
];

/** By looking at every order there was. */
function naive(given: readonly Order[], subject: Subject, number: number): Verdict {
  const about = given.slice(number).filter((order) => isAbout(order, subject, shelfRules));
  const ends = about.flatMap((order) => (order.kind === 'purge' ? (order.expiredAt ?? []) : []));
  if (ends.length < about.length) return gone;
  return ends.length === 0 ? stands : { isGone: false, endedAt: Math.min(...ends) };
}

const softly = (expiredAt: number): Order => ({ kind: 'purge', selection: { kind: 'tag', tag: 'blue' }, expiredAt });
const table = (maxNames = 100): OrderTable => new OrderTable({ equivalence: shelfRules, maxNames });

describe('the table of orders', () => {
  it('says of a response what every order later than its number would', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...orders), { maxLength: 12 }), (given) => {
        const all = table();
        for (const [i, order] of given.entries()) all.add(i + 1, order);
        for (const subject of subjects)
          for (let number = 0; number <= given.length; number++)
            expect(all.verdict(subject, number)).toEqual(naive(given, subject, number));
      }),
    );
  });

  it('errs on one side when it may remember little: what it lets stand, no order was about', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...orders), { maxLength: 12 }),
        fc.integer({ min: 1, max: 3 }),
        (given, most) => {
          const small = table(most);
          for (const [i, order] of given.entries()) small.add(i + 1, order);
          for (const subject of subjects)
            for (let number = 0; number <= given.length; number++) {
              const verdict = small.verdict(subject, number);
              expect([gone, naive(given, subject, number)]).toContainEqual(verdict);
            }
        },
      ),
    );
  });

  it('ends a lifetime at the first of the times that later orders say', () => {
    const both = table();
    both.add(1, { kind: 'purge', selection: { kind: 'tag', tag: 'blue' }, expiredAt: 20 });
    both.add(2, { kind: 'purge', selection: { kind: 'all' }, expiredAt: 10 });
    const subject = subjects[1] ?? { id: '', stored: responseTo('/') };
    expect(both.verdict(subject, 0)).toEqual({ isGone: false, endedAt: 10 });
    expect(both.verdict(subject, 1)).toEqual({ isGone: false, endedAt: 10 });
    expect(both.verdict(subject, 2)).toBe(stands);
  });

  const blue: Subject = { id: '', stored: { ...responseTo('/'), tags: ['blue'] } };
  const endsOf = (marked: OrderTable, last: number): (number | undefined)[] =>
    Array.from({ length: last + 1 }, (_, number) => marked.verdict(blue, number).endedAt);

  it('leaves a lifetime at its end when the same is ordered once more: only what came between ends later', () => {
    const twice = table();
    twice.add(1, softly(10));
    twice.add(2, softly(20));
    expect(endsOf(twice, 2)).toEqual([10, 20, undefined]);
  });

  it('ends a lifetime at the earlier time where the later order comes from a clock behind', () => {
    const twice = table();
    twice.add(1, softly(20));
    twice.add(2, softly(10));
    expect(endsOf(twice, 2)).toEqual([10, 10, undefined]);
  });

  it('tells the last of many such orders apart, and has what is older end with the first of the others', () => {
    const many = table();
    for (let number = 1; number <= 6; number++) many.add(number, softly(number * 10));
    expect(endsOf(many, 6)).toEqual([10, 10, 10, 40, 50, 60, undefined]);
  });

  it('lets nothing stand below its floor', () => {
    const floored = table();
    floored.raiseFloor(5);
    const subject = { id: '', stored: responseTo('/') };
    expect([4, 5].map((number) => floored.verdict(subject, number))).toEqual([gone, stands]);
  });

  it('knows at least the orders about targets of one path, of which it tells few apart', () => {
    const many = table(1_000);
    for (let i = 1; i <= 100; i++) many.add(i, { kind: 'invalidate', key: keyOf(`/d?x=${i}`) });
    const other = {
      id: '',
      stored: { ...responseTo('/d?x=2'), search: { variation, significant: '["/d",["x","2"]]' } },
    };
    expect(many.verdict(other, 1)).toEqual(gone);
    expect(many.verdict({ id: '', stored: responseTo('/d?x=200') }, 1)).toEqual(stands);
  });

  it('takes what it forgets of more prefixes than it can hold for orders about everything', () => {
    const many = table();
    for (let i = 1; i <= 300; i++)
      many.add(i, { kind: 'purge', selection: { kind: 'beginning', prefixes: [keyOf(`/${i}/`)] } });
    const subject = { id: '', stored: responseTo('/a') };
    expect([many.verdict(subject, 10).isGone, many.verdict(subject, 100).isGone]).toEqual([true, false]);
  });
});
