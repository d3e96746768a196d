import { describe, expect, it } from 'vitest';
import type { CacheKey } from '../../src/key/cache-key.ts';
import { aboutEverything, orderOfText, textOfOrder } from '../../src/store/order-text.ts';
import type { Order } from '../../src/store/orders.ts';
import type { StoreSelection } from '../../src/store/selection.ts';

const key = 'http:11:example.com/é"\n' as CacheKey;

const selections: readonly StoreSelection[] = [
  { kind: 'targets', keys: [key] },
  { kind: 'beginning', prefixes: ['http:11:example.com/a'] },
  { kind: 'tag', tag: 'news' },
  { kind: 'one', id: '17' },
  { kind: 'one', id: '17', key },
  { kind: 'all' },
];
const orders: readonly Order[] = [
  ...selections.flatMap((selection): Order[] => [
    { kind: 'purge', selection },
    { kind: 'purge', selection, expiredAt: 1_700_000_000_000.5 },
  ]),
  { kind: 'invalidate', key },
  { kind: 'invalidate-group', group: key },
];

describe('an order as a text', () => {
  it.each(orders)('is read as it was given: $kind', (order) => {
    expect(orderOfText(textOfOrder(order))).toEqual(order);
  });

  it('has no time of minus nothing, which would be written as nothing', () => {
    const order = orderOfText('{"kind":"purge","selection":{"kind":"all"},"expiredAt":-0}');
    expect(orderOfText(textOfOrder(order))).toStrictEqual(order);
  });

  it.each([
    '',
    'null',
    '[]',
    '{"kind":"purge"}',
    '{"kind":"purge","selection":{"kind":"targets","keys":"all"}}',
    '{"kind":"purge","selection":{"kind":"targets","keys":[1]}}',
    '{"kind":"purge","selection":{"kind":"one"}}',
    '{"kind":"purge","selection":{"kind":"one","id":"1","key":2}}',
    '{"kind":"purge","selection":{"kind":"of another version"}}',
    '{"kind":"purge","selection":{"kind":"all"},"expiredAt":"now"}',
    '{"kind":"invalidate"}',
    '{"kind":"invalidate-group","group":null}',
    '{"kind":"of another version"}',
  ])('may have been about anything where it is no order: %s', (text) => {
    expect(orderOfText(text)).toBe(aboutEverything);
  });

  it('is not parsed where it is longer than any order', () => {
    const keys = ['x'.repeat(2 ** 22)];
    expect(orderOfText(JSON.stringify({ kind: 'purge', selection: { kind: 'targets', keys } }))).toBe(aboutEverything);
  });
});
