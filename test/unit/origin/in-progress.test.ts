import { describe, expect, it } from 'vitest';
import { InProgress, type Neighbour } from '../../../src/origin/in-progress.ts';

class Named implements Neighbour<Named> {
  previous: Named | undefined;
  next: Named | undefined;
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

function listOf(...names: string[]): { list: InProgress<Named>; items: Named[] } {
  const list = new InProgress<Named>();
  const items = names.map((name) => new Named(name));
  for (const item of items) list.add(item);
  return { list, items };
}

describe('what is in progress', () => {
  it('stands in the order in which it began', () => {
    const { list } = listOf('a', 'b', 'c');
    expect([list.all().map(({ name }) => name), list.first?.name, list.size]).toEqual([['a', 'b', 'c'], 'a', 3]);
  });

  it.each([
    ['a', 'bc'],
    ['b', 'ac'],
    ['c', 'ab'],
  ])('goes on without %s', (gone, left) => {
    const { list, items } = listOf('a', 'b', 'c');
    for (const item of items) if (item.name === gone) list.delete(item);
    list.add(new Named('d'));
    expect([
      list
        .all()
        .map(({ name }) => name)
        .join(''),
      list.size,
    ]).toEqual([`${left}d`, 3]);
  });

  it('is empty when the last has gone, and may begin anew', () => {
    const { list, items } = listOf('a');
    for (const item of items) list.delete(item);
    expect([list.first, list.size, list.all()]).toEqual([undefined, 0, []]);
    for (const item of items) list.add(item);
    expect(list.all()).toEqual(items);
  });

  it('is not changed by what is not there', () => {
    const { list, items } = listOf('a', 'b');
    const [first] = items;
    list.delete(new Named('other'));
    if (first !== undefined) list.delete(first);
    if (first !== undefined) list.delete(first);
    expect([list.all().map(({ name }) => name), list.size]).toEqual([['b'], 1]);
  });

  it('is not pointed to by what is over', () => {
    const { list, items } = listOf('a', 'b', 'c');
    for (const item of items) list.delete(item);
    expect(items.every(({ previous, next }) => previous === undefined && next === undefined)).toBe(true);
  });
});
