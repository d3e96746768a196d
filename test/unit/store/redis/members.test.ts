import { describe, expect, it } from 'vitest';
import type { Order } from '../../../../src/store/orders.ts';
import { decodedName, encodedName, type Member, memberOf, RecentMembers } from '../../../../src/store/redis/members.ts';

const nonce = '0123456789abcdef';
const order = '{"kind":"purge","selection":{"kind":"all"}}';
const all: Order = { kind: 'purge', selection: { kind: 'all' } };

function member(number: number, text = `text ${number}`): Pick<Member, 'numbered' | 'text'> {
  return { numbered: { number, order: all }, text };
}

describe('a member of the log', () => {
  it('says who has given which order', () => {
    const instance = 'host:1 é';
    const text = `12:${encodedName(instance)}:${nonce}:${order}`;
    expect(memberOf(Buffer.from(text))).toEqual({ text, numbered: { number: 12, order: all }, instance, nonce });
  });

  it('is about everything where its order is not understood', () => {
    expect(memberOf(`12:a:${nonce}:{"kind":"of another version"}`)?.numbered).toEqual({ number: 12, order: all });
  });

  it.each(['', 'beat', `x:a:${nonce}:${order}`, `9999999999999999:a:${nonce}:${order}`, `12:a:short:${order}`])(
    'is none: %s',
    (text) => {
      expect(memberOf(text)).toBeUndefined();
    },
  );

  it('may name an instance in any way', () => {
    expect(decodedName('%zz')).toBe('%zz');
  });
});

describe('the members heard last', () => {
  it('are kept in the order in which they were heard, each once', () => {
    const recent = new RecentMembers();
    for (const number of [2, 1, 2]) recent.add(member(number));
    expect([recent.all(), recent.newest]).toEqual([['text 2', 'text 1'], 2]);
  });

  it('are kept up to a number, and up to so many characters', () => {
    const recent = new RecentMembers();
    for (let number = 1; number <= 2000; number++) recent.add(member(number));
    expect(recent.all()).toHaveLength(1024);
    recent.add(member(3000, 'x'.repeat(2 ** 20)));
    expect(recent.all()).toEqual(['x'.repeat(2 ** 20)]);
    expect(recent.newest).toBe(3000);
  });

  it('are forgotten one by one', () => {
    const recent = new RecentMembers();
    for (const number of [1, 2, 3]) recent.add(member(number));
    recent.forget([2, 7]);
    expect([recent.all(), recent.newest]).toEqual([['text 1', 'text 3'], 3]);
  });
});
